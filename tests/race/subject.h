// A handle under test, its operations, and the rules that its callback checks in every test.
//
// At each time only one thread, or the callback, submits operations. A subject outlives its handle: open() gives it
// another handle.
#pragma once

#include <nng/nng.h>

#include <array>
#include <atomic>
#include <functional>

#include "operation.h"
#include "random.h"

namespace race {

// The timeout or deadline of an operation.
struct Limit {
    nng_duration timeout = NNG_DURATION_INFINITE;
    nng_time expire = 0;    // used instead of the timeout, if it is not 0
    bool as_it_is = false;  // another thread sets the timeout, to a time that is never reached
};
inline constexpr Limit kFar{.timeout = 60'000};  // no operation lasts so long, but the library has to arm the timer

class Subject {
  public:
    // The callback calls the plan with the result, after it has checked the rules.
    using Plan = std::function<void(Subject&, nng_err)>;

    Subject() = default;
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;

    void open(Provider& provider, bool no_callback = false, unsigned thread = 0);
    void set_plan(Plan plan) { plan_ = std::move(plan); }

    // start and complete submit an operation, which leads to one callback. start returns false if the provider's start
    // was refused; for a sleep it always returns true.
    bool start(const Limit& limit = {});
    void complete(nng_err result);

    // Starts an operation in the callback that has this result. If the result is NNG_ESTOPPED, the start is refused, no
    // callback follows, and start_again returns false.
    bool start_again(nng_err result, const Limit& limit = {});

    // finish and finish_at_once end the operation that was submitted last, unless it is over. finish does nothing
    // before the provider's start of the operation has returned. It returns true if this call has ended the operation.
    bool finish(nng_err result);
    void finish_at_once(nng_err result);

    void free();
    void free_in_callback();
    void reap();

    // REQUIRES: no thread submits. Checks that the handle is idle: every submitted operation has had its callback, and
    // this thread sees what the callbacks wrote.
    void expect_rest() const;

    // True if the last callback has returned. If the handle has no callback, true if the last finish has returned. The
    // handle may be gone.
    [[nodiscard]] bool at_rest() const;

    [[nodiscard]] nng_aio* aio() const { return aio_; }
    [[nodiscard]] bool gone() const { return gone_.load(std::memory_order_relaxed); }
    [[nodiscard]] Number submitted() const { return submitted_.load(std::memory_order_relaxed); }
    [[nodiscard]] Random& random() { return random_; }  // used by the submitter or the callback

  private:
    static void called(void* self) { static_cast<Subject*>(self)->call(); }
    void call();
    void check(const Operation& operation, Number number, nng_err result) const;

    void sleep(Operation& operation);
    Operation& submit(std::int64_t not_before);
    [[nodiscard]] std::int64_t apply(const Limit& limit);
    Operation& operation(Number number) { return operations_[number % kRing]; }
    [[nodiscard]] const Operation& operation(Number number) const { return operations_[number % kRing]; }

    static constexpr std::size_t kRing = 8;

    Provider* provider_ = nullptr;
    nng_aio* aio_ = nullptr;
    bool no_callback_ = false;
    Plan plan_;
    Random random_{0};
    std::atomic<bool> gone_{true};
    std::array<Operation, kRing> operations_;

    std::atomic<Number> submitted_{0};
    std::atomic<Number> called_{0};
    std::atomic<Number> ended_{0};
    std::atomic<bool> inside_{false};
    Number effects_ = 0;  // not atomic: a thread that has waited for the callback sees its writes
};

}  // namespace race
