// All scenarios of the program; each is described where it is defined.
#ifndef BENCH_SCENARIOS_H
#define BENCH_SCENARIOS_H

// threads.c
void round_trip(long size);
void produce(long size);

// timers.c
void expire(long size);
void random_sleeps(long size);

// sockets.c
void tcp_ping(long size);
void ipc_ping(long size);
void tcp_ping_wait(long size);
void ipc_ping_wait(long size);
void tcp_ping_poll(long attempts);
void ipc_ping_poll(long attempts);
void tcp_flood(long size);
void ipc_flood(long size);
void tcp_echo(long size);
void ipc_echo(long size);

// primitives.c
void primitives(long size);

#endif
