// Finds out whether a socket is bound to a file. Linux lists the sockets of all processes in the network namespace. The
// list also contains a socket that is bound but does not listen yet. An attempt to connect cannot find such a socket,
// because the socket refuses connections, just like a file that was left behind.
#pragma once

#include <sys/stat.h>

namespace naio {

enum class Bound : unsigned char {
    kNo,
    kYes,
    kUnknown  // the system does not say
};

// Looks for a socket that is bound to the file at `path`, whose status is `file`. Blocks for as long as the kernel
// takes to list its Unix sockets.
[[nodiscard]] Bound find_bound_socket(const struct stat& file, const char* path) noexcept;

}  // namespace naio
