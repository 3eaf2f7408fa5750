// struct nng_aio: an operation's handle. The C type is this class.
//
// The consumer allocates it, sets it up, waits for it, stops and frees it. The provider of an operation starts and
// finishes it, from any thread. The state (state.h) tells which of them owns the operation, and orders the hand-over of
// its fields: the consumer while the handle is idle, the provider while it is PENDING, also if it is RUNNING too, the
// callback while it is only RUNNING. While it is DONE, the thread that will run the callback is the next owner.
//
// Requests to end come from cancel, abort and stop, from the timer, and from a slot. The thread that gets the CANCELING
// hold calls the provider's cancel function. If other threads request further types during the call, it calls the
// function again with these.
//
// Which thread may touch which fields, and when:
//
//    fields                            written by                                     read by
//    state_                            any thread, by compare-exchange                any thread
//    services_, callback_, argument_,  the constructor                                any thread
//      home_
//    cancel_, cancel_argument_         start, before PENDING                          the thread that is CANCELING
//    release_, cancel_argument_        start, before PENDING                          run, before the callback
//    release_inline_                   start, before PENDING                          the provider; the thread that lets
//                                                                                     go last
//    deadline_, expiry_                start, before PENDING                          the timer, at any time; expiry_:
//                                                                                     also permit and asked
//    timeout_, timeout_types_,         any thread, at any time; start, and a          start
//      expire_, limit_, limited_       completion without one, reset the last three
//    result_, count_, message_,        the owner                                      the owner
//      inputs_, outputs_, outputs_set_,
//      vectors_, vector_count_, mark_,
//      skips_, skipped_
//    reason_                           start of a plain operation and refused         any thread, if has_reason()
//                                      start, before the transition; the thread       (typed: under that lock)
//                                      whose request is accepted first (typed: under
//                                      the lock of the handle's parking bucket)
//    queue_                            the owner, while not busy                      the owner; the thread that queues
//                                                                                     the aio; waiters: retain_queue
//    target_                           the owner, while nothing is in flight; links   the owner; emissions of the slot,
//                                      and claims: under the slot's lock              under its lock
//    own_slot_                         the first thread that needs it, once           any thread
//    linked_                           the thread that binds the aio or makes         start; the destructor
//                                      own_slot_
//    timer_, armed_                    threads that keep the handle busy; timer_'s    the timer; start (leads_to); the
//                                      link: under the timer's lock; reaping and      destructor
//                                      claimed: the timer's thread
//    told_stopped_                     run, before the callback; tell_again           start, in the callback
//    over_budget_                      run, after the callback                        run; the thread that queues the
//                                                                                     callback
//
// Invariants:
//  1. Every change of the state is one compare-exchange to what one of its transitions made of it.
//  2. After a transition that leaves the aio idle, the thread uses it only to call an inline callback or to destroy it,
//     as the step says. Otherwise its owner may have freed it.
//  3. No lock is held while a cancel function or a callback runs, and nothing is allocated.
#pragma once

#include <naio/naio.h>
#include <nng/nng.h>

#include <cstddef>
#include <cstdint>
#include <new>

#include "aio/reason.h"
#include "aio/services.h"
#include "aio/slot.h"
#include "aio/state.h"
#include "base/atomic.h"
#include "base/list.h"
#include "base/order.h"
#include "exec/completion_queue.h"
#include "exec/parking_lot.h"
#include "exec/task.h"
#include "time/timer_entry.h"

// The members that each operation uses come first: two cache lines.
struct alignas(64) nng_aio final : public naio::Task {
  public:
    using Callback = void (*)(void*);

    // The deadline of an operation, and what it requests when it passes.
    struct Limit {
        naio::Nanoseconds deadline = naio::kNever;
        std::uint8_t expiry = naio::kAllTypes;  // the types that are requested then, and kExpirySucceeds
        bool passed = false;
    };

    // The provider's functions and its guarantee, as naio_aio_start takes them.
    struct Cancellation {
        naio::Types guarantee = naio::kTerminal;
        naio_cancelfn cancel = nullptr;
        void (*release)(void*) = nullptr;
        void* argument = nullptr;
        // `release` never blocks, and the provider holds no lock when it finishes the operation: if the handle has no
        // callback, the thread that finishes calls `release`, because all workers may be waiting for the handle.
        bool release_inline = false;
    };

