// A non-blocking descriptor and the operations that wait for it, in two queues: one for input (receive, read, accept)
// and one for output (send, write, connect).
//
// submit attempts an operation at once if no other operation waits in its direction. If the operation has to wait,
// submit starts and queues it, and the poller attempts it again when the descriptor is ready. After an operation that
// reads, the poller continues to watch, so that in a steady exchange no submitter has to ask it.
//
// A whole operation keeps its place at the head of its queue until all its bytes are moved. Until then the poller
// attempts it whenever the descriptor is ready. The operation that ends the output waits until it is at the head of its
// queue, but never for room in the socket's buffer.
//
// References: the owner has one, the poller has one, and each queued operation has one, because its cancel function may
// still run when the operation is finished. The descriptor is closed when the poller no longer uses it. Until then the
// system cannot use its fd for another file.
//
// Invariants:
//  1. Operations of one direction complete in the order in which they were submitted. No operation is attempted while
//     the poller finishes earlier ones of its direction.
//  2. A queued operation has moved nothing and has the guarantee that was submitted, unless it is a whole operation at
//     the head of its queue that has begun. In that case its count is the number of bytes that it has moved, its
//     vectors are the memory that is left, and it permits kPartial at most.
//  3. The poller watches for every event in `armed_`, or a thread is about to ask the poller to watch for it. So a
//     submitter that finds its event in `armed_` asks for nothing.
//  4. After close has set `closed_`, it shuts the socket down and the descriptor is closed; no other system call is
//     made on the descriptor.
//  5. A thread decides the result of an operation under the lock, and finishes the operation without the lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "aio/aio.h"
#include "base/allocator.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/ref.h"
#include "exec/wait.h"
#include "loop/watch.h"

namespace naio {

class Descriptor : public Watch {
  public:
    enum class Direction : unsigned char { kIn, kOut };

    // The result of an attempt.
    struct Attempt {
        bool done = false;  // otherwise the operation has to wait
        nng_err result = NNG_OK;
        std::size_t count = 0;
        bool last = false;  // the next attempt will probably return EAGAIN
    };
    using Perform = Attempt (*)(Descriptor& descriptor, Aio& aio) noexcept;

    // Says when an operation is done.
    enum class Kind : std::uint8_t {
        kSingle,  // when a system call for it has succeeded
        kWhole,   // when nothing is left of its vectors
        kEnd,     // when it has shut the output down, after the operations before it; it moves no bytes
    };

    // Submits an operation. Any thread. `guarantee` is what the operation permits before its first byte.
    void submit(Direction direction, Kind kind, Types guarantee, Aio& aio) noexcept;
    void submit(Direction direction, Aio& aio) noexcept { submit(direction, Kind::kSingle, kTotal, aio); }

    // Ends the operations that wait, and all later ones, with NNG_ECLOSED. Shuts the connection down at once, unless
    // the socket is shared.
    void close() noexcept;

    // Closes, and blocks until the descriptor is closed.
    void stop() noexcept;

    void retain() noexcept { references_.retain(); }
    void release() noexcept {
        if (references_.release()) destroy();
    }

    // Calls `what` with the descriptor, under the lock, and returns its result. Returns NNG_ECLOSED, without the call,
    // if the descriptor is closed.
    template <class Use>
    [[nodiscard]] nng_err use(Use what) noexcept {
        Lock lock(mutex_);
        return closed_ ? NNG_ECLOSED : what(fd_);
    }

  protected:
    // kShared: the program or another process has other descriptors of the socket and still uses them. So the socket is
    // closed, but never shut down.
    enum class Sharing : unsigned char { kNone, kShared };

    // Takes over a non-blocking descriptor. The caller has the first reference.
    Descriptor(Poller& poller, int fd, Perform in, Perform out, Sharing sharing = Sharing::kNone) noexcept
        : Watch(poller, fd), fd_(fd), sharing_(sharing), directions_{{in}, {out}} {}
    virtual ~Descriptor() = default;
    virtual void destroy() noexcept = 0;
    // Closes the system's descriptor. Called after its last use.
    virtual void close_descriptor(int fd) noexcept;

    // A Perform function, which runs under the lock, may call perform_with and pause. perform_with replaces the
    // function of the direction. After pause, no operation of the direction is attempted, even if the descriptor is
    // ready, until a thread calls resume or unpause without the lock.
    void perform_with(Direction direction, Perform perform) noexcept { of(direction).perform = perform; }
    void pause(Direction direction) noexcept { of(direction).paused = true; }
    void resume(Direction direction) noexcept;
    // Ends a pause without asking the poller to watch, because the operations that wait are being ended.
    void unpause(Direction direction) noexcept;
    // Returns the attempt whose system call has failed with `error`: after EAGAIN the operation has to wait, after
    // another error it is done.
    [[nodiscard]] static Attempt failed_or_waiting(int error) noexcept;
    [[nodiscard]] int fd() const noexcept { return fd_; }
    // Returns NNG_ECLOSED if an operation that is submitted now in this direction would end with NNG_ECLOSED.
    [[nodiscard]] nng_err state(Direction direction) noexcept;

  private:
    struct Queue {
        Perform perform;
        List<Aio::Link> operations{};
        bool ended = false;  // the output is shut down
        bool paused = false;
        bool finishing = false;         // the poller is finishing operations that have left the queue; this is brief
        unsigned expected_eagains = 0;  // attempts that submitters may leave out, because they will probably fail
    };

    static constexpr unsigned kExpectedEagains = 64;

    static unsigned event(Direction direction) noexcept { return direction == Direction::kIn ? kReadable : kWritable; }
    Queue& of(Direction direction) noexcept { return directions_[static_cast<std::size_t>(direction)]; }

    static bool cancel(Aio* aio, void* self, Types types, nng_err reason) noexcept;
    static void end_operation(void* self) noexcept { static_cast<Descriptor*>(self)->release(); }
    static Kind kind_of(const Aio& aio) noexcept { return static_cast<Kind>(aio.mark()); }
    void wait_for_poller(Direction direction) noexcept NAIO_REQUIRES(mutex_);
    Attempt try_now(Direction direction, Kind kind, Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    bool leave_to_poller(Direction direction, const Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    unsigned enqueue(Direction direction, Kind kind, Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    Attempt try_once(Queue& queue, Kind kind, Aio& aio) noexcept NAIO_REQUIRES(mutex_);
    static Attempt add_up(Attempt attempt, Aio& aio) noexcept;
    static void narrow(Aio& aio) noexcept;
    Attempt end_output(Queue& queue) const noexcept NAIO_REQUIRES(mutex_);
    bool end_is_next() noexcept NAIO_REQUIRES(mutex_);
    unsigned serve(Direction direction, TaskList& done) noexcept NAIO_REQUIRES(mutex_);
    void ask(unsigned events) noexcept;
    void fail(nng_err result) noexcept;
    static void decide(Aio::Link& operation, nng_err result, std::size_t count, TaskList& decided) noexcept;
    static void finish(TaskList& decided) noexcept;
    void close_fd() noexcept;

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
    Condition changed_;  // the poller has finished the operations that had left the queues
    Waiters gone_;       // the descriptor is closed
};

}  // namespace naio
