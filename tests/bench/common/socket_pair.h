// Two connected sockets, for the peers that have no dialers of their own.
#ifndef BENCH_SOCKET_PAIR_H
#define BENCH_SOCKET_PAIR_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// tcp: through the loopback, without Nagle's delay. Else a pair of Unix sockets.
void socket_pair(bool tcp, int ends[2]);

#ifdef __cplusplus
}
#endif

#endif
