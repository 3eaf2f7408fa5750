// Two connected sockets, for the peers that have no dialers of their own.
#ifndef BENCH_SOCKET_PAIR_H
#define BENCH_SOCKET_PAIR_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// Connects two sockets of TCP through the loopback interface, with TCP_NODELAY, or two Unix sockets if `tcp` is false.
void socket_pair(bool tcp, int ends[2]);

#ifdef __cplusplus
}
#endif

#endif
