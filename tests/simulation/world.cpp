#include "world.h"

#include <cstdio>
#include <cstdlib>

#include "platform.h"

namespace simulation {

unsigned patience_ms = 10'000;

namespace {

void must(int error, const char* call) {
    if (error == 0) return;
    std::fprintf(stderr, "%s: %s\n", call, nng_strerror(static_cast<nng_err>(error)));
    std::abort();
}

// The byte that stands at this place of all that is sent on a stream.
std::uint8_t byte_at(std::size_t place) { return static_cast<std::uint8_t>(place * 151 + place / 251); }

std::string describe(const Seen& seen) {
    std::array<char, 256> text;
    std::snprintf(
        text.data(), text.size(),
        "busy %d, callbacks %u, cancel calls %u (last: types %u, reason %d), releases %u, steps %u, skipped %d, "
        "cancelled %u, reason %d, result %d, count %zu, outcome %u, output %d",
        seen.busy, seen.callbacks, seen.cancel_calls, static_cast<unsigned>(seen.asked), seen.asked_reason,
        seen.releases, seen.steps, seen.skipped, static_cast<unsigned>(seen.cancelled), seen.reason, seen.result,
        seen.count, static_cast<unsigned>(seen.outcome), seen.output);
    return text.data();
}

}  // namespace

World::World() {
    must(nng_mtx_alloc(&pause_lock_), "nng_mtx_alloc");
    must(nng_cv_alloc(&pause_, pause_lock_), "nng_cv_alloc");
    must(naio_queue_alloc(&queue_), "naio_queue_alloc");
    for (unsigned place = 0; place < kAios; ++place) {
        handles_[place].world = this;
        handles_[place].place = place;
        make_handle(place);
    }
    for (unsigned which = 0; which < kSignals; ++which) make_signal(which);
    make_streams();
}

World::~World() {
    free_streams();
    for (Handle& handle : handles_) nng_aio_free(handle.aio);
    for (Signal& signal : signals_) naio_signal_free(signal.signal);
    naio_queue_free(queue_);
    nng_cv_free(pause_);
    nng_mtx_free(pause_lock_);
}

void World::make_handle(unsigned place) {
    Handle& handle = handles_[place];  // the callback of one that was reaped may use it
    handle.skipped = false;
    must(nng_aio_alloc(&handle.aio, Model::has_callback(place) ? call_back : nullptr, &handle), "nng_aio_alloc");
}

void World::make_signal(unsigned which) {
    must(naio_signal_alloc(&signals_[which].signal, which == 1 ? NAIO_SIGNAL_SCOPE : 0), "naio_signal_alloc");
}

void World::make_streams() {
    int descriptors[kStreams];
    must(nng_socket_pair(descriptors), "nng_socket_pair");
    nng_stream_listener* listener = nullptr;
    must(nng_stream_listener_alloc(&listener, "socket://"), "nng_stream_listener_alloc");
    must(nng_stream_listener_listen(listener), "nng_stream_listener_listen");
    nng_aio* aio = nullptr;
    must(nng_aio_alloc(&aio, nullptr, nullptr), "nng_aio_alloc");
    for (unsigned s = 0; s < kStreams; ++s) {
        must(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, descriptors[s]), "NNG_OPT_SOCKET_FD");
        nng_stream_listener_accept(listener, aio);
        nng_aio_wait(aio);
        must(nng_aio_result(aio), "nng_stream_listener_accept");
        streams_[s] = static_cast<nng_stream*>(nng_aio_get_output(aio, 0));
    }
    nng_aio_free(aio);
    nng_stream_listener_free(listener);
}

void World::free_streams() {
    for (nng_stream* stream : streams_) nng_stream_free(stream);
}

// ---- what runs on the library's threads

void World::call_back(void* argument) {
    auto& handle = *static_cast<Handle*>(argument);
    if (handle.in_callback.fetch_add(1) != 0) handle.misordered = true;
    {
        const std::scoped_lock lock(handle.world->mutex_);
        handle.world->order_.push_back(handle.place);
    }
    ++handle.callbacks;
    handle.in_callback.fetch_sub(1);
}

