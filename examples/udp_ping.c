// Measures the time that datagrams take to a server and back, and counts the datagrams that do not come back.
//
//     udp_ping serve ADDRESS PORT        a server, until SIGINT or SIGTERM; port 0: any free port
//     udp_ping ADDRESS PORT [COUNT]      its client; 5 times unless given
//
// A datagram may be lost without notice, so a client that waits for an answer needs a timeout. A datagram that arrives
// may be the late answer to an earlier ping. In this case the client waits again, but not beyond the deadline of the
// present ping.
#include <arpa/inet.h>
#include <nng/nng.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "check.h"

enum { COUNT = 5, MOST = 1000000, TIMEOUT = 250, LARGEST = 65536 };

static void prepare(nng_aio* aio, void* data, size_t size, nng_sockaddr* peer) {
    nng_iov iov = {data, size};
    check(nng_aio_set_iov(aio, 1, &iov), "nng_aio_set_iov");
    check(nng_aio_set_input(aio, 0, peer), "nng_aio_set_input");
}

struct server {
    nng_udp* udp;
    nng_aio* aio;
    bool sending;
    nng_sockaddr peer;
    char data[LARGEST];
};

static void proceed(void* arg) {
    struct server* server = arg;
    nng_err err = nng_aio_result(server->aio);

    if (err == NNG_ESTOPPED) return;
    server->sending = !server->sending && err == NNG_OK;  // an answer that could not be sent counts as lost
    prepare(server->aio, server->data, server->sending ? nng_aio_count(server->aio) : LARGEST, &server->peer);
    (server->sending ? nng_udp_send : nng_udp_recv)(server->udp, server->aio);
}

static void serve(nng_udp* udp, const sigset_t* signals) {
    static struct server server;
    char text[NNG_MAXADDRSTRLEN];
    nng_sockaddr self;
    int signal;

    server.udp = udp;
    check(nng_aio_alloc(&server.aio, proceed, &server), "nng_aio_alloc");
    check((nng_err)nng_udp_sockname(udp, &self), "nng_udp_sockname");
    prepare(server.aio, server.data, LARGEST, &server.peer);
    nng_udp_recv(udp, server.aio);
    printf("listening on udp://%s\n", nng_str_sockaddr(&self, text, sizeof(text)));
    fflush(stdout);
    while (sigwait(signals, &signal) != 0) continue;
    nng_aio_free(server.aio);
}

static int64_t clock_ns(void) {
    struct timespec now;
    expect(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "there is a clock");
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// Sends the current time, and waits until it comes back. Returns the time in between in ns, or -1 if no answer has come
// within TIMEOUT milliseconds.
static int64_t ping(nng_udp* udp, nng_aio* aio, nng_sockaddr* server) {
    nng_time deadline = nng_clock() + TIMEOUT;
    int64_t sent = clock_ns(), answer = 0;

    prepare(aio, &sent, sizeof(sent), server);
    nng_udp_send(udp, aio);
    nng_aio_wait(aio);
    check(nng_aio_result(aio), "nng_udp_send");
    do {
        prepare(aio, &answer, sizeof(answer), NULL);
        nng_aio_set_expire(aio, deadline);  // for the next operation only
        nng_udp_recv(udp, aio);
        nng_aio_wait(aio);
        if (nng_aio_result(aio) == NNG_ETIMEDOUT) return -1;
        if (nng_aio_result(aio) != NNG_EMSGSIZE) check(nng_aio_result(aio), "nng_udp_recv");
    } while (nng_aio_result(aio) != NNG_OK || nng_aio_count(aio) != sizeof(answer) || answer != sent);
    return clock_ns() - sent;
}

static void ping_times(nng_udp* udp, nng_sockaddr server, unsigned count) {
    int64_t min = INT64_MAX, max = 0, sum = 0;
    unsigned answered = 0;
    nng_aio* aio;

    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    for (unsigned i = 0; i < count; i++) {
        int64_t took = ping(udp, aio, &server);
        if (took < 0) continue;
        answered++;
        sum += took;
        if (took < min) min = took;
        if (took > max) max = took;
    }
    nng_aio_free(aio);
    printf("%u sent, %u answered, %u lost\n", count, answered, count - answered);
    expect(answered != 0, "something answers");
    printf("min %.1f us, mean %.1f us, max %.1f us\n", (double)min / 1e3, (double)sum / answered / 1e3,
           (double)max / 1e3);
}

static unsigned parse(const char* text, unsigned long max) {
    char* end;
    unsigned long value = strtoul(text, &end, 10);
    expect(end != text && *end == '\0' && value <= max, "PORT and COUNT are numbers");
    return (unsigned)value;
}

int main(int argc, char** argv) {
    usage(argc, argv, 2, 3, "serve ADDRESS PORT | ADDRESS PORT [COUNT]",
          "Sends datagrams to a server, and says how long they take there and back. With `serve` it is that server.");
    bool is_server = argc == 4 && strcmp(argv[1], "serve") == 0;
    nng_sockaddr any = {.s_in = {NNG_AF_INET, 0, 0}}, address = any;  // any address and port: the system chooses
    sigset_t signals;
    nng_udp* udp;

    expect(inet_pton(AF_INET, argv[is_server ? 2 : 1], &address.s_in.sa_addr) == 1, "ADDRESS is one of IPv4");
    address.s_in.sa_port = htons((uint16_t)parse(argv[is_server ? 3 : 2], UINT16_MAX));
    unsigned count = !is_server && argc == 4 ? parse(argv[3], MOST) : COUNT;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (is_server) expect(pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0, "signals can be blocked");
    check(nng_init(NULL), "nng_init");
    check((nng_err)nng_udp_open(&udp, is_server ? &address : &any), "nng_udp_open");
    if (is_server)
        serve(udp, &signals);
    else
        ping_times(udp, address, count);
    nng_udp_close(udp);
    nng_fini();
    return 0;
}
