// All scenarios of the program; each is described where it is defined.
#ifndef BENCH_SCENARIOS_H
#define BENCH_SCENARIOS_H

// callbacks.c
void round_trip(long size);
void resubmit(long size);
void produce(long size);

// chain.c
void chain(long size);

// timeouts.c
void armed(long size);
void expire(long size);

// sleeps.c
void random_sleeps(long size);
void burst(long size);

// handles.c
void memory(long size);
void fini(long size);

// echo.c
void tcp_ping(long size);
void ipc_ping(long size);
void tcp_echo(long size);
void ipc_echo(long size);

// blocked.c
void tcp_blocked(long size);
void ipc_blocked(long size);

// ping_wait.c
void tcp_ping_wait(long size);
void ipc_ping_wait(long size);

// flood.c
void tcp_flood(long size);
void ipc_flood(long size);

#endif
