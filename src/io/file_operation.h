// What can be done with an open file. Plain calls that block, on a thread for that; no threads and no aios here.
#pragma once

#include <naio/naio.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "io/file_calls.h"

namespace naio {

// Memory that is read to or written from piece by piece.
class Vectors {
  public:
    static constexpr unsigned kMax = 8;

    Vectors(const nng_iov* vectors, unsigned count) noexcept;

    [[nodiscard]] const iovec* data() const noexcept { return vectors_ + first_; }
    [[nodiscard]] int count() const noexcept { return static_cast<int>(count_ - first_); }
    // Nothing is left of it.
    [[nodiscard]] bool empty() const noexcept { return first_ == count_; }
    // The first bytes are done.
    void advance(std::size_t bytes) noexcept;

  private:
    iovec vectors_[kMax];
    unsigned first_ = 0;
    unsigned count_;
};

struct FileResult {
    nng_err error = NNG_OK;
    std::size_t count = 0;
};

// Where to read or write; nothing: at the file's own position, which moves on.
using Offset = std::optional<std::uint64_t>;

// Until the memory is full or the file ends; or until all is written. With an error: what was done before.
[[nodiscard]] FileResult read_file(const FileCalls& calls, int file, Vectors to, Offset offset) noexcept;
[[nodiscard]] FileResult write_file(const FileCalls& calls, int file, Vectors from, Offset offset) noexcept;
[[nodiscard]] FileResult sync_file(const FileCalls& calls, int file) noexcept;
[[nodiscard]] FileResult status_of_file(const FileCalls& calls, int file, naio_file_status& to) noexcept;
// It is closed in any case.
FileResult close_file(const FileCalls& calls, int file) noexcept;

}  // namespace naio
