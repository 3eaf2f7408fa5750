// A non-blocking descriptor and the operations that wait for it, in two queues: one for input (receive, read, accept)
// and one for output (send, write, connect).
//
// submit attempts an operation at once if no other operation waits in its direction. If the operation has to wait,
// submit starts and queues it, and the poller attempts it again when the descriptor is ready. After an operation that
// reads, the poller continues to watch for input. So a program that reads again and again need not ask the poller each
// time.
//
// A whole operation (Kind::kWhole) stays at the head of its queue until all its bytes are moved. Until then the poller
// attempts it whenever the descriptor is ready. The operation that ends the output (Kind::kEnd) waits until it is at
// the head of its queue. It does not wait for room in the socket's buffer.
//
// The poller need not watch for an operation that reads and whose handle has no callback. Such an operation stays
// unwatched (aio/own_waits.h) if no other operation waits in its direction. The thread that waits for the handle waits
// for the descriptor, too, and attempts the operation itself (descriptor_wait.cpp). If another operation is submitted
// before that one is over, the submitter asks the poller, which attempts both.
//
// An operation whose callback depends on a completion queue stays unwatched, too, if it is submitted on the thread that
// runs the queue. That thread polls for it, and attempts it (descriptor_polls.cpp).
//
// References: the owner has one, the poller has one while it uses the descriptor, and each queued operation has one
// until its release. An operation needs the reference because its cancel function may be running when the operation is
// finished. The fd is closed when the poller no longer uses it. Until the fd is closed, the system cannot use its
// number for another file.
//
// Invariants:
//  1. Operations of one direction complete in the order in which they were submitted. No operation is attempted while
//     the poller finishes earlier ones of its direction.
//  2. A queued operation has moved nothing and has the guarantee that was submitted. The only exception is a whole
//     operation at the head of its queue that has moved bytes: its count is the number of these bytes, its vectors are
//     the remaining memory, and it permits kPartial at most.
//  3. The poller watches for every event in `armed_`, or a thread is about to ask the poller to watch for it. So a
//     submitter does not ask for an event that is in `armed_`.
//     Exception: an unwatched operation at the head of its queue.
//  4. After `closed_` is set, this class makes no system call on the fd except shutdown(2) in close and close(2).
//  5. A thread decides the result of an operation under the lock, and finishes the operation without the lock.
//     Exception: the poller finishes an operation under the lock if that only submits the handle to the task queue
//     (may_be_finished_here). So it need not take the lock again to end `finishing`.
//  6. own_wait_ belongs to the unwatched operation. It is interrupted by a thread that removes the operation from the
//     queue, or that attempts the operation for the poller.
//  7. While a thread is in an own wait (is_waited_on_), the fd stays open. If the fd is to be closed during the wait,
//     this thread closes it at the end.
#pragma once

#include <cstddef>
#include <cstdint>

#include "aio/aio.h"
#include "aio/own_waits.h"
#include "base/allocator.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/object_name.h"
#include "base/ref.h"
#include "base/relaxed.h"
#include "exec/backoff.h"
#include "exec/readiness_wait.h"
#include "exec/runner_polls.h"
#include "exec/spin_policy.h"
#include "exec/wait.h"
#include "loop/watch.h"

namespace naio {

class Descriptor : public Watch, private PolledDescriptor {
  public:
    enum class Direction : unsigned char { kIn, kOut };

    // The result of an attempt.
    struct Attempt {
        bool done = false;  // false: the operation has to wait
        nng_err result = NNG_OK;
        std::size_t count = 0;
        bool last = false;  // the next attempt will probably return EAGAIN
    };
    using Perform = Attempt (*)(Descriptor& descriptor, Aio& aio) noexcept;

    // Says when an operation is done.
    enum class Kind : std::uint8_t {
        kSingle,  // when a system call for it has succeeded
        kWhole,   // when nothing is left of its vectors
        kEnd,     // when the output is shut down, after all earlier operations; it moves no bytes
    };

    // Submits an operation. Any thread may call it. `guarantee` is the guarantee of the operation until it moves its
    // first byte.
    void submit(Direction direction, Kind kind, Types guarantee, Aio& aio) noexcept;
    void submit(Direction direction, Aio& aio) noexcept { submit(direction, Kind::kSingle, kTotal, aio); }

    // Ends the operations that wait, and all later ones, with NNG_ECLOSED. Shuts the connection down at once, unless
    // the socket is shared.
    void close() noexcept;

    // Calls close, and blocks until the fd is closed.
    void stop() noexcept;

    // Gives the descriptor a name for dumps, until it is closed.
    void set_name(const Allocator& allocator, const char* name) noexcept;

