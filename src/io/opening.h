// Opens one file, as an operation. See naio_file_open. Any thread may start the operation and request its end.
//
//     files queue: look at the path --1--> open it there --3--> finished
//                         |                                        ^
//                         2                                        |
//                         v                                        3
//     openings queue: open it, which waits for a peer -------------+
//
//  1. The path names a regular file, no file, or another file that opens at once.
//  2. The path names a FIFO or a character device. The open of a FIFO waits for a peer, and the open of a serial line
//     waits for a carrier. Such an open neither creates nor truncates anything.
//  3. The open has returned.
//
// Invariants:
//  1. state_ becomes kOver once, and the thread that makes this change finishes the operation. If the open returns a
//     descriptor later, the queue's thread closes the descriptor.
//  2. An open that may create or truncate a file runs only in kCommitted. In this state no request ends the operation.
//     So an operation that was ended by a request has created and truncated no file, and will create and truncate none.
#pragma once

#include <sys/types.h>

#include <cstddef>

#include "aio/aio.h"
#include "base/atomic.h"
#include "base/order.h"
#include "base/ref.h"
#include "exec/blocking_queue.h"
#include "io/files.h"
#include "io/threaded_file.h"

namespace naio {

// The operation has one reference, and the job that is in one of the queues has the other.
class Opening {
  public:
    // Returns an opening, with a copy of the path behind the object; nullptr if there is no memory.
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

    friend class Allocator;
    Opening(Files& files, Aio& aio, int flags, mode_t mode, std::size_t path_size) noexcept;
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
    // leave and end make each change in one step, so that only one thread makes it. No other data is handed on through
    // state_, so any order would do; seq_cst costs little beside the system calls.
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
    ThreadedFile* file_ = nullptr;  // prepared for the case that the system cannot poll the file
    const int flags_;
    const mode_t mode_;
    const std::size_t path_size_;
    int descriptor_ = -1;
    nng_err error_ = NNG_OK;
    Atomic<State> state_{State::kOpen};
    ReferenceCount references_{2};
    Step look_;
    Step wait_;
    bool waits_ = false;
};

}  // namespace naio
