// Finds out whether a socket is bound to a file. Linux lists the sockets of all processes in the network namespace. The
// list has also a socket that does not listen yet, and refuses connections like a file that was left behind.
#pragma once

#include <sys/stat.h>

namespace naio {

enum class Bound : unsigned char {
    kNo,
    kYes,
    kUnknown  // the system does not tell
};

// `path` leads to the file, whose status was read. Blocks for as long as the kernel takes to list its Unix sockets.
[[nodiscard]] Bound find_bound_socket(const struct stat& file, const char* path) noexcept;

}  // namespace naio
