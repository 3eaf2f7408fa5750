// Connects to a host that has several addresses, with the "happy eyeballs" algorithm (RFC 8305).
//
//     happy_eyeballs [HOST PORT]      without arguments: four addresses of this machine, only one of which answers
//
// The attempts start one after the other, a short time apart, and run at the same time. The first attempt that connects
// wins, and the others are asked to end. All attempts together are one operation: a group that needs one success. Its
// timeout is the timeout of all attempts, and a cancel of the group cancels all of them.
//
// An attempt consists of two operations, one after the other: a sleep until its turn, and the dial. So an attempt is a
// composed operation. Its guarantee is TOTAL, because a connection that has not been used yet can be closed without any
// effect.
#include <arpa/inet.h>
#include <naio/naio.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

enum { MOST = 8, FILLING = 3, APART = 250, TIMEOUT = 10000 };  // addresses, and milliseconds

struct attempt {
    char url[NNG_MAXADDRSTRLEN + 16];
    nng_stream_dialer* dialer;
    nng_duration turn;
    enum { BEFORE, WAITING, DIALING } stage;
};

// ---- Connecting --------------------------------------------------------------------------------

// Called at the start, and after each inner operation. If a request ends an inner operation, or comes between the two
// inner operations so that the second one is refused, `result` is the reason of the request.
static void proceed(naio_op* op, void* arg, nng_err result, size_t count) {
    struct attempt* attempt = arg;
    (void)count;

    if (result != NNG_OK) {
        naio_op_finish(op, result, 0);
        return;
    }
    switch (attempt->stage) {
        case BEFORE:
            attempt->stage = WAITING;
            nng_sleep_aio(attempt->turn, naio_op_child(op));
            break;
        case WAITING:
            attempt->stage = DIALING;
            nng_stream_dialer_dial(attempt->dialer, naio_op_child(op));
            break;
        case DIALING:
            nng_aio_set_output(naio_op_aio(op), 0, nng_aio_get_output(naio_op_child(op), 0));
            naio_op_finish(op, NNG_OK, 0);
            break;
    }
}

static void start_attempt(struct attempt* attempt, nng_duration turn, nng_aio* aio) {
    attempt->turn = turn;
    attempt->stage = BEFORE;
    nng_err err = naio_compose(aio, NAIO_CANCEL_TOTAL, proceed, NULL, attempt);
    if (err != NNG_OK) nng_aio_finish(aio, err);  // nothing was started: completes the operation at once
}

// Returns the stream of the first success. There may be other successes, because an attempt may have connected before
// it could be asked to end. Their streams belong to the program, too, so this function frees them.
static nng_stream* winner(naio_group* group, const struct attempt* attempts, unsigned n) {
    nng_stream* first = NULL;

    for (unsigned i = 0; i < n; i++) {
        unsigned member = naio_group_order(group, i);  // the members, in the order in which they ended
        nng_aio* aio = naio_group_aio(group, member);
        nng_stream* connected = nng_aio_result(aio) == NNG_OK ? nng_aio_get_output(aio, 0) : NULL;
        const char* note = naio_aio_outcome(aio) == NAIO_CANCEL_TOTAL ? ", as if it had never been" : "";

        if (connected != NULL && first != NULL) note = ", but too late";
        printf("  %-32s %s%s\n", attempts[member].url, nng_strerror(nng_aio_result(aio)), note);
        if (first == NULL)
            first = connected;
        else if (connected != NULL)
            nng_stream_free(connected);
    }
    return first;
}

// Connects to the first address that answers. Returns NULL if none answers within `timeout` milliseconds.
static nng_stream* connect_to_any(struct attempt* attempts, unsigned n, nng_duration apart, nng_duration timeout) {
    naio_group* group;
    nng_aio* aio;

    check(naio_group_alloc(&group, n), "naio_group_alloc");
    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    for (unsigned i = 0; i < n; i++)
        check(nng_stream_dialer_alloc(&attempts[i].dialer, attempts[i].url), attempts[i].url);
    nng_aio_set_timeout(aio, timeout);

    nng_time start = nng_clock();
    if (naio_group_start(group, aio, 1, NAIO_GROUP_SUCCESS, NAIO_CANCEL_ALL)) {
        for (unsigned i = 0; i < n; i++) start_attempt(&attempts[i], apart * (nng_duration)i, naio_group_aio(group, i));
        naio_group_seal(group);
    }
    nng_aio_wait(aio);
    nng_stream* stream = winner(group, attempts, n);
    printf("%s after %u ms\n", stream != NULL ? "connected" : nng_strerror(nng_aio_result(aio)),
           (unsigned)(nng_clock() - start));

    for (unsigned i = 0; i < n; i++) nng_stream_dialer_free(attempts[i].dialer);
    nng_aio_free(aio);
    naio_group_free(group);
    return stream;
}

