// The file of a Unix socket that listens.
//
// Among the processes that use this library, to bind and listen is one step, and to remove the file is another: the
// listener holds the directory's lock during each (directory_lock.h). If there is no such lock, another process may
// come between the parts of a step, which therefore follow each other as closely as possible.
//
// Invariants:
//  1. A file that is known to have a socket bound to it (bound_sockets.h) is never replaced, nor is a file that is not
//     a socket.
//  2. A listener's file is removed before its socket is closed. Until then no other listener replaces the file, and the
//     system does not give its inode number to another one.
#pragma once

#include <nng/nng.h>
#include <sys/stat.h>
#include <sys/types.h>

namespace naio {

struct SystemAddress;

class SocketFile {
  public:
    // Binds the socket to `address`, which is `path`, and listens. Replaces a file that a listener has left behind.
    // `permissions` are those of the file, unless negative. `to` is set only on success. If another program holds the
    // directory's lock, this blocks for a second at most, and then replaces no file.
    [[nodiscard]] static nng_err listen(int fd, const SystemAddress& address, const char* path, int permissions,
                                        SocketFile& to) noexcept;

    // Removes the file, unless another file has its path by now. If another program holds the directory's lock, this
    // blocks for a tenth of a second at most, and then removes the file without the lock.
    void remove(const char* path) const noexcept;

  private:
    void remember(const char* path) noexcept;
    void unlink(const char* path) const noexcept;

    bool there_ = false;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace naio
