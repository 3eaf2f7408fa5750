#include "io/sleep.h"

namespace naio {

namespace {

// Finishes the operation. A sleep has nothing to undo, and no other thread finishes it: only the thread with the
// CANCELING hold calls end_sleep, and only once, because the operation is plain.
void end_sleep(Aio* aio, void*, nng_err reason) { aio->finish({reason}); }

}  // namespace

void sleep(Aio& aio, nng_duration duration) noexcept {
    if (duration <= 0 && duration != NNG_DURATION_INFINITE) return aio.complete(NNG_OK);
    const Nanoseconds at = now();
    Limit limit = aio.take_limit(at);
    const Nanoseconds wake_up = duration != NNG_DURATION_INFINITE ? at + duration * kMillisecond : kNever;
    if (!limit.passed && wake_up <= limit.deadline)
        limit = {.deadline = wake_up, .expiry = naio::kAllTypes | Limit::kSucceeds};
    // If the start is refused, `start` reports the refusal to the callback.
    static_cast<void>(aio.start(kTotal, end_sleep, nullptr, limit));
}

}  // namespace naio
