// The fields of an operation. The table says which thread may read or write which field, and when:
//
//    fields                            written by                                     read by
//    state_                            any thread, by compare-exchange                any thread
//    services_, callback_, argument_,  the constructor                                any thread
//      home_
//    cancel_, cancel_argument_         start, before PENDING                          the thread that is CANCELING
//    release_, cancel_argument_        start, before PENDING                          run, before the callback
//    deferred_, and NNG 1's            start, before PENDING; defer; deferred_:       the thread that is CANCELING;
//      cancel_argument_                the thread that is CANCELING                   defer
//    deadline_, expiry_                start, before PENDING                          the timer, at any time; expiry_:
//                                                                                     also permit and asked
//    expire_, limit_, limited_         any thread, at any time; start, and a          start
//                                      completion without a start, reset them.
//                                      After reap_then: an EndReport, which no
//                                      thread changes any more
//    result_, count_, message_,        the owner                                      the owner
//      outputs_set_, skips_, skipped_
//    reason_                           start of a plain operation and refused         any thread, if has_reason() and
//                                      start, before the transition; the thread       not coded_reason() (typed: under
//                                      whose request is accepted first, unless the    that lock)
//                                      state has the reason (typed: under the lock of
//                                      the handle's parking bucket)
//    queue_                            the owner, while the handle is not busy        the owner; the thread that queues
//                                                                                     the operation; waiters:
//                                                                                     retain_queue
//    target()                          the owner, while nothing is in flight; links   the owner; emissions of the slot,
//                                      and claims: under the slot's lock              under its lock; slot: any thread
//    own_slot_                         the first thread that needs it, once           any thread
//    linked_                           the thread that binds the handle or makes      start; the destructor
//                                      own_slot_
//    timer()                           threads that keep the handle busy; its link:   the timer; start (leads_to); the
//                                      under the timer's lock; claimed: the timer's   destructor
//                                      thread
//    data_                             the provider of the program                    the provider; its cancel and
//                                                                                     release functions
//    gave_stopped_                     run, before the callback; report_again         start, in the callback
//    over_budget_                      run, after the callback                        run; the thread that queues the
//                                                                                     callback
//    name_                             any thread, at any time                        a dump
//    started_by_, started_at_,         the public function, before the start;         a dump
//      descriptor_                     descriptor_: the provider, while PENDING
#pragma once

#include <naio/naio.h>
#include <nng/nng.h>

#include <cstddef>
#include <cstdint>

#include "aio/api.h"
#include "aio/end_report.h"
#include "aio/services.h"
#include "aio/slot.h"
#include "aio/state.h"
#include "aio/submission.h"
#include "base/atomic.h"
#include "base/clock.h"
#include "base/name_pointer.h"
#include "base/order.h"
#include "base/probe.h"
#include "base/relaxed.h"
#include "exec/completion_queue.h"
#include "exec/stall.h"
#include "exec/task.h"
#include "time/timer_entry.h"

namespace naio {

class Operation;
struct OperationCopy;

// An operation's entry in the timer, for its deadline and for the reaper: a base of Operation. The members fill the
// bytes that the alignment of the link leaves unused.
struct OperationTimer : TimerEntry {
    // A value of `claimed`: expire reaps the handle.
    static constexpr std::uint8_t kReap = kAllTypes + 1;

    std::uint8_t claimed = 0;  // the types with which expire calls the cancel function; only the timer's thread uses it
    Atomic<bool> armed{false};          // the handle has armed the timer at least once
    Relaxed<std::uint32_t> started_at;  // the lower half of the time of the last note_begin, in milliseconds
};

// The fields of slots and dumps: the first cache line, which only some operations touch.
class alignas(64) LinkFields : protected SlotTarget {
  protected:
    explicit LinkFields(void* home) noexcept : home_(home) {}

    [[nodiscard]] SlotTarget& target() noexcept { return *this; }
    [[nodiscard]] const SlotTarget& target() const noexcept { return *this; }

    Relaxed<int> descriptor_{-1};  // if started_by_ has kWaits: the descriptor that the operation waits for
    void* const home_;
    Atomic<Slot*> own_slot_{nullptr};
    NamePointer name_;
};

// The fields of deadlines, release functions and providers of the program: the second cache line, which only some
// operations touch.
class RareOperationFields : protected LinkFields, protected OperationTimer {
  protected:
    explicit RareOperationFields(void* home) noexcept : LinkFields(home) {}
    // In tests/weak_memory the atomic in the union has a destructor, which need not run.
    ~RareOperationFields() {}
    static constexpr unsigned kWords = 2;

    [[nodiscard]] OperationTimer& timer() noexcept { return *this; }
    [[nodiscard]] const OperationTimer& timer() const noexcept { return *this; }

    union {
        void (*release_)(void*) = nullptr;
        Atomic<Nng1Cancel> deferred_;  // while an operation of NNG 1's begin is pending
    };
    Atomic<Nanoseconds> limit_{kNever};  // the earliest deadline that `limit` has set for the next operation
    void* data_[kWords];                 // words of the provider's own, undefined until the provider sets them
};

// The fields that each operation touches. The end of their two cache lines holds those members of nng_aio that each
// operation touches, too. Therefore these fields lie between the rare ones and the members of nng_aio.
class OperationFields : protected RareOperationFields, public Task {
  public:
    using Callback = void (*)(void*);

    // The place where the callback runs. kQueued: in the handle's queue, or, if the handle has none, on the thread that
    // the task queue chooses. kInline: on the thread that completes the operation or calls its release function, after
    // the handle has become idle. kInline is for callbacks of the library, which never block.
    enum class Delivery : bool { kQueued, kInline };