void World::cancel_plain(nng_aio* aio, void* argument, nng_err reason) {
    auto& handle = *static_cast<Handle*>(argument);
    handle.asked = 0;
    handle.asked_reason = reason;
    ++handle.cancel_calls;
    if (handle.policy == Policy::kFinish) nng_aio_finish(aio, reason);
}

bool World::cancel_typed(nng_aio* aio, void* argument, naio_cancel types, nng_err reason) {
    auto& handle = *static_cast<Handle*>(argument);
    handle.asked = types;
    handle.asked_reason = reason;
    ++handle.cancel_calls;
    if (handle.policy == Policy::kFinish) naio_aio_finish(aio, reason, 0);
    return handle.policy != Policy::kDecline;
}

void World::release(void* argument) {
    auto& handle = *static_cast<Handle*>(argument);
    if (handle.in_callback != 0) handle.misordered = true;
    ++handle.releases;
}

// Starts as many operations of the provider as are left, one after the other, unless one fails.
void World::step(naio_op* op, void* argument, nng_err result, std::size_t) {
    auto& handle = *static_cast<Handle*>(argument);
    nng_aio* const child = naio_op_child(op);
    const bool is_first = handle.target != child;
    if (!is_first && result == NNG_OK) ++handle.steps_done;
    if (result != NNG_OK || handle.steps_left == 0) return naio_op_finish(op, result, handle.steps_done);
    --handle.steps_left;
    handle.target = child;
    if (naio_aio_start(child, NAIO_CANCEL_TOTAL, cancel_typed, nullptr, &handle)) ++handle.steps;
}

bool World::handle_request(void* argument, naio_cancel) {
    auto& signal = *static_cast<Signal*>(argument);
    ++signal.calls;
    return signal.accepts;
}

// ---- calls

void World::drain_queue() {
    while (naio_queue_run(queue_, NNG_DURATION_ZERO) != 0) {
    }
}

void World::set_memory(Handle& handle, const Call& call) {
    const bool sends = call.what == Do::kSend || call.what == Do::kSendAll;
    const auto size = static_cast<std::size_t>(call.value);
    handle.memory.assign(size, 0);
    if (sends)
        for (std::size_t i = 0; i < size; ++i) handle.memory[i] = byte_at(sent_[call.other] + i);
    const std::size_t half = size / 2;  // in two pieces
    const nng_iov pieces[] = {{handle.memory.data(), half}, {handle.memory.data() + half, size - half}};
    must(nng_aio_set_iov(handle.aio, 2, pieces), "nng_aio_set_iov");
}

