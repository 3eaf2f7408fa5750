// The operations on an open file, as functions that block. ThreadedFile calls them on a thread of a BlockingQueue. For
// operations that cannot wait, PolledFile calls them on the submitter's thread.
#pragma once

#include <naio/naio.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "io/vectors.h"

namespace naio {

static_assert(sizeof(off_t) == 8, "offsets in files have 64 bits: build with _FILE_OFFSET_BITS=64");

struct FileResult {
    nng_err error = NNG_OK;
    std::size_t count = 0;
    bool stopped = false;  // go_on has returned false before a piece
};

// Says how a read or a write divides its bytes into pieces. The operation calls go_on(argument, moved) before each
// piece, and stops if go_on returns false. An operation without bytes does not call go_on.
struct Pieces {
    static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
    std::size_t size = kAll;  // max bytes of a piece
    bool (*go_on)(void* argument, std::size_t moved) = [](void*, std::size_t) { return true; };
    void* argument = nullptr;
};

// The offset to read from or to write to. Without a value, the operation uses the file's own position, which the system
// call advances.
using Offset = std::optional<std::uint64_t>;

// read_file reads until the memory is full or the file ends; write_file writes until all is written. After an error,
// count is the number of bytes that were moved before it.
[[nodiscard]] FileResult read_file(int file, Vectors to, Offset offset, const Pieces& pieces = {}) noexcept;
[[nodiscard]] FileResult write_file(int file, Vectors from, Offset offset, const Pieces& pieces = {}) noexcept;
[[nodiscard]] FileResult sync_file(int file) noexcept;
[[nodiscard]] FileResult status_of_file(int file, naio_file_status& to) noexcept;
// Closes the file. The descriptor is closed even if the result is an error.
FileResult close_file(int file) noexcept;

// True for a FIFO or a character device. An open of such a file may have to wait for a peer. When the file is open, the
// system may be able to poll it.
inline bool is_stream(const struct stat& status) noexcept {
    return S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode);
}

}  // namespace naio
