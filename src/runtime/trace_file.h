// The file of a trace (trace.h): an array of JSON, which always has whole events, and can be continued later.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string_view>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace naio::trace {

class File {
  public:
    // Opens the file. False if it cannot be written: take_refusal says why.
    [[nodiscard]] bool open(const char* path) noexcept;

    // Ends the array of events. A later open continues the array.
    void close() noexcept;

    // Adds whole events. If they cannot be written, ends the trace.
    void put(std::string_view text) noexcept;
    // As put, but does nothing, and returns false, if another thread holds the lock for long.
    [[nodiscard]] bool put_soon(std::string_view text) noexcept;

    // Returns the errno of the last open or write that has failed, and forgets it; 0 if none has failed.
    [[nodiscard]] int take_refusal() noexcept;
    void forget_refusal() noexcept { refusal_.store(0, std::memory_order_relaxed); }

    // Returns the time at which the trace begins. REQUIRES: open has returned true once.
    [[nodiscard]] Nanoseconds begin() const noexcept { return begin_; }

  private:
    [[nodiscard]] int open_locked(const char* path) noexcept NAIO_REQUIRES(mutex_);
    void close_locked() noexcept NAIO_REQUIRES(mutex_);
    void put_locked(std::string_view text) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] int append(std::string_view text) noexcept NAIO_REQUIRES(mutex_);
    void truncate() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] int write(std::string_view text) noexcept NAIO_REQUIRES(mutex_);

    Mutex mutex_;
    int fd_ NAIO_GUARDED_BY(mutex_) = -1;
    off_t position_ NAIO_GUARDED_BY(mutex_) = 0;
    bool full_ NAIO_GUARDED_BY(mutex_) = false;  // the file cannot take more events
    Nanoseconds begin_ = 0;                      // written before the first event
    Atomic<int> refusal_{0};
};

}  // namespace naio::trace
