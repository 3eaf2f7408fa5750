// What can be done with an open file. Plain calls that block, on a thread for that; no threads here.
#pragma once

#include <naio/naio.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "io/file_calls.h"
#include "io/vectors.h"

namespace naio {

struct FileResult {
    nng_err error = NNG_OK;
    std::size_t count = 0;
    bool stopped = false;  // before a piece
};

// A read or a write is done in pieces: before each, go_on(argument, moved) says whether to do it. Not called when nothing
// is to be moved.
struct Pieces {
    static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
    std::size_t size = kAll;  // in bytes, at most
    bool (*go_on)(void* argument, std::size_t moved) = [](void*, std::size_t) { return true; };
    void* argument = nullptr;
};

// Where to read or write; nothing: at the file's own position, which moves on.
using Offset = std::optional<std::uint64_t>;

// Reads until the memory is full or the file ends; or writes until all is written. With an error: what was done before.
[[nodiscard]] FileResult read_file(const FileCalls& calls, int file, Vectors to, Offset offset,
                                   const Pieces& pieces = {}) noexcept;
[[nodiscard]] FileResult write_file(const FileCalls& calls, int file, Vectors from, Offset offset,
                                    const Pieces& pieces = {}) noexcept;
[[nodiscard]] FileResult sync_file(const FileCalls& calls, int file) noexcept;
[[nodiscard]] FileResult status_of_file(const FileCalls& calls, int file, naio_file_status& to) noexcept;
// It is closed in any case.
FileResult close_file(const FileCalls& calls, int file) noexcept;

}  // namespace naio
