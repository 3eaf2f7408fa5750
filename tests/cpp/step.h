// An operation that waits for the test to end it, and can be cancelled.
#pragma once

#include <cstddef>
#include <mutex>
#include <naio/naio.hpp>

#include "support/event.h"
#include "support/provider.h"

namespace cpp {

// A Step runs one operation at a time. It is not transient, so no copy of a Step is started.
class Step : public naio::operation_base, public support::Provider<> {
  public:
    explicit Step(naio::cancel guarantee = naio::cancel::total) : guarantee_(guarantee) {}

    // Waits for a start that was refused and has not returned yet: such a start holds the lock.
    ~Step() { const std::lock_guard<std::mutex> lock(mutex_); }

    void start(nng_aio* aio) {
        start_under_lock(aio, [&] {
            const bool accepted = naio_aio_start(aio, naio::bits(guarantee_), &Step::cancel, nullptr, this);
            if (accepted) started_.set();
            return accepted;
        });
    }

    // Waits until the step has been started `times` times. Returns false if this takes too long.
    [[nodiscard]] bool started(int times = 1) { return started_.wait(times); }
    [[nodiscard]] int starts() const { return started_.count(); }

    // Returns false if no operation was running.
    bool finish(nng_err err = NNG_OK, std::size_t count = 0) { return Provider::finish(err, count); }

  private:
    static bool cancel(nng_aio* /*aio*/, void* arg, naio_cancel /*types*/, nng_err reason) {
        return static_cast<Step*>(arg)->finish(reason);
    }

    const naio::cancel guarantee_;
    support::Event started_;
};

static_assert(naio::operation<Step&>);

}  // namespace cpp
