// Connecting to a host that has several addresses: "happy eyeballs".
//
// The attempts are started a little apart and run side by side. The first that connects wins, the
// others are asked to end, and the whole is one operation: a group that needs one success. Its
// timeout is the timeout of all, and whoever cancels it cancels all.
//
// An attempt is two operations, one after the other: a wait for its turn, and the dial. So it is
// composed. Its guarantee is TOTAL, as a connection that nobody has used yet can be given up
// without a trace.
#include <naio/naio.h>
#include <stdio.h>

#include "check.h"

enum { ADDRESSES = 4, APART = 50 };  // milliseconds between two attempts

struct attempt {
    const char* address;
    nng_duration takes;  // how the network of this example behaves: after so many milliseconds
    nng_err result;      // ... this happens
    nng_duration turn;
    enum { BEFORE, WAITING, DIALING } stage;
};

// Called at the start, and then whenever the inner operation is over. An inner operation that was
// asked to end, or refused because the request came between two of them, shows in the result.
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
            nng_sleep_aio(attempt->takes, naio_op_child(op));
            break;
        case DIALING:
            if (attempt->result == NNG_OK) nng_aio_set_output(naio_op_aio(op), 0, attempt);  // "connected"
            naio_op_finish(op, attempt->result, 0);
            break;
    }
}

static void dial(struct attempt* attempt, nng_duration turn, nng_aio* aio) {
    attempt->turn = turn;
    attempt->stage = BEFORE;
    nng_err err = naio_compose(aio, NAIO_CANCEL_TOTAL, proceed, NULL, attempt);
    if (err != NNG_OK) nng_aio_finish(aio, err);  // nothing was started; an operation that ends at once
}

static void connect_to_any(naio_group* group, struct attempt* attempts, nng_aio* aio) {
    if (!naio_group_start(group, aio, 1, NAIO_GROUP_SUCCESS, NAIO_CANCEL_ALL)) return;
    for (unsigned i = 0; i < ADDRESSES; i++) dial(&attempts[i], APART * (nng_duration)i, naio_group_aio(group, i));
    naio_group_seal(group);
}

// Only the first success is of use. There may be more: a loser may have connected before it could
// be asked to end. Close those.
static struct attempt* winner(naio_group* group) {
    struct attempt* first = NULL;

    for (unsigned i = 0; i < ADDRESSES; i++) {
        unsigned member = naio_group_order(group, i);  // in the order in which they ended
        nng_aio* aio = naio_group_aio(group, member);
        struct attempt* connected = nng_aio_get_output(aio, 0);
        const char* note = naio_aio_outcome(aio) == NAIO_CANCEL_TOTAL ? ", as if it had never been" : "";

        printf("  attempt %u: %s%s\n", member, nng_strerror(nng_aio_result(aio)), note);
        if (connected == NULL) continue;
        if (first == NULL)
            first = connected;
        else
            printf("  attempt %u: connected too late, and is closed\n", member);
    }
    return first;
}

int main(void) {
    struct attempt attempts[ADDRESSES] = {
        {"2001:db8::1", 5000, NNG_OK, 0, BEFORE},
        {"192.0.2.1", 50, NNG_ECONNREFUSED, 0, BEFORE},
        {"2001:db8::2", 150, NNG_OK, 0, BEFORE},
        {"192.0.2.2", 5000, NNG_OK, 0, BEFORE},
    };
    naio_group* group;
    nng_aio* aio;

    check(nng_init(NULL), "nng_init");
    check(naio_group_alloc(&group, ADDRESSES), "naio_group_alloc");
    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    nng_aio_set_timeout(aio, 3000);

    printf("four addresses: one slow, one refused, one fine, one slow\n");
    nng_time start = nng_clock();
    connect_to_any(group, attempts, aio);
    nng_aio_wait(aio);
    check(nng_aio_result(aio), "connect");
    struct attempt* connected = winner(group);
    expect(connected == &attempts[2], "the third address wins");
    expect(naio_group_order(group, 0) == 1, "the second has ended first, refused");
    expect(naio_aio_outcome(naio_group_aio(group, 0)) == NAIO_CANCEL_TOTAL, "the first was cancelled");
    printf("connected to %s after %u ms\n", connected->address, (unsigned)(nng_clock() - start));

    printf("the same when the only good one has gone: the slow ones, until the timeout\n");
    attempts[2].result = NNG_EUNREACHABLE;
    nng_aio_set_timeout(aio, 400);
    connect_to_any(group, attempts, aio);
    nng_aio_wait(aio);
    expect(winner(group) == NULL, "nobody wins");
    printf("not connected: %s\n", nng_strerror(nng_aio_result(aio)));
    expect(nng_aio_result(aio) == NNG_ETIMEDOUT, "timed out");

    nng_aio_free(aio);
    naio_group_free(group);
    nng_fini();
    return 0;
}