std::optional<std::int64_t> World::make(const Call& call) {
    Handle& handle = handles_[call.aio];
    nng_aio* const aio = handle.aio;
    Signal& signal = signals_[call.other % kSignals];
    nng_stream* const stream = streams_[call.other % kStreams];
    const auto code = static_cast<nng_err>(call.value);
    switch (call.what) {
        case Do::kFree:
            nng_aio_free(aio);
            drain_queue();
            make_handle(call.aio);
            break;
        case Do::kReap:
            nng_aio_reap(aio);
            make_handle(call.aio);
            break;
        case Do::kStop:
            nng_aio_stop(aio);
            drain_queue();
            break;
        case Do::kClose:
            naio_aio_close(aio);
            break;
        case Do::kWaitUntil:
            return naio_aio_wait_until(aio, 0);
        case Do::kSetTimeout:
            nng_aio_set_timeout(aio, call.value);
            break;
        case Do::kSetExpire:
            nng_aio_set_expire(aio, nng_clock() + static_cast<nng_time>(call.value));
            break;
        case Do::kLimit:
            naio_aio_limit(aio, nng_clock() + static_cast<nng_time>(call.value));
            break;
        case Do::kSetTimeoutTypes:
            naio_aio_set_timeout_types(aio, call.types);
            break;
        case Do::kSkipCallback:
            nng_aio_skip_callback(aio, &handle.skipped);
            break;
        case Do::kStart:
            handle.policy = call.policy;
            handle.target = aio;
            nng_aio_start(aio, call.policy == Policy::kNone ? nullptr : cancel_plain, &handle);
            break;
        case Do::kStartTyped:
            handle.policy = call.policy;
            handle.target = aio;
            naio_aio_start(aio, call.types, cancel_typed, call.value != 0 ? release : nullptr, &handle);
            break;
        case Do::kFinish:
            must(nng_aio_set_output(handle.target, 0, this), "nng_aio_set_output");
            naio_aio_finish(handle.target, code, call.types);
            break;
        case Do::kFinishSync:
            naio_aio_finish_sync(aio, code, call.types);
            break;
        case Do::kComplete:
            nng_aio_reset(aio);
            naio_aio_finish(aio, code, call.types);
            break;
        case Do::kSleep:
            nng_sleep_aio(call.value, aio);
            break;
        case Do::kCancel:
            nng_aio_cancel(aio);
            break;
        case Do::kAbort:
            nng_aio_abort(aio, code);
            break;
        case Do::kCancelTyped:
            return naio_aio_cancel(aio, call.types, code);
        case Do::kPermit:
            return naio_aio_permit(aio, call.types);
        case Do::kAcknowledge:
            return naio_aio_acknowledge(aio, call.types);
        case Do::kSetQueue:
            naio_aio_set_queue(aio, call.value != 0 ? queue_ : nullptr);
            break;
        case Do::kRunQueue:
            return static_cast<std::int64_t>(naio_queue_run(queue_, NNG_DURATION_ZERO));
        case Do::kBind:
            naio_aio_bind_slot(aio, call.other == kNoSignal ? nullptr : naio_signal_slot(signal.signal), call.types);
            break;
        case Do::kEmit:
            return naio_signal_emit(signal.signal, call.types);
        case Do::kAssign:
            signal.accepts = call.value != 0;
            naio_slot_assign(naio_signal_slot(signal.signal), handle_request, &signal);
            break;
        case Do::kClearSlot:
            naio_slot_clear(naio_signal_slot(signal.signal));
            break;
        case Do::kNewSignal:
            naio_signal_free(signal.signal);
            make_signal(call.other);
            break;
        case Do::kSend:
            set_memory(handle, call);
            nng_stream_send(stream, aio);
            break;
        case Do::kSendAll:
            set_memory(handle, call);
            naio_stream_send_all(stream, aio, call.types);
            break;
        case Do::kRecv:
            set_memory(handle, call);
            nng_stream_recv(stream, aio);
            break;
        case Do::kRecvAll:
            set_memory(handle, call);
            naio_stream_recv_all(stream, aio, call.types);
            break;
        case Do::kShutdown:
            naio_stream_shutdown(stream, aio);
            break;
        case Do::kCloseStream:
            nng_stream_close(stream);
            break;
        case Do::kNewStreams:
            free_streams();
            make_streams();
            break;
        case Do::kCompose:
            handle.policy = call.policy;
            handle.steps_left = call.value;
            handle.steps_done = 0;
            handle.target = nullptr;
            must(naio_compose(aio, call.types, step, release, &handle), "naio_compose");
            break;
        case Do::kEnd:
            break;
    }
    return std::nullopt;
}

void World::remember_sent(const Model& model) {
    for (unsigned s = 0; s < kStreams; ++s) sent_[s] = model.sent(s);
}

// ---- what is seen

Seen World::see(const Handle& handle, const Model& model) const {
    Seen seen;
    seen.busy = nng_aio_busy(handle.aio);
    seen.cancel_calls = handle.cancel_calls;
    seen.callbacks = handle.callbacks;
    seen.releases = handle.releases;
    seen.steps = handle.steps;
    seen.asked = static_cast<Types>(handle.asked.load());
    seen.asked_reason = handle.asked_reason;
    seen.skipped = handle.skipped;
    if (model.typed_in_flight(handle.place) && seen.busy) {
        seen.cancelled = static_cast<Types>(naio_aio_cancelled(handle.aio));
        seen.reason = naio_aio_reason(handle.aio);
    }
    if (seen.busy) return seen;
    seen.result = nng_aio_result(handle.aio);
    seen.count = nng_aio_count(handle.aio);
    seen.outcome = static_cast<Types>(naio_aio_outcome(handle.aio));
    seen.output = nng_aio_get_output(handle.aio, 0) != nullptr;
    return seen;
}

