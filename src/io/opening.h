// Opens one file, as an operation. See naio_file_open.
//
//     files queue: look at the path --1--> open it there --3--> finished
//                         |                                        ^
//                         2                                        |
//                         v                                        3
//     openings queue: open it, which waits for a peer -------------+
//
//  1. The path is that of a regular file, or of another one that opens at once.
//  2. The path is that of a FIFO or of a character device: a FIFO waits for its peer, a serial line for its carrier.
//     Such an open has no other effect: there is nothing to create or truncate.
//  3. The open has returned.
//
// Invariants:
//  1. state_ leaves kOpen and kCommitted once, for kOver: the thread that changes it finishes the operation. A
//     descriptor that comes later is closed.
//  2. An open that may create or truncate a file runs only in kCommitted, which no request ends. So an operation that a
//     request has ended has changed nothing, and will not.
#pragma once

#include <sys/types.h>

#include <cstddef>

#include "aio/aio.h"
#include "base/atomic.h"
#include "base/order.h"
#include "base/references.h"
#include "exec/blocking_queue.h"
#include "io/files.h"
#include "io/threaded_file.h"

namespace naio {

// The operation has a reference, and so has the job that is in a queue.
class Opening {
  public:
    // The path is copied, behind the object. nullptr: no memory.
    [[nodiscard]] static Opening* create(Files& files, Aio& aio, const char* path, int flags, mode_t mode) noexcept;
    Opening(const Opening&) = delete;
    Opening& operator=(const Opening&) = delete;

    void start() noexcept;

  private:
    enum class State : unsigned char { kOpen, kCommitted, kOver };

    struct Step final : BlockingQueue::Job {
        Step(Opening& owner, BlockingQueue& where, Call call) noexcept
            : Job(call, ended), opening(owner), queue(where) {}
        static void ended(Job& job, BlockingQueue::End how) noexcept;
        Opening& opening;
        BlockingQueue& queue;
    };

    Opening(Files& files, Aio& aio, ThreadedFile* file, int flags, mode_t mode, std::size_t path_size) noexcept;
    ~Opening() = default;

    static void look(BlockingQueue::Job& job) noexcept;
    static void wait(BlockingQueue::Job& job) noexcept;
    static bool cancel(Aio* aio, void* self, Types types, nng_err reason) noexcept;
    static void release(void* self) noexcept;
    void destroy() noexcept;

    [[nodiscard]] char* path() noexcept { return reinterpret_cast<char*>(this + 1); }
    [[nodiscard]] bool may_hang() noexcept;
    [[nodiscard]] bool has_been_replaced() noexcept;
    [[nodiscard]] bool has_effects() const noexcept;
    [[nodiscard]] bool leave(State from, State to) noexcept {
        return state_.compare_exchange_strong(from, to, NAIO_ORDER(opening_moves, seq_cst));
    }
    [[nodiscard]] bool end() noexcept {
        return state_.exchange(State::kOver, NAIO_ORDER(opening_ends, seq_cst)) != State::kOver;
    }
    void open_with_effects() noexcept;
    void open(int flags) noexcept;
    void finish() noexcept;

    Files& files_;
    Aio& aio_;
    ThreadedFile* file_;  // the file, if it is served by threads
    const int flags_;
    const mode_t mode_;
    const std::size_t path_size_;
    int descriptor_ = -1;
    nng_err error_ = NNG_OK;
    Atomic<State> state_{State::kOpen};
    References references_{2};
    Step look_;
    Step wait_;
    bool waits_ = false;
};

}  // namespace naio
