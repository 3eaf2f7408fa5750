#include "aio/aio.h"

#include <utility>

#include "aio/registry.h"
#include "aio/word_text.h"
#include "base/error.h"
#include "base/panic.h"

namespace word = naio::word;
using naio::Nanoseconds;
using naio::Services;
using naio::TaskList;
using naio::Timer;
using word::Step;
using word::Word;

namespace {

// Installs what `transition` makes of the word, whatever other threads do to it meanwhile; returns the word it was made
// of. Releases what the caller has written to the aio to whoever acts on the new word, and acquires the opposite.
// Sequentially consistent for the sake of start, see Timer.
template <class Transition>
Word update(std::atomic<Word>& state, Transition transition) noexcept {
    Word seen = state.load(std::memory_order_acquire);
    while (!state.compare_exchange_weak(seen, transition(seen), std::memory_order_seq_cst, std::memory_order_acquire)) {
    }
    return seen;
}

}  // namespace

nng_aio::nng_aio(Services& services, Callback callback, void* argument, void* home, bool closed) noexcept
    : Task(run),
      word_((callback == nullptr ? Word{word::kSilent} : 0) | (closed ? Word{word::kClosed} : 0)),
      services_(services),
      callback_(callback),
      argument_(argument),
      home_(home) {}

nng_aio::~nng_aio() {
    if (armed_.load(std::memory_order_relaxed)) services_.timer.disarm(timer_);
}

// The same for a transition that says what to do next. Waking those who wait is part of the change; the rest is left to
// the caller. Afterwards the aio may be gone, unless it is to be queued or destroyed.
template <class Transition>
Step nng_aio::take(Transition transition) noexcept {
    naio::ParkingLot& parking = services_.parking;
    Word seen = word_.load(std::memory_order_acquire);
    for (;;) {
        const Step step = transition(seen);
        const auto install = [&] {
            return word_.compare_exchange_weak(seen, step.word, std::memory_order_seq_cst, std::memory_order_acquire);
        };
        if (step.wake ? parking.wake_all_if(this, install) : install()) return step;
    }
}

template <class Transition>
void nng_aio::advance(Transition transition) noexcept {
    Services& services = services_;
    const Step step = take(transition);
    if (step.queue) services.tasks.submit(*this);
    if (step.destroy) services.registry.destroy(*this);
}

void nng_aio::broken(const char* call, const char* what) const noexcept {
    const Word w = word_.load(std::memory_order_relaxed);
    naio::panic("%s(%p): %s; state %s, last result %d (%s)", call, static_cast<const void*>(this), what,
                word::describe(w).data(), static_cast<int>(result_), naio::error_text(result_));
}

void nng_aio::require_up(const char* call) const noexcept {
    const auto state = services_.state.load(std::memory_order_relaxed);
    if (state == naio::LibraryState::kUp) [[likely]]
        return;
    require_not_forked(call);
    broken(call, "the library is not initialised");
}

void nng_aio::require_not_forked(const char* call) const noexcept {
    if (services_.state.load(std::memory_order_relaxed) == naio::LibraryState::kForked) [[unlikely]]
        broken(call, "the library cannot be used in a forked child");
}

// ---- the provider's side

void nng_aio::reset() noexcept {
    result_ = NNG_OK;
    count_ = 0;
    outputs_set_ = 0;
}

bool nng_aio::start(nng_aio_cancelfn cancel, void* argument, const char* call) noexcept {
    // The clock is read only if somebody cares.
    return start(cancel, argument, unlimited() ? Limit{} : take_limit(naio::now()), call);
}

bool nng_aio::start(nng_aio_cancelfn cancel, void* argument, const Limit& limit, const char* call) noexcept {
    Word seen = word_.load(std::memory_order_acquire);
    if (word::in_flight(seen)) [[unlikely]]
        broken(call, "an operation is in flight already");
    require_up(call);
    skipped_ = nullptr;
    // A callback that has just been told to stop and starts again knows already: telling it once more would never end.
    if (word::refuses(seen) && (seen & word::kRunning) != 0 && told_stopped_) return false;

    reset();
    cancel_ = cancel;
    cancel_argument_ = argument;
    expiry_result_ = limit.result;
    const bool timed = limit.deadline != naio::kNever && cancel != nullptr;
    deadline_.store(timed ? limit.deadline : naio::kNever, std::memory_order_relaxed);
    do {
        if (word::in_flight(seen)) [[unlikely]]
            broken(call, "an operation is in flight already");
        if (word::refuses(seen)) return refuse(NNG_ESTOPPED, call);
        if (limit.passed) return refuse(limit.result, call);
    } while (!word_.compare_exchange_weak(seen, word::start(seen, timed), std::memory_order_seq_cst,
                                          std::memory_order_acquire));
    if (timed) {
        // STARTING keeps the aio alive: the operation may be finished, and its handle freed, by any thread from now on.
        if (!Timer::leads_to(timer_, limit.deadline)) {
            armed_.store(true, std::memory_order_relaxed);
            services_.timer.arm(timer_, limit.deadline);
        }
        advance([](Word w) { return word::let_go(w, word::kStarting); });
    }
    return true;
}

// The operation does not begin; the callback says why.
bool nng_aio::refuse(nng_err result, const char* call) noexcept {
    complete(result, call);
    return false;
}

