// The system calls on files, in a table that tests can replace.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/os.h"

namespace naio {

static_assert(sizeof(off_t) == 8, "offsets in files have 64 bits: build with _FILE_OFFSET_BITS=64");

struct FileCalls {
    int (*open)(const char*, int, mode_t) = [](const char* path, int flags, mode_t mode) {
        return os::open(path, flags, mode);
    };
    ssize_t (*read)(int, const iovec*, int) = os::readv;
    ssize_t (*write)(int, const iovec*, int) = os::writev;
    ssize_t (*pread)(int, const iovec*, int, off_t) = os::preadv;
    ssize_t (*pwrite)(int, const iovec*, int, off_t) = os::pwritev;
    int (*sync)(int) = os::fsync;
    int (*status)(int, struct stat*) = os::fstat;
    int (*status_of_path)(const char*, struct stat*) = os::stat;
    int (*close)(int) = os::close;
};

// True for a FIFO or a character device. Its open may have to wait for a peer; afterwards the system may be able to
// poll it.
inline bool is_stream(const struct stat& status) noexcept {
    return S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode);
}

}  // namespace naio