    void retain() noexcept { references_.retain(); }
    void release() noexcept {
        if (references_.release()) destroy();
    }

    // Returns the functions with which waiting threads perform operations of descriptors.
    [[nodiscard]] static OwnWaits own_waits(ReadinessWaits& waits) noexcept {
        return {.claim = claim_unwatched, .wait = wait_for_claim, .watch = watch_later, .waits = &waits};
    }

    // Calls `what` with the fd, under the lock, and returns what the call returns. If `closed_` is set, returns
    // NNG_ECLOSED without the call.
    template <class Use>
    [[nodiscard]] nng_err use(Use what) noexcept {
        Lock lock(mutex_);
        return closed_ ? NNG_ECLOSED : what(fd_);
    }

  protected:
    // kShared: the program or another process has other descriptors of the socket and uses them. So close does not shut
    // the socket down.
    enum class Sharing : unsigned char { kNone, kShared };

    // Takes over a non-blocking descriptor. The caller has the first reference.
    Descriptor(Poller& poller, int fd, Perform in, Perform out, Sharing sharing = Sharing::kNone) noexcept
        : Watch(poller, fd), PolledDescriptor(kPolledByRunner), fd_(fd), sharing_(sharing), directions_{{in}, {out}} {}
    virtual ~Descriptor() = default;
    virtual void destroy() noexcept = 0;
    // Closes the fd. Called when no thread uses the fd any more.
    virtual void close_descriptor(int fd) noexcept;

    // perform_with and pause are for Perform functions, which run under the lock. perform_with replaces the Perform
    // function of the direction. After pause, no operation of the direction is attempted until a thread that does not
    // hold the lock calls resume or unpause.
    void perform_with(Direction direction, Perform perform) noexcept { of(direction).perform = perform; }
    void pause(Direction direction) noexcept { of(direction).paused = true; }
    void resume(Direction direction) noexcept;
    // Ends a pause, but does not ask the poller to watch. For a descriptor whose waiting operations are being ended.
    void unpause(Direction direction) noexcept;
    // Returns the attempt whose system call has failed with `error`: after EAGAIN the operation has to wait, after
    // another error it is done.
    [[nodiscard]] static Attempt failed_or_waiting(int error) noexcept;
    [[nodiscard]] int fd() const noexcept { return fd_; }
    // Returns NNG_ECLOSED if an operation that is submitted now in this direction would end with NNG_ECLOSED, otherwise
    // NNG_OK.
    [[nodiscard]] nng_err state(Direction direction) noexcept;

  private:
    struct Queue {
        Perform perform;
        List<Aio::Link> operations{};
        bool ended = false;  // the output is shut down
        bool paused = false;
        bool finishing = false;         // a thread is finishing operations that have left the queue
        unsigned expected_eagains = 0;  // the number of attempts to leave out, because they will probably fail
    };

    // The next step of a thread in an own wait: to attempt the operation, to sleep, or to end the wait.
    enum class Next : unsigned char { kAttempt, kSleep, kEnd };

    // Operations that have left their queue and are to be finished. The list has their links, and not the handles as
    // tasks, because a handle may be in a list of tasks already: a post may have queued it.
    using DecidedList = List<Aio::Link>;

    // The mark of an operation in a DecidedList; before, the mark is the operation's kind. A thread that does not have
    // that list must not use the operation's link any more.
    static constexpr std::uint8_t kDecided = 0xff;
    static constexpr unsigned kExpectedEagains = 64;
    static constexpr unsigned kMaxWatched = 65535;

    static unsigned event(Direction direction) noexcept { return direction == Direction::kIn ? kReadable : kWritable; }
    Queue& of(Direction direction) noexcept { return directions_[static_cast<std::size_t>(direction)]; }

