// A non-blocking descriptor and the operations that wait for it, in two queues: those that take something in, and
// those that put something out.
//
// submit tries an operation at once if no other waits in its direction. If the operation has to wait, it starts and is
// queued, and the poller tries it again. The poller watches for reading for as long as operations read, so that in a
// steady exchange no operation has to ask it.
//
// A whole operation keeps its place at the head of its queue until all its bytes are moved. Until then the poller tries
// it whenever the descriptor is ready. The operation that ends the output waits for its turn only, never for room.
//
// An object with references: the owner's, one per operation that waits (its cancel function may still run when it is
// finished), and the poller's. The descriptor is closed when the poller has done with it; until then its number is not
// used for anything else.
//
// Invariants:
//  1. Operations of one direction complete in the order they were submitted: none is tried while the poller finishes
//     those before it.
//  2. A queued operation has moved nothing, so its guarantee is kTotal. The exception is a whole operation at the head
//     of its queue: it has moved what its count says, its vectors are what is left, and it permits no more than
//     kPartial from its first byte on.
//  3. Every event in `armed_` is watched, or about to be: a submitter that finds it there asks for nothing.
//  4. After `closed_` no system call is made on the descriptor.
//  5. The result of an operation is decided under the lock. The operation is finished without it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "aio/aio.h"
#include "base/allocator.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/references.h"
#include "exec/wait.h"
#include "loop/watch.h"

namespace naio {

class Descriptor : public Watch {
  public:
    enum class Direction : unsigned char { kIn, kOut };

    // The result of trying an operation.
    struct Attempt {
        bool done = false;  // or it has to wait
        nng_err result = NNG_OK;
        std::size_t count = 0;
        bool last = false;  // the next one will probably have to wait
    };
    using Perform = Attempt (*)(Descriptor& descriptor, Aio& aio) noexcept;

    // When an operation is done.
    enum class Kind : std::uint8_t {
        kSingle,  // when it has moved something
        kWhole,   // when nothing is left of its vectors
        kEnd,     // when the output has ended behind the operations before it; it moves nothing
    };

    // Any thread. `guarantee` is what the operation permits before its first byte. `call` names the public function in
    // messages.
    void submit(Direction direction, Kind kind, Types guarantee, Aio& aio, const char* call) noexcept;
    void submit(Direction direction, Aio& aio, const char* call) noexcept {
        submit(direction, Kind::kSingle, kTotal, aio, call);
    }

    // Ends the operations that wait, and all later ones, with NNG_ECLOSED. Shuts the connection down at once, unless
    // the socket is shared.
    void close() noexcept;

    // Closes, and waits until the descriptor is closed.
    void stop() noexcept;

    void refer() noexcept { references_.add(); }
    void release() noexcept {
        if (references_.drop()) destroy();
    }

    // Calls `what` with the descriptor, if it is open; otherwise returns NNG_ECLOSED.
    template <class Use>
    [[nodiscard]] nng_err use(Use what) noexcept {
        Lock lock(mutex_);
        return closed_ ? NNG_ECLOSED : what(number_);
    }

  protected:
    // A shared socket has other descriptors, which the program or another process uses on: it is closed, never shut
    // down.
    enum class Sharing : unsigned char { kNone, kShared };

    // Takes the descriptor, which does not block. It is the owner's first reference.
    Descriptor(Poller& poller, int number, Perform in, Perform out, Sharing sharing = Sharing::kNone) noexcept
        : Watch(poller, number), number_(number), sharing_(sharing), directions_{{in}, {out}} {}
    virtual ~Descriptor() = default;
    virtual void destroy() noexcept = 0;
    // Closes the system's descriptor, after its last use.
    virtual void close_descriptor(int number) noexcept;

    // For Perform functions, which have the lock. perform_with sets another function for the direction. pause has the
    // direction's operations not tried until resume, even if the descriptor is ready.
    void perform_with(Direction direction, Perform perform) noexcept { of(direction).perform = perform; }
    void pause(Direction direction) noexcept { of(direction).paused = true; }
    void resume(Direction direction) noexcept;
    // Resumes, but does not ask the poller to watch, because the operations that wait are being ended.
    void unpause(Direction direction) noexcept;
    // Returns the result of a try whose system call has failed.
    [[nodiscard]] static Attempt failed_or_waiting(int error) noexcept;
    [[nodiscard]] int number() const noexcept { return number_; }
    // NNG_ECLOSED if an operation in this direction would end with it now.
    [[nodiscard]] nng_err state(Direction direction) noexcept;

  private:
    struct Queue {
        Perform perform;
        List<Aio::Link> operations{};
        bool ended = false;  // no more is put out
        bool paused = false;
        bool finishing = false;  // the poller is finishing some, and will not be long
        unsigned futile = 0;     // so many attempts are expected to return EAGAIN
    };

    static constexpr unsigned kFutile = 64;

    static unsigned event(Direction direction) noexcept { return direction == Direction::kIn ? kReadable : kWritable; }
    Queue& of(Direction direction) noexcept { return directions_[static_cast<std::size_t>(direction)]; }

    static bool cancel(Aio* aio, void* self, Types types, nng_err reason) noexcept;
    static void end_operation(void* self) noexcept { static_cast<Descriptor*>(self)->release(); }
    static Kind kind_of(const Aio& aio) noexcept { return static_cast<Kind>(aio.mark()); }
    void wait_for_turn(Direction direction) noexcept NAIO_REQUIRES(mutex_);
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
    void fail(nng_err result, TaskList* ready) noexcept;
    static void decide(Aio::Link& operation, nng_err result, std::size_t count, TaskList& decided) noexcept;
    static void finish(TaskList& decided, TaskList* ready) noexcept;
    void close_number() noexcept;

    void attached() noexcept override { refer(); }
    unsigned ready(unsigned events, TaskList& ready) noexcept override;
    void refused(int error, TaskList& ready) noexcept override;
    void closed() noexcept override;
    void lost() noexcept override;

    const int number_;
    const Sharing sharing_;
    References references_;

    Mutex mutex_;
    Queue directions_[2];
    unsigned armed_ NAIO_GUARDED_BY(mutex_) = 0;
    bool closed_ NAIO_GUARDED_BY(mutex_) = false;
    bool number_closed_ NAIO_GUARDED_BY(mutex_) = false;
    Condition changed_;  // the poller has finished what it was finishing
    Waiters gone_;       // the descriptor is closed
};

}  // namespace naio
