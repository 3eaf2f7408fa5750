// Opens files. Each open is an operation. See naio_file_open.
#pragma once

#include "aio/aio.h"
#include "base/allocator.h"
#include "exec/blocking_queue.h"
#include "io/file.h"
#include "loop/pollers.h"

namespace naio {

class ThreadedFile;

class Files {
  public:
    struct Services {
        BlockingQueue& queue;     // for operations on files
        BlockingQueue& openings;  // for opens and closes that may block for long and would occupy `queue`
        Pollers& pollers;
        const Allocator& allocator;
    };

    explicit Files(const Services& services) noexcept : services_(services) {}
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    // Starts an operation that opens the file. Any thread. The path is copied.
    void open(Aio& aio, const char* path, unsigned flags, unsigned mode) noexcept;

    [[nodiscard]] const Services& services() const noexcept { return services_; }

    // Stores a file over a descriptor that open(2) has returned. `flags` are flags of open(2), of which adopt uses only
    // O_APPEND. The file is a PolledFile if the descriptor is a FIFO or a character device that the system can poll.
    // Otherwise the file is `prepared`, and adopt sets `prepared` to nullptr. On an error adopt closes the descriptor.
    [[nodiscard]] nng_err adopt(int descriptor, int flags, ThreadedFile*& prepared, File*& to) noexcept;

  private:
    [[nodiscard]] nng_err adopt_polled(int descriptor, const struct stat& status, File*& to) noexcept;

    const Services services_;
};

}  // namespace naio
