// All scenarios of the program; each is described where it is defined.
#ifndef BENCH_SCENARIOS_H
#define BENCH_SCENARIOS_H

// callbacks.cpp
void round_trip(long size);
void resubmit(long size);
void produce(long size);

// timers.cpp
void armed(long size);
void expire(long size);
void memory(long size);

// sleeps.cpp
void random_sleeps(long size);
void burst(long size);

// echo.cpp
void tcp_ping(long size);
void ipc_ping(long size);
void tcp_echo(long size);
void ipc_echo(long size);

// blocked.cpp
void tcp_blocked(long size);
void ipc_blocked(long size);

// ping_wait.cpp
void tcp_ping_wait(long size);
void ipc_ping_wait(long size);

// flood.cpp
void tcp_flood(long size);
void ipc_flood(long size);

#endif