    // What an operation ends with.
    struct Completion {
        nng_err error = NNG_OK;
        std::size_t count = 0;
        nng_msg* message = nullptr;  // nullptr: the handle keeps its message
    };

    // The result of a start. It is neither in flight nor refused if a callback that was given NNG_ESTOPPED starts
    // again: such a start has no effect and is not reported, because that would never end.
    struct Start {
        bool in_flight = false;
        bool refused = false;  // has to be reported
        bool expired = false;  // refused because its deadline has passed
        nng_err result = NNG_OK;
    };

    // Where the callback runs. kQueued: on a worker or in the aio's queue. kInline: on the thread that completes the
    // operation, or that calls its release function, after the aio has become idle; for callbacks of the library, which
    // never block.
    enum class Delivery : bool { kQueued, kInline };

    // An operation whose deadline passes ends with NNG_OK instead of NNG_ETIMEDOUT.
    static constexpr std::uint8_t kExpirySucceeds = naio::kAllTypes + 1;

    // A place in a list of the provider's.
    struct Link : naio::ListNode {
        explicit Link(nng_aio& owner) noexcept : aio(owner) {}
        nng_aio& aio;
    };

    static constexpr unsigned kMaxVectors = 8;
    static constexpr unsigned kMaxParameters = 4;

    // The registry finds the handle's memory by `home`.
    nng_aio(naio::Services& services, Callback callback, void* argument, Delivery delivery, void* home,
            bool closed) noexcept;
    ~nng_aio();

    // Checks of the public functions: if the program breaks the contract, they stop it and name the function `call`.
    // The members below rely on them.
    void require_startable(const char* call) const noexcept {
        if (state_.load(std::memory_order_relaxed).in_flight() || !is_up()) [[unlikely]]
            misused_start(call);
    }
    void require_finishable(const char* call) const noexcept {
        if (state_.load(std::memory_order_relaxed).done() || !is_up()) [[unlikely]]
            misused_finish(call);
    }
    void require_typed(const char* call) const noexcept;
    void require_none_in_flight(const char* call) const noexcept;
    void require_not_busy(const char* call) const noexcept;
    void require_not_given_up(const char* call) const noexcept;
    void require_not_forked(const char* call) const noexcept {
        if (is_forked_child()) [[unlikely]]
            misused_library(call);
    }

    // The consumer's side.
    // Requests the types, and calls the cancel function if that is this thread's task. True if the operation accepts.
    // The cancel function of nng_aio_start gets `reason` as it is; for all other operations it becomes a Reason.
    bool cancel(naio::Types types, nng_err reason) noexcept;
    void close() noexcept;
    void stop() noexcept;
    void wait() noexcept;
    // False if it is still busy at the deadline.
    [[nodiscard]] bool wait_until(naio::Nanoseconds deadline) noexcept;
    [[nodiscard]] bool busy() const noexcept;
    [[nodiscard]] bool in_flight() const noexcept;
    // Returns the generation of the latest operation.
    [[nodiscard]] std::uint32_t generation() const noexcept;
    // True if a start would be refused at this moment, because the aio is stopped, the library goes down, or the aio's
    // scope has been asked to end.
    [[nodiscard]] bool refuses() const noexcept;
    void free() noexcept;
    void reap() noexcept;