    static bool cancel(Aio* aio, void* self, Types types, nng_err reason) noexcept;
    static void end_operation(void* self) noexcept { static_cast<Descriptor*>(self)->release(); }
    [[nodiscard]] bool waits_here(Aio& aio) noexcept NAIO_REQUIRES(mutex_) {
        return aio.mark() != kDecided && aio.link().linked();
    }
    static Kind kind_of(const Aio& aio) noexcept { return static_cast<Kind>(aio.mark()); }
    void wait_for_poller(Direction direction) noexcept NAIO_REQUIRES(mutex_);
    void wait_for_finisher(Direction direction) noexcept NAIO_REQUIRES(mutex_);
    Attempt try_now(Direction direction, Kind kind, Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    bool leave_out_attempt(Direction direction, Kind kind, const Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    unsigned enqueue(Direction direction, Kind kind, Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    Attempt try_once(Queue& queue, Kind kind, Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    Attempt try_first(Queue& queue) noexcept NAIO_REQUIRES(mutex_);
    static Attempt add_up(Attempt attempt, Aio& aio) noexcept;
    static void narrow(Aio& aio) noexcept;
    Attempt end_output(Queue& queue) const noexcept NAIO_REQUIRES(mutex_);
    bool end_is_next() noexcept NAIO_REQUIRES(mutex_);
    unsigned serve(Direction direction, DecidedList& done) noexcept NAIO_REQUIRES(mutex_);
    void ask(unsigned events) noexcept;
    void fail(nng_err result) noexcept;
    Aio& take_out(Aio::Link& operation, nng_err result, std::size_t count) noexcept NAIO_REQUIRES(mutex_);
    void decide(Aio::Link& operation, nng_err result, std::size_t count, DecidedList& decided) noexcept
        NAIO_REQUIRES(mutex_);
    [[nodiscard]] static bool may_be_finished_here(const Aio& aio) noexcept;
    static void finish(DecidedList& decided) noexcept;
    void finish(DecidedList& decided, unsigned events) noexcept NAIO_REQUIRES(mutex_);
    void close_fd() noexcept;

    // descriptor_wait.cpp:
    static OwnWaits::Claim claim_unwatched(void* self) noexcept;
    static void wait_for_claim(const OwnWaits::Claim& claim, ReadinessWaits& waits, const StallWatch& watch,
                               Nanoseconds deadline) noexcept;
    static void watch_later(void* self) noexcept;
    [[nodiscard]] bool may_stay_unwatched(Direction direction, const Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool leave_unwatched(Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool is_unwatched() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] Next begin_own_wait(std::uint32_t number, ReadinessWait& wait, ReadinessWaits& waits) noexcept;
    void watch_unwatched() noexcept NAIO_REQUIRES(mutex_);
    void leaves_queue(Aio::Link& operation) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] static bool may_be_performed_in_a_wait(const Aio& aio) noexcept;
    [[nodiscard]] Next go_on(ReadinessWait& wait, ReadinessWaits& waits, bool in_time) noexcept;
    [[nodiscard]] bool attempt_in_wait() noexcept NAIO_REQUIRES(mutex_);
    void interrupt_own_wait() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool end_own_wait(const ReadinessWait& wait, unsigned& events) noexcept NAIO_REQUIRES(mutex_);

    // descriptor_polls.cpp:
    static const PolledDescriptor::Owner kPolledByRunner;
    [[nodiscard]] static bool may_be_performed_by_runner(const Aio& aio) noexcept;
    [[nodiscard]] bool leave_to_runner(const Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    void leaves_runner(const Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] int begin_poll(ReadinessWait& wait) noexcept;
    void end_poll(const ReadinessWait& wait, bool ready) noexcept;
    unsigned events_after(bool only_waited_for) noexcept NAIO_REQUIRES(mutex_);

    void attached() noexcept override { retain(); }
    unsigned ready(unsigned events) noexcept override;
    void refused(int error) noexcept override;
    void closed() noexcept override;
    void lost() noexcept override;

    const int fd_;
    const Sharing sharing_;
    ReferenceCount references_;

    Mutex mutex_;
    Queue directions_[2];
    unsigned armed_ NAIO_GUARDED_BY(mutex_) = 0;
    bool closed_ NAIO_GUARDED_BY(mutex_) = false;
    bool fd_closed_ NAIO_GUARDED_BY(mutex_) = false;
    bool is_lost_ NAIO_GUARDED_BY(mutex_) = false;            // no poller will watch the descriptor any more
    Aio::Link* unwatched_ NAIO_GUARDED_BY(mutex_) = nullptr;  // the operation that was left unwatched, until its end
    Relaxed<std::uint32_t> unwatched_number_;                 // the number of operations that were left unwatched
    bool is_for_runner_ NAIO_GUARDED_BY(mutex_) = false;      // the operation that was queued last is for a runner
    // The own wait of a thread:
    ReadinessWait* own_wait_ NAIO_GUARDED_BY(mutex_) = nullptr;  // until it is interrupted
    Relaxed<bool> is_waited_on_{false};                          // changed under the lock
    bool closes_after_wait_ NAIO_GUARDED_BY(mutex_) = false;
    SpinPolicy spins_ NAIO_GUARDED_BY(mutex_);
    // A try is an operation that stays unwatched. It succeeds if a thread performs the operation itself. The poller
    // watches for the operations that are left out.
    Backoff<kMaxWatched> unwatched_tries_ NAIO_GUARDED_BY(mutex_);
    ObjectName name_ NAIO_GUARDED_BY(mutex_);
    Condition changed_;  // notified when the poller has finished the operations that had left the queues
    Waiters gone_;       // notified when the fd is closed
};

}  // namespace naio
