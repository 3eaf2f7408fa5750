// The sizes of the scenarios tcp_blocked and ipc_blocked, in which `size` servers block in each callback.
#ifndef BENCH_BLOCKED_H
#define BENCH_BLOCKED_H

#include <stdint.h>

#define BLOCKED_CONNECTIONS 100
#define BLOCKED_PAUSE INT64_C(10000000)  // the time in nanoseconds that a callback blocks

#endif
