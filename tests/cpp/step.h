// An operation that waits for the test to end it, and can be cancelled.
#pragma once

#include <cstddef>
#include <mutex>
#include <naio/naio.hpp>
#include <utility>

#include "support/event.h"

namespace cpp {

// It runs one operation at a time. It is not transient, so it is awaited and started where it is.
class Step : public naio::operation_base {
  public:
    explicit Step(naio::cancel guarantee = naio::cancel::total) : guarantee_(guarantee) {}
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

    // A start that was refused may not have returned yet. It holds the lock.
    ~Step() { const std::lock_guard<std::mutex> lock(mutex_); }

    void start(nng_aio* aio) {
        const std::lock_guard<std::mutex> lock(mutex_);
        const bool accepted = naio_aio_start(aio, naio::bits(guarantee_), &Step::cancel, nullptr, this);
        pending_ = accepted ? aio : nullptr;
        if (accepted) started_.set();
    }

    // Waits until it has been started `times` times.
    [[nodiscard]] bool started(int times = 1) { return started_.wait(times); }
    [[nodiscard]] int starts() const { return started_.count(); }

    // Returns false if the operation was over already.
    bool finish(nng_err err = NNG_OK, std::size_t count = 0) {
        nng_aio* const aio = claim();
        if (aio == nullptr) return false;
        naio_aio_finish(aio, err, count);
        return true;
    }

    // True if the operation is in flight.
    [[nodiscard]] bool pending() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return pending_ != nullptr;
    }

  private:
    nng_aio* claim() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return std::exchange(pending_, nullptr);
    }

    static bool cancel(nng_aio* /*aio*/, void* arg, naio_cancel /*types*/, nng_err reason) {
        return static_cast<Step*>(arg)->finish(reason);
    }

    const naio::cancel guarantee_;
    mutable std::mutex mutex_;
    nng_aio* pending_ = nullptr;
    support::Event started_;
};

static_assert(naio::operation<Step&>);

}  // namespace cpp
