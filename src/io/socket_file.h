// The name of a listening socket in the file system.
//
// To bind and listen, and to remove the file, is one step each among the processes that use this library: see
// directory_lock.h. Where there is no such lock, the parts of the step follow each other as closely as possible.
//
// Invariants:
//  1. A file that is known to have a socket bound to it (bound_sockets.h) is never replaced, nor one that is no socket.
//  2. A listener's file is removed before its socket is closed: until then no other listener replaces it, and its inode
//  number stays its own.
#pragma once

#include <nng/nng.h>
#include <sys/stat.h>
#include <sys/types.h>

namespace naio {

struct SystemAddress;

class SocketFile {
  public:
    // Binds the socket to `address`, which is `path`, and listens. A file that a listener has left behind is replaced.
    // `permissions` are those of the file, if not negative. `to` is set only on success. Blocks for a second at most,
    // while another program has the directory's lock; then no file is replaced.
    [[nodiscard]] static nng_err listen(int number, const SystemAddress& address, const char* path, int permissions,
                                        SocketFile& to) noexcept;

    // Removes it, unless another one has its place by now. Blocks for a tenth of a second at most, as above.
    void remove(const char* path) const noexcept;

  private:
    void remember(const char* path) noexcept;
    void unlink(const char* path) const noexcept;

    bool there_ = false;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace naio
