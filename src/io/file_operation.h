// What can be done with an open file. Plain calls that block, on a thread for that; no threads here.
#pragma once

#include <naio/naio.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "io/file_calls.h"
#include "io/vectors.h"

namespace naio {

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
