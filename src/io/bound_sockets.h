// Finds out whether a socket is bound to a file. On Linux, asks the kernel for the Unix sockets of all processes in the
// network namespace; on other systems the answer is kUnknown. The kernel's list also contains sockets that are bound
// but do not listen yet. An attempt to connect cannot tell such a socket from a file without a socket, because the
// connection is refused in both cases.
#pragma once

#include <sys/stat.h>

namespace naio {

enum class Bound : unsigned char {
    kNo,
    kYes,
    kUnknown  // the system does not say
};

// Looks for a socket that is bound to the file at `path`; `file` is the status of that file. Blocks for as long as the
// kernel takes to list its Unix sockets.
[[nodiscard]] Bound find_bound_socket(const struct stat& file, const char* path) noexcept;

}  // namespace naio
