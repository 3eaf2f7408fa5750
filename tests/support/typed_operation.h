// A provider's operation with a typed cancel function, and a record of the requests to it.
//
// The destructor of TypedOperation checks, in every test, that no two threads were inside the cancel function at once,
// that no thread was inside it after the release, and that each operation had exactly one release.
#pragma once

#include <gtest/gtest.h>
#include <naio/naio.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "support/event.h"
#include "support/provider.h"

namespace support {

inline constexpr naio_cancel kNone = NAIO_CANCEL_NONE;
inline constexpr naio_cancel kTerminal = NAIO_CANCEL_TERMINAL;
inline constexpr naio_cancel kPartial = NAIO_CANCEL_PARTIAL;
inline constexpr naio_cancel kTotal = NAIO_CANCEL_TOTAL;
inline constexpr naio_cancel kAll = NAIO_CANCEL_ALL;

struct Call {
    naio_cancel types;
    nng_err reason;
    bool operator==(const Call&) const = default;
};
using Calls = std::vector<Call>;

// A cancel function: passes the request on to the operations that are bound to the handle's own slot, and declines it.
inline bool passes_on_and_declines(nng_aio* aio, void* /*arg*/, naio_cancel types, nng_err reason) {
    naio_aio_forward(aio, types, reason);
    return false;
}

class TypedOperation : public Provider<> {
  public:
    using OnCancel = std::function<bool(TypedOperation&, naio_cancel, nng_err)>;

    // Called by the cancel function. Set it before the start.
    OnCancel on_cancel = finishes;
    bool has_release = true;

    static bool finishes(TypedOperation& operation, naio_cancel, nng_err reason) {
        operation.finish(reason);
        return true;
    }
    static bool takes_up(TypedOperation&, naio_cancel, nng_err) { return true; }
    static bool declines(TypedOperation&, naio_cancel, nng_err) { return false; }

    TypedOperation() = default;
    explicit TypedOperation(OnCancel policy) : on_cancel(std::move(policy)) {}
    ~TypedOperation() {
        EXPECT_FALSE(overlapped_) << "two threads were inside the cancel function";
        EXPECT_FALSE(late_) << "the cancel function was called after the release";
        EXPECT_EQ(starts_.load(), releases_.count()) << "a release for each operation";
    }

    bool start(nng_aio* aio, naio_cancel guarantee) {
        return start_under_lock(aio, [&] {
            calls_.clear();
            released_ = false;
            const bool accepted = naio_aio_start(aio, guarantee, &TypedOperation::cancel,
                                                 has_release ? &TypedOperation::release : nullptr, this);
            if (accepted && has_release) ++starts_;
            return accepted;
        });
    }

    // Finishes the operation. False if no operation is pending, for example because it was finished already.
    bool finish(nng_err result = NNG_OK, size_t count = 0) { return Provider::finish(result, count); }

    // These functions return 0 if no operation is pending.
    naio_cancel permit(naio_cancel guarantee) {
        const std::lock_guard<std::mutex> lock(mutex_);
        return pending_ != nullptr ? naio_aio_permit(pending_, guarantee) : 0;
    }
    naio_cancel cancelled() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return pending_ != nullptr ? naio_aio_cancelled(pending_) : 0;
    }
    naio_cancel acknowledge(naio_cancel clear = 0) {
        const std::lock_guard<std::mutex> lock(mutex_);
        return pending_ != nullptr ? naio_aio_acknowledge(pending_, clear) : 0;
    }
    nng_err reason() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return pending_ != nullptr ? naio_aio_reason(pending_) : NNG_OK;
    }

    [[nodiscard]] Calls calls() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return calls_;
    }
    [[nodiscard]] bool asked(int times = 1) { return asked_.wait(times); }
    [[nodiscard]] bool stays_unasked() { return asked_.stays_away(asked_.count() + 1); }
    [[nodiscard]] int releases() const { return releases_.count(); }

  private:
    static bool cancel(nng_aio*, void* self, naio_cancel types, nng_err reason) {
        return static_cast<TypedOperation*>(self)->cancel(types, reason);
    }
    bool cancel(naio_cancel types, nng_err reason) {
        if (inside_.exchange(true)) overlapped_ = true;
        if (released_) late_ = true;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            calls_.push_back({types, reason});
        }
        asked_.set();
        const bool taken = on_cancel(*this, types, reason);
        inside_ = false;
        return taken;
    }

    static void release(void* self) {
        auto& operation = *static_cast<TypedOperation*>(self);
        if (operation.inside_) operation.late_ = true;
        operation.released_ = true;
        operation.releases_.set();
    }

    Calls calls_;
    std::atomic<int> starts_{0};
    std::atomic<bool> inside_{false};
    std::atomic<bool> released_{false};
    std::atomic<bool> overlapped_{false};
    std::atomic<bool> late_{false};
    Event asked_;
    Event releases_;
};

}  // namespace support