// ---- A host ------------------------------------------------------------------------------------

static void set_url(struct attempt* attempt, const nng_sockaddr* address) {
    char text[NNG_MAXADDRSTRLEN];
    snprintf(attempt->url, sizeof(attempt->url), "tcp://%s", nng_str_sockaddr(address, text, sizeof(text)));
}

static int connect_to(const char* host, const char* port) {
    struct attempt attempts[MOST];
    nng_sockaddr addresses[MOST];
    nng_aio* aio;

    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    nng_aio_set_timeout(aio, TIMEOUT);
    naio_resolve(host, port, NNG_AF_UNSPEC, 0, addresses, MOST, aio);
    nng_aio_wait(aio);
    check(nng_aio_result(aio), host);
    unsigned n = (unsigned)nng_aio_count(aio);
    nng_aio_free(aio);

    for (unsigned i = 0; i < n; i++) set_url(&attempts[i], &addresses[i]);
    nng_stream* stream = connect_to_any(attempts, n, APART, TIMEOUT);
    if (stream == NULL) return 1;
    nng_stream_free(stream);
    return 0;
}

// ---- Four addresses of this machine ------------------------------------------------------------

static int bound_socket(uint16_t* port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);

    expect(descriptor >= 0 && bind(descriptor, (struct sockaddr*)&address, size) == 0, "there is a port");
    expect(getsockname(descriptor, (struct sockaddr*)&address, &size) == 0, "it has a number");
    *port = ntohs(address.sin_port);
    return descriptor;
}

// Creates a listening socket that does not accept, and fills its queue, so that an attempt to connect waits forever.
static void make_silent(int descriptor, nng_stream** filling, const char* url) {
    struct attempt attempt;

    expect(listen(descriptor, 0) == 0, "it listens");
    snprintf(attempt.url, sizeof(attempt.url), "%s", url);
    for (int i = 0; i < FILLING; i++) filling[i] = connect_to_any(&attempt, 1, 0, 100);
}

static void demonstrate(void) {
    struct attempt attempts[4];
    nng_stream* filling[FILLING];
    uint16_t ports[3];
    int silent = bound_socket(&ports[0]);
    int refusing = bound_socket(&ports[1]);
    int answering = bound_socket(&ports[2]);
    const unsigned order[4] = {0, 1, 2, 0};

    for (unsigned i = 0; i < 4; i++)
        snprintf(attempts[i].url, sizeof(attempts[i].url), "tcp://127.0.0.1:%d", ports[order[i]]);
    printf("filling the queue of a server that does not accept\n");
    make_silent(silent, filling, attempts[0].url);
    expect(filling[FILLING - 1] == NULL, "an attempt waits there");

    printf("four addresses: one silent, one refuses, one answers, one silent\n");
    expect(listen(answering, 1) == 0, "it listens");
    nng_stream* stream = connect_to_any(attempts, 4, 50, TIMEOUT);
    expect(stream != NULL, "the third address wins");
    nng_stream_free(stream);

    printf("the same when the one that answered is gone: until the timeout\n");
    close(answering);
    expect(connect_to_any(attempts, 4, 50, 400) == NULL, "no address answers");

    for (int i = 0; i < FILLING; i++)
        if (filling[i] != NULL) nng_stream_free(filling[i]);
    close(silent);
    close(refusing);
}

int main(int argc, char** argv) {
    usage(
        argc, argv, 0, 2, "[HOST PORT]",
        "Connects to the fastest of a host's addresses. Without a host: to the one of four addresses of this machine\n"
        "that answers.");
    expect(argc != 2, "HOST has a PORT");
    check(nng_init(NULL), "nng_init");
    int result = 0;
    if (argc == 3)
        result = connect_to(argv[1], argv[2]);
    else
        demonstrate();
    nng_fini();
    return result;
}
