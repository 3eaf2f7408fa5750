// Compares all that can be seen after a call with the model.
#include <cstdio>

#include "platform.h"
#include "world.h"

namespace simulation {

namespace {

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

unsigned patience_ms = 10'000;

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
    // The operation that the model sees may be one that a callback has yet to start.
    const bool is_last = seen.callbacks == model.seen(handle.place).callbacks;
    if (model.typed_in_flight(handle.place) && seen.busy && is_last) {
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

std::string World::wrong(const Model& model) {
    for (unsigned place = 0; place < kPlaces; ++place) {
        if (!model.is_touched(place)) continue;
        Handle& handle = handles_[place];
        const Seen expected = model.seen(place);
        // If callbacks are in the queue, the wait might run them.
        if (!expected.busy && model.queue_is_empty()) nng_aio_wait(handle.aio);
        const Seen seen = see(handle, model);
        const std::string aio = "aio " + std::to_string(place) + ": ";
        if (seen != expected) return aio + "\n  expected " + describe(expected) + "\n  seen     " + describe(seen);
        if (handle.misordered)
            return aio + "two callbacks ran at the same time, or one began before the release function had returned";
        if (const std::string bytes = wrong_bytes(model, place); !bytes.empty()) return aio + bytes;
    }
    if (is_readable(naio_queue_fd(queue_)) == model.queue_is_empty())
        return "the queue's descriptor does not show whether callbacks wait in the queue";
    if (std::string order = wrong_order(model); !order.empty()) return order;
    for (unsigned s = 0; s < kSignals; ++s)
        if (signals_[s].calls != model.handler_calls(s))
            return "signal " + std::to_string(s) + ": its function was called " + std::to_string(signals_[s].calls) +
                   " times instead of " + std::to_string(model.handler_calls(s));
    return {};
}

// Compares again and again until all is as in the model, because other threads may have steps to take, or until
// `patience` milliseconds have passed.
std::string World::compare(const Model& model, unsigned patience) {
    const nng_time end = nng_clock() + patience;
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

}  // namespace simulation
