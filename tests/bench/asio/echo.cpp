// Measures one connection, and many connections at the same time, that echo 64 bytes.
#include <cstdlib>

#include "crowd.h"
#include "scenarios.h"

namespace {

int number(const char* variable, int otherwise) {
    const char* const text = std::getenv(variable);
    return text != nullptr ? std::atoi(text) : otherwise;
}

template <class Socket>
round_trips echo(long connections) {
    return Crowd<Socket>(wanted_pool(1), connections).run();
}

template <class Socket>
void ping() {
    const round_trips done = echo<Socket>(1);
    report_ping(&done);
}

template <class Socket>
void many(long connections) {
    const round_trips done = echo<Socket>(connections);
    report_echo(&done);
}

}  // namespace

Pool wanted_pool(int threads) { return {number("BENCH_CONTEXTS", 1), number("BENCH_THREADS", threads)}; }

void tcp_ping(long) { ping<Tcp>(); }
void ipc_ping(long) { ping<Ipc>(); }
void tcp_echo(long size) { many<Tcp>(size); }
void ipc_echo(long size) { many<Ipc>(size); }
