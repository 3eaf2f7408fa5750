#include "io/socket_file.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/fault.h"
#include "base/os.h"
#include "base/system_error.h"
#include "io/address.h"
#include "io/bound_sockets.h"
#include "io/directory_lock.h"
#include "io/system_calls.h"

namespace naio {

namespace {

constexpr nng_duration kPatience = 1000;      // max wait for the directory's lock in listen, in milliseconds
constexpr nng_duration kShortPatience = 100;  // max wait for the lock in remove

bool refuses(const SystemAddress& address) noexcept {
    const int probe = system_calls.socket(AF_UNIX, SOCK_STREAM, 0);
    if (probe < 0) return false;
    const bool refused = system_calls.connect(probe, address.get(), address.size) != 0 && errno == ECONNREFUSED;
    os::close(probe);
    return refused;
}

// True if the file is a socket's, the kernel's list has no socket that is bound to the file, and an attempt to connect
// is refused. The attempt is needed because the list lacks sockets of other network namespaces, which may accept
// connections. If the list has the socket, this function does not try to connect, so that the listener of the socket
// sees no connection.
bool was_left_behind(const SystemAddress& address, const char* path, const struct stat& file) noexcept {
    return S_ISSOCK(file.st_mode) &&
           (find_bound_socket(file, path) != Bound::kYes || NAIO_FAULT(bound_socket_is_replaced)) && refuses(address);
}

bool is_same(const char* path, dev_t device, ino_t inode) noexcept {
    struct stat file {};
    return os::lstat(path, &file) == 0 && file.st_dev == device && file.st_ino == inode;
}

bool remove_left_behind(const SystemAddress& address, const char* path) noexcept {
    struct stat file {};
    if (os::lstat(path, &file) != 0 || !was_left_behind(address, path, file)) return false;
    // Without the directory's lock, another listener may have replaced the file by its own in the meantime.
    return is_same(path, file.st_dev, file.st_ino) && os::unlink(path) == 0;
}

// Binds the socket. If the path is in use and `may_replace` is true, first removes a file that was left behind. Returns
// false and sets errno if the socket is not bound.
bool bind_to(int fd, const SystemAddress& address, const char* path, bool may_replace, bool& replaced) noexcept {
    if (system_calls.bind(fd, address.get(), address.size) == 0) return true;
    if (errno != EADDRINUSE) return false;
    replaced =
        may_replace && remove_left_behind(address, path) && system_calls.bind(fd, address.get(), address.size) == 0;
    if (replaced) return true;
    errno = EADDRINUSE;
    return false;
}

}  // namespace

nng_err SocketFile::listen(int fd, const SystemAddress& address, const char* path, int permissions,
                           SocketFile& to) noexcept {
    const DirectoryLock lock(path, kPatience);
    if (lock.error() != NNG_OK) return lock.error();
    SocketFile file;
    if (!bind_to(fd, address, path, lock.state() != DirectoryLock::State::kBusy, file.replaced_))
        return errno == ENOTDIR ? NNG_ENOENT : system_error(errno);
    file.remember(path);
    const bool permitted = permissions < 0 || os::chmod(path, static_cast<mode_t>(permissions)) == 0;
    if (permitted && system_calls.listen(fd, SOMAXCONN) == 0) {
        to = file;
        return NNG_OK;
    }
    const nng_err error = system_error(errno);
    file.unlink(path);
    return error;
}

void SocketFile::remember(const char* path) noexcept {
    struct stat file {};
    there_ = os::lstat(path, &file) == 0;
    device_ = file.st_dev;
    inode_ = file.st_ino;
}

void SocketFile::remove(const char* path) const noexcept {
    if (!there_) return;
    const DirectoryLock lock(path, kShortPatience);
    unlink(path);
}

void SocketFile::unlink(const char* path) const noexcept {
    if (there_ && is_same(path, device_, inode_)) os::unlink(path);
}

}  // namespace naio
