// struct naio_file: an open file. The C type is this class.
//
// Its operations wait in line. While there are any, the file is a job on the blocking queue, which takes one of them
// at a time: so they are done in order, and a file needs no thread of its own.
//
// References: the program's handle, until it is closed or freed; each operation, until its release; the job. The last
// one closes the descriptor, if that is still open.
//
// Invariants:
//  1. An operation is in the line, or is the current one, or has been taken out to be finished.
//  2. The file is a job exactly while scheduled_.
//  3. The descriptor is used by the job alone.
#pragma once

#include <naio/naio.h>

#include <optional>

#include "aio/aio.h"
#include "base/allocator.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/references.h"
#include "exec/blocking_queue.h"
#include "io/file_operation.h"

struct naio_file final : naio::BlockingQueue::Job {
  public:
    struct Operation;
    using Perform = naio::FileResult (*)(naio_file& file, const Operation& operation);

    // Without a descriptor yet; the caller has the handle.
    naio_file(naio::BlockingQueue& queue, const naio::Allocator& allocator, const naio::FileCalls& calls) noexcept
        : Job(call, ended), queue_(queue), allocator_(allocator), calls_(calls) {}
    naio_file(const naio_file&) = delete;
    naio_file& operator=(const naio_file&) = delete;

    // Before anybody else knows the file.
    void set_descriptor(int descriptor) noexcept { descriptor_ = descriptor; }

    // Any thread. `call` names the public function.
    void read(nng_aio& aio, naio::Offset offset, const char* call) noexcept;
    void write(nng_aio& aio, naio::Offset offset, const char* call) noexcept;
    void sync(nng_aio& aio, const char* call) noexcept;
    void status(nng_aio& aio, naio_file_status& to, const char* call) noexcept;
    void close(nng_aio& aio, const char* call) noexcept;

    // Gives up the handle, or another reference.
    void release() noexcept;

  private:
    struct Task {
        Perform perform;
        naio::Offset offset = std::nullopt;
        naio_file_status* status = nullptr;
    };

    ~naio_file();
    friend class naio::Allocator;

    void start(nng_aio& aio, const Task& task, const char* name) noexcept;
    static void call(Job& job) noexcept;
    static void ended(Job& job, naio::BlockingQueue::End how) noexcept;
    void end_current() noexcept;
    void end_all() noexcept;

    naio::BlockingQueue& queue_;
    const naio::Allocator& allocator_;
    const naio::FileCalls& calls_;
    naio::References references_;
    int descriptor_ = -1;
    Operation* current_ = nullptr;  // the job's

    naio::Mutex mutex_;
    naio::List<Operation> line_ NAIO_GUARDED_BY(mutex_);
    bool scheduled_ NAIO_GUARDED_BY(mutex_) = false;
};
