// A provider, as a program may write it with nng_aio_start and nng_aio_finish. It records the calls of its cancel
// function.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "support/clock.h"
#include "support/event.h"
#include "support/provider.h"

namespace support {

class Operation : public Provider<> {
  public:
    enum class OnCancel { Finish, Ignore };

    explicit Operation(OnCancel policy = OnCancel::Finish) : policy_(policy) {}

    // Waits until each call of the cancel function is about to return. A test that has reaped a handle without a
    // callback cannot wait for that itself, because no callback tells it that the handle is idle.
    ~Operation() { EXPECT_TRUE(left_.wait(cancels())); }

    // Called at the beginning of the cancel function, with no lock held. Set it before the start.
    std::function<void(nng_aio*, nng_err)> on_cancel;

    bool start(nng_aio* aio) { return start_with(aio, &Operation::cancel); }

    // Starts with a NULL cancel function, so that only finish() ends the operation.
    bool start_uncancellable(nng_aio* aio) { return start_with(aio, nullptr); }

    // Returns the number of calls of the cancel function that have begun.
    [[nodiscard]] int cancels() const { return cancelled_.count(); }
    [[nodiscard]] bool cancelled(int times = 1) { return cancelled_.wait(times); }
    [[nodiscard]] bool stays_uncancelled() { return cancelled_.stays_away(cancels() + 1); }

    // Return the arguments, the thread and the time of the latest call of the cancel function.
    [[nodiscard]] nng_err reason() const { return locked(reason_); }
    [[nodiscard]] nng_aio* cancelled_aio() const { return locked(cancelled_aio_); }
    [[nodiscard]] std::thread::id cancel_thread() const { return locked(cancel_thread_); }
    [[nodiscard]] std::int64_t cancel_time() const { return locked(cancel_time_); }

  private:
    bool start_with(nng_aio* aio, nng_aio_cancelfn fn) {
        return start_under_lock(aio, [&] { return nng_aio_start(aio, fn, this); });
    }

    static void cancel(nng_aio* aio, void* arg, nng_err reason) { static_cast<Operation*>(arg)->cancel(aio, reason); }

    void cancel(nng_aio* aio, nng_err reason) {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            reason_ = reason;
            cancelled_aio_ = aio;
            cancel_thread_ = std::this_thread::get_id();
            cancel_time_ = monotonic_ns();
        }
        cancelled_.set();
        if (on_cancel) on_cancel(aio, reason);
        if (policy_ == OnCancel::Finish) finish(reason);
        left_.set();
    }

    template <class T>
    T locked(const T& field) const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return field;
    }

    const OnCancel policy_;
    nng_err reason_ = NNG_OK;
    nng_aio* cancelled_aio_ = nullptr;
    std::thread::id cancel_thread_;
    std::int64_t cancel_time_ = 0;
    Event cancelled_;  // the cancel function has begun
    Event left_;       // the cancel function is about to return
};

}  // namespace support