    [[nodiscard]] nng_err result() const noexcept { return result_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] nng_msg* message() const noexcept { return message_; }
    void set_message(nng_msg* message) noexcept { message_ = message; }
    [[nodiscard]] Services& services() const noexcept { return services_; }
    [[nodiscard]] void* home() const noexcept { return home_; }
    [[nodiscard]] Slot* bound_slot() const noexcept { return target().slot.load(std::memory_order_relaxed); }
    // Makes the library report the next refused start, even if the callback that makes this start was given
    // NNG_ESTOPPED.
    void report_again() noexcept { gave_stopped_ = false; }
    void set_name(const char* name) noexcept { name_.set(name); }
    [[nodiscard]] const char* name() const noexcept { return name_.get(); }
    // For dumps. note_start notes which public function starts the next operation. note_descriptor notes the descriptor
    // that the operation in flight waits for.
    void note_start(Api by) noexcept {
        started_by_.set(static_cast<std::uint8_t>(by));
        if (StartNotes::wanted()) [[unlikely]]
            note_begin();
    }
    void note_descriptor(int fd) noexcept {
        descriptor_.set(fd);
        started_by_.set(started_by_.get() | kWaits);
    }

  protected:
    static constexpr Nanoseconds kNoExpiry = -1;
    [[gnu::cold, gnu::noinline]] void note_begin() noexcept;
    static constexpr std::uint8_t kWaits = 0x80;  // a flag of started_by_

    OperationFields(Run runner, State state, Services& services, Callback callback, void* argument, void* home) noexcept
        : RareOperationFields(home),
          Task(runner),
          state_(state),
          services_(services),
          callback_(callback),
          argument_(argument) {}

    // Returns the time that set_expire has set, or kNoExpiry if there is none, and forgets that time.
    [[nodiscard]] Nanoseconds take_expiry() noexcept {
        if (expire_.load(std::memory_order_relaxed) == kNoExpiry) return kNoExpiry;
        return replace_expiry(kNoExpiry);
    }
    // Sets the time, or kNoExpiry, and returns the time before. Exception: changes nothing, and returns kNoExpiry, if
    // the word holds a part of an EndReport.
    Nanoseconds replace_expiry(Nanoseconds time) noexcept {
        Nanoseconds seen = expire_.load(std::memory_order_relaxed);
        do {
            if (EndReport::is_part(seen)) return kNoExpiry;
        } while (!expire_.compare_exchange_weak(seen, time, std::memory_order_relaxed, std::memory_order_relaxed));
        return seen;
    }
    // Returns the earliest deadline that `limit` has set, and forgets it. The exchange of limited_ pairs with the
    // release store in `limit`. If the exchange replaces the `true` of that store, this thread also sees the deadline.
    // Otherwise the `true` stays. So a deadline that another thread sets during this call is not lost: at worst it
    // shortens the operation after this one.
    [[nodiscard]] Nanoseconds take_shortened() noexcept {
        if (!limited_.load(std::memory_order_relaxed)) return kNever;
        limited_.exchange(false, NAIO_ORDER(limit_take, acquire));
        Nanoseconds seen = limit_.load(std::memory_order_relaxed);
        do {
            if (EndReport::is_part(seen)) return kNever;
        } while (!limit_.compare_exchange_weak(seen, kNever, std::memory_order_relaxed, std::memory_order_relaxed));
        return seen;
    }
    // The report has no function if none was set. REQUIRES, for end_report: no thread sets one.
    void set_end_report(const EndReport& report) noexcept {
        const EndReport::Words words = report.pack();
        limit_.store(words.second, std::memory_order_relaxed);
        expire_.store(words.first, std::memory_order_relaxed);
    }
    [[nodiscard]] EndReport end_report() const noexcept {
        const Nanoseconds first = expire_.load(std::memory_order_relaxed);
        if (!EndReport::is_part(first)) return {nullptr, nullptr};
        return EndReport::unpack({first, limit_.load(std::memory_order_relaxed)});
    }
    // For an operation that ends without a start: forgets the deadlines that were set for it.
    void forget_deadlines() noexcept {
        static_cast<void>(take_expiry());
        static_cast<void>(take_shortened());
    }

    Atomic<State> state_;
    Services& services_;
    Callback callback_;
    void* argument_;
    union {
        nng_aio_cancelfn plain;
        naio_cancelfn typed;
    } cancel_{};
    union {
        Relaxed<void*> cancel_argument_{nullptr};  // while an operation is in flight
        bool* skipped_;                            // while none is in flight, if skips_ is true
    };
    Atomic<Nanoseconds> deadline_{kNever};   // the deadline of the operation in flight; the timer reads it
    Atomic<Nanoseconds> expire_{kNoExpiry};  // the time that set_expire has set for the next operation
    std::size_t count_ = 0;
    nng_msg* message_ = nullptr;
    Atomic<CompletionQueue*> queue_{nullptr};  // the queue that runs the callback; changes only while idle
    nng_err result_ = NNG_OK;
    Atomic<nng_err> reason_{NNG_OK};          // valid if State::has_reason(), and the reason is not in the state
    Atomic<std::uint8_t> expiry_{kAllTypes};  // the types that the deadline requests, and Limit::kSucceeds
    std::uint8_t outputs_set_ = 0;            // bit i: the operation has set output i
    bool skips_ = false;
    bool gave_stopped_ = false;         // the callback that is running was given NNG_ESTOPPED
    Atomic<bool> linked_{false};        // the handle has a slot of its own, or has been bound to one
    Atomic<bool> limited_{false};       // if true, limit_ may hold a deadline
    std::uint8_t over_budget_ = 0;      // the brief callbacks that must follow until one over budget is forgotten
    Relaxed<std::uint8_t> started_by_;  // an Api, and the flag kWaits
};

}  // namespace naio