    void set_timeout(nng_duration timeout) noexcept;
    [[nodiscard]] nng_duration timeout() const noexcept { return timeout_.load(std::memory_order_relaxed); }
    void set_timeout_types(naio::Types types) noexcept;
    void set_expire(nng_time time) noexcept;
    // Shortens the next operation: the earliest of its own deadline and of all deadlines given here holds.
    void limit(nng_time time) noexcept;
    void skip_callback(bool* skipped) noexcept;
    [[nodiscard]] nng_err set_vectors(unsigned count, const nng_iov* vectors) noexcept;
    [[nodiscard]] unsigned vectors(const nng_iov** vectors) const noexcept;
    [[nodiscard]] std::size_t advance_vectors(std::size_t count) noexcept;
    [[nodiscard]] nng_err set_input(unsigned index, void* value) noexcept;
    [[nodiscard]] nng_err set_output(unsigned index, void* value) noexcept;
    [[nodiscard]] void* input(unsigned index) const noexcept;
    [[nodiscard]] void* output(unsigned index) const noexcept;
    void set_message(nng_msg* message) noexcept { message_ = message; }
    [[nodiscard]] nng_msg* message() const noexcept { return message_; }
    [[nodiscard]] nng_err result() const noexcept { return result_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    // The guarantee that holds for an operation that was ended by a request; 0 if it was not.
    [[nodiscard]] naio::Types outcome() const noexcept;
    // Returns the reason of the accepted request; NNG_OK if there is none.
    [[nodiscard]] nng_err reason() const noexcept;
    // True if the operation has accepted a request that its own timeout did not make.
    [[nodiscard]] bool asked() const noexcept;

    void bind_slot(naio::Slot* slot, naio::Types filter) noexcept;
    [[nodiscard]] naio::Slot* bound_slot() const noexcept { return target_.slot; }
    void set_queue(naio::CompletionQueue* queue) noexcept;
    // REQUIRES: the caller owns the handle. Other threads may only compare the result with nullptr, or call
    // retain_queue.
    [[nodiscard]] naio::CompletionQueue* queue() const noexcept { return queue_.load(std::memory_order_relaxed); }

    // The provider's side.
    void reset() noexcept;
    // Starts an operation. False if the start is refused: it has been reported, and the provider has nothing to do.
    [[nodiscard]] bool start(nng_aio_cancelfn cancel_function, void* argument) noexcept;
    // Starts an operation whose cancel function finishes it at once, whatever is requested. So its guarantee may be
    // other than kTerminal.
    [[nodiscard]] bool start(naio::Types guarantee, nng_aio_cancelfn cancel_function, void* argument,
                             Limit limit) noexcept;
    [[nodiscard]] bool start(const Cancellation& cancellation) noexcept;
    [[nodiscard]] bool start(const Cancellation& cancellation, Limit limit) noexcept;
    // Starts an operation, but does not report a refused start. The caller does so with `report`, after it has put in
    // order what the callback may use.
    [[nodiscard]] Start try_start(const Cancellation& cancellation) noexcept;
    void report(const Start& start) noexcept;
    // For a provider that tries the system call before it starts an operation. Resets the per-operation fields; if the
    // call succeeds, finish completes a whole operation without a start. False: a start would be refused; the caller
    // starts, so that this is reported.
    [[nodiscard]] bool attempt() noexcept;
    // True if the caller may notice whether the operation completes at once or a moment later, because it skips the
    // callback or has set a deadline.
    [[nodiscard]] bool insists() const noexcept { return skips_ || !unlimited(); }
    // Starts the rest of an operation of which an attempt has moved `moved` bytes, which become the count, also if the
    // start is refused. A deadline that has passed refuses the start only if the guarantee permits the types that the
    // deadline requests.
    [[nodiscard]] Start try_start_rest(const Cancellation& cancellation, std::size_t moved) noexcept;
    // Reports a refused start of such a rest. The outcome is the guarantee.
    void report_rest(const Start& start, naio::Types guarantee) noexcept;
    // A link for the provider, in the place of outputs 1 to 3. It exists from make_link, after the start, until the
    // provider finishes. The provider defines the meaning of the mark.
    Link& make_link(std::uint8_t mark = 0) noexcept {
        mark_ = mark;
        return *new (outputs_ + 1) Link(*this);
    }
    Link& link() noexcept { return *std::launder(reinterpret_cast<Link*>(outputs_ + 1)); }
    [[nodiscard]] std::uint8_t mark() const noexcept { return mark_; }
    // The strongest type that the operation in flight permits.
    [[nodiscard]] naio::Types guarantee() const noexcept;
    // Finishes the operation in flight, or completes one that was never started. The caller may hold a lock, because
    // another thread calls the callback and the release function. Exceptions: an inline callback may run in this call,
    // and so may a release function that its Cancellation calls inline.
    void finish(const Completion& completion) noexcept {
        decide(completion);
        finish_decided();
    }
    // The two parts of finish, for a provider that decides under its lock and finishes after it.
    void decide(const Completion& completion) noexcept {
        result_ = completion.error;
        count_ = completion.count;
        if (completion.message != nullptr) message_ = completion.message;
    }
    // No other thread starts or finishes the operation during this, so PENDING does not change.
    void finish_decided() noexcept {
        state_.load(std::memory_order_relaxed).pending() ? finish_pending() : finish_unstarted();
    }
    // As finish, but runs the callback in this call if no hold is left and the handle has no queue.
    void finish_inline(const Completion& completion) noexcept;
    // Completes an operation without a start.
    void complete(const Completion& completion) noexcept;
    // As complete. If a start would be refused, the result is the reason of the refusal instead.
    void complete_if_open(nng_err error) noexcept;
    // Reports a start that the library refuses: the callback is given `error`.
    void refuse(nng_err error) noexcept;
    // Changes the guarantee, and accepts the sticky types that it permits. Returns the accepted types, which no decline
    // takes back any more.
    naio::Types permit(naio::Types guarantee) noexcept;
    // Sets what the outcome will be. Unlike permit it accepts no sticky type, because the provider is about to
    // finish.
    void set_guarantee(naio::Types guarantee) noexcept;
    // Returns the types that the operation in flight has accepted; none without an operation in flight. A query.
    [[nodiscard]] naio::Types cancelled() const noexcept;
    // Returns the accepted types, which no decline takes back any more, and forgets those of them in `clear`.
    naio::Types acknowledge(naio::Types clear) noexcept;
    [[nodiscard]] naio::Types accepted() const noexcept;
    // Returns the sticky ones of the types: a timeout, a stop or a scope has requested them, and a later permit accepts
    // them.
    [[nodiscard]] naio::Types sticky(naio::Types types) const noexcept;
    // The aio's own slot, for inner operations; nullptr when there is no memory, on first use.
    [[nodiscard]] naio::Slot* slot() noexcept;
    // Requests the types of inner operations; `lasting` of the types also of those that start later. True if one of
    // them accepts. `own_types`: those that no request to this operation has asked for, so that no decline forgets them.
    bool forward(naio::Types types, naio::Types lasting, naio::Reason reason, naio::Types own_types) noexcept;
    // Passes on those of the types that have been accepted and not cleared since.
    bool forward_accepted(naio::Types types, naio::Types lasting) noexcept;
    // Has the next refused start reported, even if the callback that makes it was given NNG_ESTOPPED.
    void tell_again() noexcept { told_stopped_ = false; }
    [[nodiscard]] naio::Services& services() const noexcept { return services_; }

    // Returns when the next operation times out if it begins at `at`. Consumes what set_expire and limit have set.
    [[nodiscard]] Limit take_limit(naio::Nanoseconds at) noexcept;

    [[nodiscard]] void* home() const noexcept { return home_; }

    // For slots, the registry and dialers, whose locks keep the aio from being destroyed during the call. Request the
    // types, or refuse later starts and request all types. If types are returned to call the cancel function with, the
    // caller must call end_claimed with them, with no lock held.
    [[nodiscard]] naio::State::Request claim(naio::Types types, naio::Types lasting, naio::Reason reason) noexcept;
    [[nodiscard]] naio::Types claim_closed() noexcept;
    [[nodiscard]] naio::Types claim_stopped() noexcept;
    // Calls the cancel function and returns the types that it declines.
    naio::Types end_claimed(naio::Types types) noexcept;
    void open() noexcept;
    // True if the aio has been reaped: the thread that makes it idle destroys it.
    [[nodiscard]] bool destroy_when_idle() const noexcept;
    // True if the aio is busy. The announced waiter is woken when the aio becomes idle.
    [[nodiscard]] bool announce_wait() noexcept;
    // Returns the queue of the operation that the announced waiter waits for, with a reference. nullptr if the aio has
    // no queue or the operation is over. REQUIRES: announce_wait has returned true.
    [[nodiscard]] naio::CompletionQueue* retain_queue(naio::ParkingLot::Waiter& waiter) noexcept;

    // For the timer.
    static naio::Nanoseconds examine(naio::TimerEntry& entry, naio::Nanoseconds at, naio::Nanoseconds now) noexcept;
    static void expire(naio::TimerEntry& entry) noexcept;

  private:
    struct Deadline final : naio::TimerEntry {
        explicit Deadline(nng_aio& owner) noexcept : aio(owner) {}
        // For the timer's thread alone: whether it reaps the aio, and the types to call the cancel function with.
        bool reaping = false;
        std::uint8_t claimed = 0;
        nng_aio& aio;
    };

    static naio::Task* run(naio::Task& task) noexcept;
    void call_back() noexcept;

    bool install(naio::State& seen, naio::State next) noexcept;
    bool install_and_wake(naio::State& seen, naio::State next) noexcept;
    template <class Transition>
    auto take(Transition transition) noexcept;
    template <class Transition>
    auto take_locked(Transition transition) noexcept;
    // Takes a transition that may accept types. If these are the first ones, publishes reason(state) with them.
    template <class Reason, class Transition>
    auto ask(Reason reason, Transition transition) noexcept;
    bool accept(naio::State& seen, naio::State next, nng_err reason) noexcept;
    bool accept_locked(naio::State& seen, naio::State next, nng_err reason) noexcept;
    // Takes the transition and does what the resulting step says.
    template <class Transition>
    void advance(Transition transition) noexcept;
    void follow(const naio::State::Step& step) noexcept;
    void follow_unlocked(const naio::State::Step& step) noexcept;
    void enqueue() noexcept;
    void run_here() noexcept;

    void end_plain() noexcept;
    bool cancel_typed(naio::Types types, naio::Reason reason) noexcept;
    [[nodiscard]] naio::State::Returned give_back(naio::Types types, bool took) noexcept;
    naio::Types end_typed(naio::Types types) noexcept;
    bool call_cancel(naio::Types types) noexcept;
    [[nodiscard]] nng_err reason_of_sticky(naio::State state) noexcept;

    [[nodiscard]] bool start_plain(naio::Types guarantee, nng_aio_cancelfn cancel_function, void* argument,
                                   Limit limit) noexcept;
    [[nodiscard]] bool prepare(void* argument, Limit limit) noexcept;
    [[nodiscard]] Start try_start(const Cancellation& cancellation, Limit limit) noexcept;
    [[nodiscard]] Start begin(naio::State::Bits terms, Limit limit) noexcept;
    bool begun(Start start) noexcept;
    [[nodiscard]] nng_err admit(naio::State::Bits terms, Limit limit, bool& arms) noexcept;
    [[nodiscard]] nng_err admit_linked(naio::State::Bits terms, Limit limit, bool& arms, bool& by_scope) noexcept;
    void finish_pending() noexcept;
    void finish_unstarted() noexcept;
    [[nodiscard]] bool skip() noexcept;
    [[nodiscard]] naio::State::Step end_pending() noexcept;
    [[nodiscard]] naio::State::Step end_unstarted() noexcept;
    [[nodiscard]] bool callback_will_return(naio::Nanoseconds deadline) const noexcept;
    [[nodiscard]] bool on_own_callback() const noexcept { return on_this_stack(); }
    [[nodiscard]] nng_err expiry_result() const noexcept;
    void arm(naio::Nanoseconds deadline) noexcept;
    void rearm() noexcept;

    static constexpr naio::Nanoseconds kNoExpiry = -1;
    [[nodiscard]] naio::Nanoseconds take_expiry() noexcept {
        if (expire_.load(std::memory_order_relaxed) == kNoExpiry) return kNoExpiry;
        return expire_.exchange(kNoExpiry, std::memory_order_relaxed);
    }
    // Returns the earliest deadline that `limit` was given, and forgets it. The exchange of limited_ pairs with the
    // release in `limit`: if it replaces that `true`, it sees the deadline; otherwise the `true` stays. So a deadline
    // that is given at the same time is not lost: at worst it shortens the operation after this one.
    [[nodiscard]] naio::Nanoseconds take_shortened() noexcept {
        if (!limited_.load(std::memory_order_relaxed)) return naio::kNever;
        limited_.exchange(false, NAIO_ORDER(limit_take, acquire));
        return limit_.exchange(naio::kNever, std::memory_order_relaxed);
    }
    // Returns the deadline by timeout or expiry: by the one of the two that was set last.
    [[nodiscard]] naio::Nanoseconds take_own_deadline(naio::Nanoseconds at) noexcept;
    // For an operation that ends without a start: forgets the deadlines that were set for it.
    void forget_deadlines() noexcept {
        static_cast<void>(take_expiry());
        static_cast<void>(take_shortened());
    }
    [[nodiscard]] bool unlimited() const noexcept {
        if (expire_.load(std::memory_order_relaxed) != kNoExpiry) return false;
        if (limited_.load(std::memory_order_relaxed)) return false;
        const nng_duration timeout = timeout_.load(std::memory_order_relaxed);
        return timeout == NNG_DURATION_INFINITE || timeout == NNG_DURATION_DEFAULT;
    }
    // Reads the clock only if the operation has a deadline.
    [[nodiscard]] Limit own_limit() noexcept { return unlimited() ? Limit{} : take_limit(naio::now()); }
    [[nodiscard]] bool is_up() const noexcept {
        return services_.state.load(std::memory_order_relaxed) == naio::LibraryState::kUp;
    }
    [[nodiscard]] bool is_forked_child() const noexcept {
        return services_.state.load(std::memory_order_relaxed) == naio::LibraryState::kForked;
    }
    void require_none_in_flight(naio::State state) const noexcept;
    [[noreturn]] void misused(const char* call, const char* what) const noexcept;
    [[noreturn]] void misused_start(const char* call) const noexcept;
    [[noreturn]] void misused_finish(const char* call) const noexcept;
    [[noreturn]] void misused_library(const char* call) const noexcept;

    naio::Atomic<naio::State> state_;
    naio::Services& services_;
    Callback callback_;
    void* argument_;
    union {
        nng_aio_cancelfn plain;
        naio_cancelfn typed;
    } cancel_{};
    union {
        void* cancel_argument_ = nullptr;  // in flight
        bool* skipped_;                    // between operations, if skips_
    };

    // They belong to the operation in flight; the timer reads them.
    naio::Atomic<naio::Nanoseconds> deadline_{naio::kNever};
    naio::Atomic<std::uint8_t> expiry_{naio::kAllTypes};  // what is requested then, and kExpirySucceeds
    std::uint8_t outputs_set_ = 0;
    std::uint8_t vector_count_ = 0;
    bool skips_ = false;
    bool told_stopped_ = false;         // the callback that runs was given NNG_ESTOPPED
    naio::Atomic<bool> armed_{false};   // it has been linked into the timer since it was allocated
    naio::Atomic<bool> linked_{false};  // it has, or is bound to, a slot
    // The consumer may change these while a callback or a provider starts the next operation.
    naio::Atomic<std::uint8_t> timeout_types_{naio::kAllTypes};
    naio::Atomic<nng_duration> timeout_{NNG_DURATION_INFINITE};
    nng_err result_ = NNG_OK;
    naio::Atomic<naio::Nanoseconds> expire_{kNoExpiry};  // by set_expire, for the next operation
    std::size_t count_ = 0;
    nng_msg* message_ = nullptr;
    naio::Atomic<naio::CompletionQueue*> queue_{nullptr};  // instead of the workers; changes while idle only
    naio::Atomic<nng_err> reason_{NNG_OK};                 // valid if the state says that there is one
    std::uint8_t over_budget_ = 0;       // not 0: the callback was; brief callbacks in a row until that is forgotten
    naio::Atomic<bool> limited_{false};  // true: limit_ may hold a deadline
    std::uint8_t mark_ = 0;
    bool release_inline_ = false;  // see Cancellation

    naio::Atomic<naio::Nanoseconds> limit_{naio::kNever};  // the earliest one by limit, for the next operation
    Deadline timer_{*this};
    naio::SlotTarget target_{*this};
    naio::Atomic<naio::Slot*> own_slot_{nullptr};
    void (*release_)(void*) = nullptr;
    void* const home_;
    void* inputs_[kMaxParameters] = {};
    void* outputs_[kMaxParameters];
    nng_iov vectors_[kMaxVectors];
};

static_assert(sizeof(nng_aio) <= 448);
static_assert(sizeof(nng_aio::Link) <= (nng_aio::kMaxParameters - 1) * sizeof(void*));

namespace naio {
using Aio = ::nng_aio;
}
