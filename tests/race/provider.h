// Providers of several styles. A test finishes or cancels their operations.
#pragma once

#include <nng/nng.h>

#include <mutex>

#include "operation.h"

namespace race {

class Courier;

enum class Style {
    kLocked,     // a lock, held across the start, and a list; cancel unlinks the operation and finishes it
    kLockless,   // cancel and finish claim the operation with one atomic exchange
    kLingering,  // as kLocked, but cancel finishes with the lock held, and returns a while after that
    kStubborn,   // cancel does not finish, and another thread finishes the operation later, with a result of its own
    kPosting,    // cancel claims the operation, and another thread finishes it
    kSleeping,   // nng_sleep_aio: an operation of the library, which ends when its time has passed
};
inline constexpr Style kStyles[] = {Style::kLocked,   Style::kLockless, Style::kLingering,
                                    Style::kStubborn, Style::kPosting,  Style::kSleeping};
[[nodiscard]] const char* name(Style style);

class Provider {
  public:
    // `reasons`: the bits (see bit()) of the reasons that cancel functions may get, and for which a start may be
    // refused.
    Provider(Style style, Courier& courier, unsigned reasons) : style_(style), courier_(courier), reasons_(reasons) {}
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;

    bool start(Operation& operation, Number number);

    // Takes over the duty to finish the operation; returns false if another thread has taken it.
    [[nodiscard]] bool take(Operation& operation, Number number);

    // Finishes the operation that was taken.
    void end(Operation& operation, Number number, nng_err result);

    // Takes and ends the operation if its start is known to have been accepted. True if this call has ended the
    // operation.
    bool finish(Operation& operation, Number number, nng_err result);

    // Takes and ends the operation if the aio is busy, even if the start has not returned yet. REQUIRES: the start is
    // not refused.
    void finish_at_once(Operation& operation, Number number, nng_err result);

    [[nodiscard]] bool may_give(nng_err reason) const;
    [[nodiscard]] bool sleeps() const { return style_ == Style::kSleeping; }

  private:
    static void cancel(nng_aio* aio, void* argument, nng_err reason);
    void on_cancel(Operation& operation, Number number, nng_err reason);

    [[nodiscard]] bool has_list() const { return style_ == Style::kLocked || style_ == Style::kLingering; }
    [[nodiscard]] bool unlink(Operation& operation, Number number);

    const Style style_;
    Courier& courier_;
    const unsigned reasons_;

    std::mutex mutex_;
    Operation* waiting_ = nullptr;  // the list, guarded by mutex_
};

// Returns the bit of a reason.
[[nodiscard]] unsigned bit(nng_err reason);
inline constexpr unsigned kAnyReason = ~0u;

}  // namespace race
