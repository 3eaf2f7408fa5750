// Pairs of connected sockets.
#ifndef BENCH_SOCKETS_H
#define BENCH_SOCKETS_H

#include "measured.h"
#include "socket_pair.h"

using Tcp = asio::ip::tcp::socket;
using Ipc = asio::local::stream_protocol::socket;

inline void adopt(Tcp& socket, int fd) { socket.assign(asio::ip::tcp::v4(), fd); }
inline void adopt(Ipc& socket, int fd) { socket.assign(asio::local::stream_protocol(), fd); }

template <class Socket>
void connect(Socket& one, Socket& other) {
    int fds[2];
    socket_pair(std::is_same_v<Socket, Tcp>, fds);
    adopt(one, fds[0]);
    adopt(other, fds[1]);
}

#endif