std::string World::wrong_bytes(const Model& model, unsigned place) const {
    const auto first = model.first_byte(place);
    if (!first || !model.idle(place)) return {};
    const Handle& handle = handles_[place];
    for (std::size_t i = 0; i < nng_aio_count(handle.aio); ++i)
        if (handle.memory[i] != byte_at(*first + i)) return "a byte that was received is not the one that was sent";
    return {};
}

std::string World::wrong(const Model& model) {
    for (unsigned place = 0; place < kAios; ++place) {
        Handle& handle = handles_[place];
        const Seen expected = model.seen(place);
        // A wait might run the queue.
        if (!expected.busy && model.queue_is_empty()) nng_aio_wait(handle.aio);
        const Seen seen = see(handle, model);
        const std::string aio = "aio " + std::to_string(place) + ": ";
        if (seen != expected) return aio + "\n  expected " + describe(expected) + "\n  seen     " + describe(seen);
        if (handle.misordered) return aio + "two callbacks at once, or a callback before the release function";
        if (const std::string bytes = wrong_bytes(model, place); !bytes.empty()) return aio + bytes;
    }
    if (is_readable(naio_queue_fd(queue_)) == model.queue_is_empty())
        return "the queue's descriptor is not as its callbacks are";
    for (unsigned s = 0; s < kSignals; ++s)
        if (signals_[s].calls != model.handler_calls(s))
            return "signal " + std::to_string(s) + ": its function was called " + std::to_string(signals_[s].calls) +
                   " times instead of " + std::to_string(model.handler_calls(s));
    return {};
}

// What is to be seen at once is looked at first. What other threads have yet to do is waited for.
std::string World::compare(const Model& model) {
    const nng_time end = nng_clock() + patience_ms;
    for (unsigned looks = 0;; ++looks) {
        std::string what = wrong(model);
        if (what.empty() || nng_clock() > end) return what;
        looks < 30 ? let_others_run() : pause();
    }
}

// Sleeps for a millisecond on the library's clock, which may be simulated.
void World::pause() {
    nng_mtx_lock(pause_lock_);
    nng_cv_until(pause_, nng_clock() + 1);
    nng_mtx_unlock(pause_lock_);
}

std::string World::finish(const Model& before) {
    Model model = before;
    Program rest;
    for (std::uint8_t place = 0; place < kAios; ++place) {
        if (model.of_provider(place)) rest.push_back({.what = Do::kFinish, .aio = place, .value = NNG_ECLOSED});
        rest.push_back({.what = Do::kStop, .aio = place});
    }
    for (const Call& call : rest) {
        model.apply(call);
        make(call);
        if (std::string what = compare(model); !what.empty()) return "at the end: " + text(call) + ": " + what;
    }
    return {};
}

std::string run(const Program& program, std::atomic<std::size_t>& at) {
    Model model;
    auto owner = std::make_unique<World>();
    World& world = *owner;
    for (std::size_t i = 0; i < program.size(); ++i) {
        at = i;
        const Call& call = program[i];
        if (!model.allows(call)) continue;
        world.remember_sent(model);
        const auto expected = model.apply(call);
        const auto returned = world.make(call);
        std::string what;
        if (expected && returned != expected)
            what = "it returned " + std::to_string(returned.value_or(0)) + " instead of " + std::to_string(*expected);
        if (what.empty()) what = world.compare(model);
        if (what.empty()) continue;
        static_cast<void>(owner.release());  // its handles may never become idle
        return what;
    }
    std::string what = world.finish(model);
    if (!what.empty()) static_cast<void>(owner.release());
    return what;
}

}  // namespace simulation
