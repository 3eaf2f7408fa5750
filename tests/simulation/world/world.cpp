#include "world.h"

#include "must.h"

namespace simulation {

World::World() {
    must(nng_mtx_alloc(&pause_lock_), "nng_mtx_alloc");
    must(nng_cv_alloc(&pause_, pause_lock_), "nng_cv_alloc");
    must(naio_queue_alloc(&queue_), "naio_queue_alloc");
    for (unsigned place = 0; place < kPlaces; ++place) {
        handles_[place].world = this;
        handles_[place].place = place;
        if (place < kAios) make_handle(place);
    }
    for (unsigned which = 0; which < kGroups; ++which) make_group(which);
    must(nng_aio_alloc(&probe_, nullptr, nullptr), "nng_aio_alloc");
    for (unsigned which = 0; which < kSignals; ++which) make_signal(which);
    make_streams();
}

World::~World() {
    free_streams();
    for (unsigned place = 0; place < kAios; ++place) nng_aio_free(handles_[place].aio);
    for (naio_group* group : groups_) naio_group_free(group);
    nng_aio_free(probe_);
    for (Signal& signal : signals_) naio_signal_free(signal.signal);
    naio_queue_free(queue_);
    nng_cv_free(pause_);
    nng_mtx_free(pause_lock_);
}

void World::make_handle(unsigned place) {
    Handle& handle = handles_[place];  // the callback of a reaped handle may still use it
    handle.skipped = handle.in_queue = false;
    handle.again = 0;
    must(nng_aio_alloc(&handle.aio, Model::has_callback(place) ? call_back : nullptr, &handle), "nng_aio_alloc");
}

void World::make_signal(unsigned which) {
    must(naio_signal_alloc(&signals_[which].signal, which == 1 ? NAIO_SIGNAL_SCOPE : 0), "naio_signal_alloc");
}

void World::drain_queue() {
    while (naio_queue_run(queue_, NNG_DURATION_ZERO) != 0) {
    }
}

std::optional<std::int64_t> World::make(const Call& call) {
    Handle& handle = handles_[call.aio];
    nng_aio* const aio = handle.aio;
    Signal& signal = signals_[call.other % kSignals];
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
        case Do::kAgain:
            handle.then = call.then;
            handle.again = static_cast<unsigned>(call.value);
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
            handle.in_queue = call.value != 0;
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
        case Do::kSendAll:
        case Do::kRecv:
        case Do::kRecvAll:
        case Do::kShutdown:
        case Do::kCloseStream:
        case Do::kNewStreams:
            make_on_stream(call);
            break;
        case Do::kGroupStart:
        case Do::kGroupSeal:
        case Do::kNewGroup:
            make_on_group(call);
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

}  // namespace simulation
