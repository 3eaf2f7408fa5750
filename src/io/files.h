// Opens files, as an operation. See naio_file_open.
//
// Until its turn on the blocking queue has come, the operation can be ended; then it cannot.
#pragma once

#include "aio/aio.h"
#include "base/allocator.h"
#include "exec/blocking_queue.h"
#include "io/file_calls.h"

namespace naio {

class Files {
  public:
    Files(BlockingQueue& queue, const Allocator& allocator, const FileCalls& calls = {}) noexcept
        : queue_(queue), allocator_(allocator), calls_(calls) {}
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    // Any thread. The path is copied.
    void open(Aio& aio, const char* path, unsigned flags, unsigned mode) noexcept;

  private:
    class Opening;

    BlockingQueue& queue_;
    const Allocator& allocator_;
    const FileCalls calls_;
};

}  // namespace naio
