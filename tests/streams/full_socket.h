// Waits until a full socket of TCP has nothing under way that could make room in it.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nng/nng.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstdint>

namespace streams {

// Returns the descriptor of a stream over TCP; -1 if it has none. The library has no function for this, so the search
// compares the ports of all descriptors.
inline int tcp_descriptor(nng_stream* stream) {
    for (int fd = 0; fd < 1024; ++fd) {
        const auto has_port = [fd](int (*name)(int, sockaddr*, socklen_t*), const nng_sockaddr* of) {
            sockaddr_storage address{};
            socklen_t size = sizeof address;
            if (name(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
            const std::uint32_t port = ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
            return (address.ss_family == AF_INET || address.ss_family == AF_INET6) && port == nng_sockaddr_port(of);
        };
        if (has_port(getsockname, nng_stream_self_addr(stream)) && has_port(getpeername, nng_stream_peer_addr(stream)))
            return fd;
    }
    return -1;
}

// Blocks until the socket's peer has acknowledged all that it has room for, and has answered a probe of its window.
// Before that, a full socket of TCP takes a little more, even without a reader. Each acknowledgement makes room, and
// the system delays the last one for 40 ms or more. The answer to the first probe, after 200 ms, may find room, too; on
// a busy machine it comes milliseconds after the probe. The system counts in tcpi_backoff the probes since the window
// closed, and in tcpi_probes those that have no answer.
// Does nothing with a socket that is not of TCP.
inline void wait_until_settled(nng_stream* stream) {
    const int fd = nng_sockaddr_port(nng_stream_self_addr(stream)) != 0 ? tcp_descriptor(stream) : -1;
    if (fd < 0) return;
    for (tcp_info info{};; nng_msleep(1)) {
        int queued = 0;
        socklen_t size = sizeof info;
        ASSERT_EQ(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
        ASSERT_EQ(ioctl(fd, TIOCOUTQ, &queued), 0);
        const bool open = info.tcpi_state == TCP_ESTABLISHED || info.tcpi_state == TCP_CLOSE_WAIT;
        const bool answered = info.tcpi_backoff > 0 && info.tcpi_probes == 0;
        if (!open || queued == 0 || (info.tcpi_unacked == 0 && answered)) return;
    }
}

}  // namespace streams