void nng_aio::finish(nng_err result, const char* call) noexcept {
    require_up(call);
    const Word seen = word_.load(std::memory_order_acquire);
    if ((seen & word::kDone) != 0) [[unlikely]]
        broken(call, "it is finished already");
    if ((seen & word::kPending) == 0) {
        static_cast<void>(take_expiry());
        if (skipped_ != nullptr) {
            result_ = result;
            *std::exchange(skipped_, nullptr) = true;
            return;
        }
        return complete(result, call);
    }
    result_ = result;
    advance([&](Word w) {
        if ((w & word::kPending) == 0) [[unlikely]]
            broken(call, "it is finished already");
        return word::finish(w);
    });
}

// Ends an operation that was never started.
void nng_aio::complete(nng_err result, const char* call) noexcept {
    result_ = result;
    advance([&](Word w) {
        if (word::in_flight(w)) [[unlikely]]
            broken(call, "an operation is in flight already");
        return word::complete(w);
    });
}

// ---- the callback

naio::Task* nng_aio::run(Task& task) noexcept {
    auto& aio = static_cast<nng_aio&>(task);
    update(aio.word_, word::run);
    aio.told_stopped_ = aio.result_ == NNG_ESTOPPED;
    aio.callback_(aio.argument_);
    Services& services = aio.services_;
    const Step step = aio.take([](Word w) { return word::let_go(w, word::kRunning); });
    if (step.destroy) services.registry.destroy(aio);
    return step.queue ? &aio : nullptr;
}

bool nng_aio::on_own_callback() const noexcept { return naio::TaskQueue::current() == this; }

// ---- the consumer's side

bool nng_aio::claim() noexcept { return word::claimable(update(word_, word::claim)); }

void nng_aio::end_claimed(nng_err reason) noexcept {
    if (cancel_ != nullptr) cancel_(this, cancel_argument_, reason);
    advance([](Word w) { return word::let_go(w, word::kCanceling); });
}

void nng_aio::abort(nng_err reason, const char* call) noexcept {
    require_not_forked(call);
    if (claim()) end_claimed(reason);
}

void nng_aio::stop(const char* call) noexcept {
    require_not_forked(call);
    update(word_, word::stop);
    abort(NNG_ESTOPPED, call);
    wait(call);
}

bool nng_aio::busy() const noexcept { return word::busy(word_.load(std::memory_order_acquire)); }

bool nng_aio::refuses() const noexcept { return word::refuses(word_.load(std::memory_order_acquire)); }

void nng_aio::wait(const char* call) noexcept {
    require_not_forked(call);
    if (!busy() || on_own_callback()) return;
    naio::ParkingLot::Waiter waiter(services_.parking, this);
    if (announce_wait()) waiter.sleep();
}

bool nng_aio::announce_wait() noexcept { return word::busy(update(word_, word::wait)); }

void nng_aio::free(const char* call) noexcept {
    if (on_own_callback()) return reap(call);
    if ((word_.load(std::memory_order_relaxed) & (word::kDoomed | word::kReaping)) != 0) [[unlikely]]
        broken(call, "it was freed or reaped already");
    stop(call);
    services_.registry.destroy(*this);
}

void nng_aio::reap(const char* call) noexcept {
    require_not_forked(call);
    Services& services = services_;
    bool pending = false;
    const Step step = take([&](Word w) {
        if ((w & (word::kDoomed | word::kReaping)) != 0) [[unlikely]]
            broken(call, "it was freed or reaped already");
        pending = (w & word::kPending) != 0;
        return word::reap(w);
    });
    if (step.destroy) services.registry.destroy(*this);
    if (!pending) return;
    // REAPING keeps the aio alive until the timer comes for it.
    armed_.store(true, std::memory_order_relaxed);
    services.timer.arm(timer_, Timer::kImmediately);
}

bool nng_aio::close() noexcept { return word::claimable(update(word_, word::close)); }

bool nng_aio::doomed() const noexcept { return (word_.load(std::memory_order_acquire) & word::kDoomed) != 0; }

void nng_aio::open() noexcept { update(word_, word::open); }

// ---- the timer and the reaper

Nanoseconds nng_aio::examine(naio::TimerEntry& entry, Nanoseconds at, Nanoseconds now) noexcept {
    nng_aio& aio = static_cast<Deadline&>(entry).aio;
    if (at == Timer::kImmediately) {
        aio.reaping_ = true;
        return Timer::kExpire;
    }
    Word seen = aio.word_.load(std::memory_order_seq_cst);
    while (word::claimable(seen)) {
        // If a later operation has set this deadline already, the word has changed and the claim below fails.
        const Nanoseconds deadline = aio.deadline_.load(std::memory_order_relaxed);
        if (deadline > now) return deadline;
        if (aio.word_.compare_exchange_weak(seen, word::claim(seen), std::memory_order_seq_cst)) return Timer::kExpire;
    }
    return naio::kNever;
}

void nng_aio::expire(naio::TimerEntry& entry, TaskList& ready) noexcept {
    nng_aio& aio = static_cast<Deadline&>(entry).aio;
    Services& services = aio.services_;
    Step step{};
    if (aio.reaping_) {
        aio.reaping_ = false;
        if (aio.claim()) aio.end_claimed(NNG_ESTOPPED);
        step = aio.take(word::reaped);
    } else {
        aio.cancel_(&aio, aio.cancel_argument_, aio.expiry_result_);
        step = aio.take([](Word w) { return word::let_go(w, word::kCanceling); });
    }
    if (step.queue) ready.push(aio);
    if (step.destroy) services.registry.destroy(aio);
}
