// The file of a Unix socket that listens.
//
// A listener holds the directory's lock (directory_lock.h) while it binds and listens, and while it removes the file.
// So other processes that use this library see each of these as one step. If the directory cannot be locked, another
// process may act between the parts of a step, so the parts follow each other as closely as possible.
//
// Invariants:
//  1. A listener never replaces a file that is known to have a socket bound to it (bound_sockets.h), or a file that is
//     not a socket.
//  2. A listener removes its file before it closes its socket. While the socket is open, no other listener replaces the
//     file, and the system does not give the file's inode number to another file.
#pragma once

#include <nng/nng.h>
#include <sys/stat.h>
#include <sys/types.h>

namespace naio {

struct SystemAddress;

class SocketFile {
  public:
    // Binds the socket to `address`, the system's form of `path`, and listens. Replaces a file that a listener has left
    // behind. If `permissions` is not negative, the file gets these permissions. `to` is set only on success. If
    // another program holds the directory's lock, listen waits for a second at most. If the program holds the lock for
    // longer, listen replaces no file.
    [[nodiscard]] static nng_err listen(int fd, const SystemAddress& address, const char* path, int permissions,
                                        SocketFile& to) noexcept;

    // True if listen has replaced a file that a listener had left behind.
    [[nodiscard]] bool replaced() const noexcept { return replaced_; }

    // Removes the file, unless another file has its path by now. If another program holds the directory's lock, remove
    // waits for a tenth of a second at most, and then removes the file without the lock.
    void remove(const char* path) const noexcept;

  private:
    void remember(const char* path) noexcept;
    void unlink(const char* path) const noexcept;

    bool there_ = false;
    bool replaced_ = false;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace naio
