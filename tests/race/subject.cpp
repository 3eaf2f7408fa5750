#include "subject.h"

#include <algorithm>

#include "provider.h"
#include "verdict.h"

namespace race {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr auto kSlept = static_cast<nng_err>(0x7ffe);  // the `result` of a sleep, which the library finishes

}  // namespace

void Subject::open(Provider& provider, bool no_callback, unsigned thread) {
    provider_ = &provider;
    no_callback_ = no_callback;
    random_ = Random(thread);
    verify(nng_aio_alloc(&aio_, no_callback ? nullptr : &called, this) == NNG_OK, "nng_aio_alloc succeeds");
    gone_.store(false, std::memory_order_relaxed);
}

Operation& Subject::submit(std::int64_t not_before) {
    const Number number = submitted() + 1;
    Operation& next = operation(number);
    next.prepare(aio_, provider_, number, not_before);
    submitted_.store(number, std::memory_order_release);
    return next;
}

std::int64_t Subject::apply(const Limit& limit) {
    if (limit.as_it_is) return kNever;
    if (limit.expire != 0) {
        nng_aio_set_expire(aio_, limit.expire);
        return static_cast<std::int64_t>(limit.expire) * kMillisecond;
    }
    nng_aio_set_timeout(aio_, limit.timeout);
    return limit.timeout >= 0 ? now_ns() + limit.timeout * kMillisecond : kNever;
}

bool Subject::start(const Limit& limit) {
    Operation& next = submit(apply(limit));
    const Number number = submitted();
    if (provider_->sleeps()) return sleep(next), true;
    if (provider_->start(next, number)) return true;
    if (no_callback_) raise(next.finished, number);
    return false;
}

bool Subject::start_again(nng_err result, const Limit& limit) {
    const Number before = submitted();
    const bool accepted = start(limit);
    if (result != NNG_ESTOPPED) return accepted;
    verify(!accepted || provider_->sleeps(), "a stopped handle refuses every start");
    submitted_.store(before, std::memory_order_relaxed);
    return false;
}

void Subject::sleep(Operation& operation) {
    constexpr nng_duration kDuration = 1;
    operation.result = kSlept;
    operation.asleep_until = now_ns() + kDuration * kMillisecond;
    nng_sleep_aio(kDuration, aio_);
}

void Subject::complete(nng_err result) {
    Operation& next = submit(kNever);
    next.result = result;
    nng_aio_reset(aio_);
    nng_aio_set_output(aio_, 0, reinterpret_cast<void*>(std::uintptr_t{submitted()}));
    nng_aio_finish(aio_, result);
}

bool Subject::finish(nng_err result) {
    const Number number = submitted_.load(std::memory_order_acquire);
    return number != 0 && provider_->finish(operation(number), number, result);
}

void Subject::finish_at_once(nng_err result) {
    const Number number = submitted_.load(std::memory_order_acquire);
    if (number != 0) provider_->finish_at_once(operation(number), number, result);
}

void Subject::free() {
    nng_aio_free(aio_);
    gone_.store(true, std::memory_order_relaxed);
    expect_rest();
}

void Subject::free_in_callback() {
    gone_.store(true, std::memory_order_relaxed);
    nng_aio_free(aio_);
}

void Subject::reap() {
    gone_.store(true, std::memory_order_relaxed);
    nng_aio_reap(aio_);
}

void Subject::call() {
    const Number number = called_.fetch_add(1, std::memory_order_relaxed) + 1;
    verify(!inside_.exchange(true, std::memory_order_relaxed), "the callbacks of a handle do not overlap");
    verify(number <= submitted(), "each submission leads to one callback, and to no more");
    Operation& mine = operation(number);
    mine.begun.store(true, std::memory_order_relaxed);
    verify(!mine.in_cancel.load(std::memory_order_relaxed), "no callback begins while the cancel function runs");
    const nng_err result = nng_aio_result(aio_);
    check(mine, number, result);
    if (plan_) plan_(*this, result);
    effects_ = number;
    inside_.store(false, std::memory_order_relaxed);
    ended_.store(number, std::memory_order_release);
}

void Subject::check(const Operation& mine, Number number, nng_err result) const {
    verify(result != NNG_ETIMEDOUT || now_ns() >= mine.not_before, "no timeout is early");
    if (mine.result == kUnfinished) {
        const bool refused = result == NNG_ESTOPPED || result == NNG_ETIMEDOUT;
        verify(refused && provider_->may_give(result), "the result of a refused start is one that the test can cause");
        verify(nng_aio_get_output(aio_, 0) == nullptr, "a refused start has no outputs");
    } else if (mine.result == kSlept) {
        verify(result != NNG_OK || now_ns() >= mine.asleep_until, "no sleep is short");
        verify(result == NNG_OK || provider_->may_give(result), "the result of a sleep is one that the test can cause");
    } else {
        verify(result == mine.result, "the result is the one that the provider passed to the finish");
        const auto tag = reinterpret_cast<void*>(std::uintptr_t{number});
        verify(nng_aio_get_output(aio_, 0) == tag, "the outputs are what the provider has set");
    }
}

void Subject::expect_rest() const {
    const Number number = submitted();
    if (!no_callback_)
        verify(effects_ == number, "the last callback has returned, and what it wrote can be seen");
    else if (!gone() && number != 0)
        check(operation(number), number, nng_aio_result(aio_));
}

bool Subject::at_rest() const {
    // Loads `ended_` before `submitted_`. In the other order, a callback could submit the next operation and return
    // between the two loads. Then both loads would give the number of the callback's operation, and at_rest would
    // return true although the next operation is in flight.
    const Number ended = ended_.load(std::memory_order_acquire);
    const Number number = submitted();
    if (!no_callback_) return ended == number;
    const Operation& last = operation(number);
    return last.finished.load(std::memory_order_acquire) == number && !last.in_cancel.load(std::memory_order_acquire);
}

}  // namespace race
