// An open file whose operations block: a regular file, or another file that cannot be polled.
//
// The operations on the file wait in line_. While line_ has operations, the file is a job of the blocking queue, and
// each call of the job performs one operation. So the operations are done in order, and a file needs no thread of its
// own.
//
// A read or a write is done in pieces. Before each piece the job narrows the operation's guarantee to kPartial, because
// the piece moves bytes. If the operation has accepted a request before a piece, the job ends the operation with the
// exact count. If the job does so before the first piece, the outcome is kTotal.
//
// References: the program's handle has one until it is closed or freed, each operation has one until its release, and
// the job has one. When the last reference is given up, the destructor closes the descriptor, unless a close operation
// has closed it.
//
// Invariants:
//  1. An operation is in the line, or is current_, or is about to be finished.
//  2. The file is a job of the queue exactly while scheduled_ is true.
//  3. Only the job uses the descriptor, until the destructor closes it.
//  4. If an operation accepts a request after it has left the line, the job notices the request before the next piece.
//     After the last piece the request comes too late.
#pragma once

#include <optional>

#include "aio/aio.h"
#include "base/allocator.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/ref.h"
#include "exec/blocking_queue.h"
#include "io/file.h"
#include "io/file_operation.h"

namespace naio {

class ThreadedFile final : public File, public BlockingQueue::Job {
  public:
    // Creates a file without a descriptor. The caller has the first reference, the handle's.
    ThreadedFile(BlockingQueue& queue, const Allocator& allocator) noexcept
        : Job(call, ended), queue_(queue), allocator_(allocator) {}

    // Sets the descriptor; `appends` is true if each write goes to the file's end. Called before other threads know the
    // file.
    void set_descriptor(int descriptor, bool appends) noexcept {
        descriptor_ = descriptor;
        appends_ = appends;
    }

    void read(Aio& aio, Offset offset) noexcept override;
    void write(Aio& aio, Offset offset) noexcept override;
    void sync(Aio& aio) noexcept override;
    void status(Aio& aio, naio_file_status& to) noexcept override;
    void close(Aio& aio) noexcept override;
    void free() noexcept override { release(); }

  private:
    friend class Allocator;
    struct Operation;
    using Perform = FileResult (*)(ThreadedFile& file, Operation& operation);
    struct Task {
        Perform perform;
        Types guarantee = 0;  // the guarantee while the job performs the operation
        Offset offset = std::nullopt;
        naio_file_status* status = nullptr;
        bool closes = false;
    };

    ~ThreadedFile();

    void start(Aio& aio, const Task& task) noexcept;
    void close_unseen(Aio& aio) noexcept;
    static void call(Job& job) noexcept;
    static void ended(Job& job, BlockingQueue::End how) noexcept;
    void end_current() noexcept;
    void end_all() noexcept;
    void release() noexcept;

    BlockingQueue& queue_;
    const Allocator& allocator_;
    ReferenceCount references_;
    int descriptor_ = -1;
    bool appends_ = false;
    Operation* current_ = nullptr;  // used by the job alone

    Mutex mutex_;
    List<Operation> line_ NAIO_GUARDED_BY(mutex_);
    bool scheduled_ NAIO_GUARDED_BY(mutex_) = false;
};

}  // namespace naio
