#include "io/stream_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/os.h"
#include "base/system_error.h"

namespace naio {

namespace {

nng_err get_flag(int fd, int level, int option, OptionRoom room) noexcept {
    int value = 0;
    socklen_t size = sizeof(value);
    if (os::getsockopt(fd, level, option, &value, &size) != 0) return system_error(errno);
    return room.put(value != 0);
}

nng_err set_flag(int fd, int level, int option, OptionValue value) noexcept {
    bool flag = false;
    const nng_err error = value.get(flag);
    if (error != NNG_OK) return error;
    const int number = flag ? 1 : 0;
    return os::setsockopt(fd, level, option, &number, sizeof(number)) == 0 ? NNG_OK : system_error(errno);
}

struct Peer {
    int user = -1;
    int group = -1;
    int process = -1;  // -1: the system does not know the process
};

// True for a Unix socket. The system knows the peer's process only for Unix sockets, and not for all of them: the peer
// may be in another namespace, for example.
bool has_peer_process(int fd) noexcept {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    return os::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 && address.ss_family == AF_UNIX;
}

nng_err ask_peer(int fd, Peer& peer) noexcept {
#if defined(SO_PEERCRED) && defined(__linux__)
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    if (os::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return system_error(errno);
    peer = {.user = static_cast<int>(credentials.uid),
            .group = static_cast<int>(credentials.gid),
            .process = credentials.pid != 0 ? static_cast<int>(credentials.pid) : -1};
    return NNG_OK;
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)
    uid_t user = 0;
    gid_t group = 0;
    if (os::getpeereid(fd, &user, &group) != 0) return system_error(errno);
    peer = {.user = static_cast<int>(user), .group = static_cast<int>(group)};
    return NNG_OK;
#else
    static_cast<void>(fd), static_cast<void>(peer);
    return NNG_ENOTSUP;
#endif
}

nng_err get_of_peer(int fd, int Peer::*which, OptionRoom room) noexcept {
    if (!has_peer_process(fd)) return NNG_ENOTSUP;
    Peer peer;
    const nng_err error = ask_peer(fd, peer);
    if (error != NNG_OK) return error;
    return peer.*which != -1 ? room.put(peer.*which) : NNG_ENOTSUP;
}

}  // namespace

nng_err get_stream_option(int fd, StreamKind kind, const char* name, OptionRoom room) noexcept {
    const std::string_view option = name;
    if (kind == StreamKind::kTcp) {
        if (option == NNG_OPT_TCP_NODELAY) return get_flag(fd, IPPROTO_TCP, TCP_NODELAY, room);
        if (option == NNG_OPT_TCP_KEEPALIVE) return get_flag(fd, SOL_SOCKET, SO_KEEPALIVE, room);
        return NNG_ENOTSUP;
    }
    if (option == NNG_OPT_PEER_UID) return get_of_peer(fd, &Peer::user, room);
    if (option == NNG_OPT_PEER_GID) return get_of_peer(fd, &Peer::group, room);
    if (option == NNG_OPT_PEER_PID) return get_of_peer(fd, &Peer::process, room);
    return NNG_ENOTSUP;
}

nng_err set_stream_option(int fd, StreamKind kind, const char* name, OptionValue value) noexcept {
    const std::string_view option = name;
    if (kind == StreamKind::kTcp) {
        if (option == NNG_OPT_TCP_NODELAY) return set_flag(fd, IPPROTO_TCP, TCP_NODELAY, value);
        if (option == NNG_OPT_TCP_KEEPALIVE) return set_flag(fd, SOL_SOCKET, SO_KEEPALIVE, value);
        return NNG_ENOTSUP;
    }
    const bool of_peer = option == NNG_OPT_PEER_UID || option == NNG_OPT_PEER_GID || option == NNG_OPT_PEER_PID;
    return of_peer ? NNG_EREADONLY : NNG_ENOTSUP;
}

}  // namespace naio
