// Makes the receive of an NNG socket an operation of naio, and runs it as a member of a group.
//
// The program uses two libraries: NNG 1 or 2, and the prefixed flavour of naio (docs/two-libraries.md), whose names
// begin with naio_ or NAIO_. A name that begins with nng_ or NNG_ is NNG's.
//
// The glue is a provider of naio, `struct receive`. It has an aio of NNG, whose callback finishes the operation of
// naio. A request for naio's operation cancels NNG's. Each operation has an aio of NNG of its own, because a cancel
// that comes late may end the next operation on an aio of NNG.
#include <naio_naio.h>
#include <nng/nng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if NNG_MAJOR_VERSION == 1
#include <nng/protocol/pair0/pair.h>
#else
#define nng_recv_aio nng_socket_recv
#define nng_close nng_socket_close
#endif

enum { RECEIVE, LIMIT, MEMBERS };  // the members of the group

// ---- The glue ----

struct receive {
    naio_nng_aio* outer;
    nng_aio* inner;
    naio_nng_mtx* mutex;  // guards the members below
    bool submitted;       // the operation of NNG has begun, so that a cancel reaches it
    bool asked;           // a request has come
    unsigned users;       // the function that submits, and the operation
};

// Ends the use of the receive by one user. The last user frees it.
static void drop(struct receive* receive) {
    naio_nng_mtx_lock(receive->mutex);
    const bool last = --receive->users == 0;
    naio_nng_mtx_unlock(receive->mutex);
    if (!last) return;
    nng_aio_free(receive->inner);  // waits until NNG's callback, `received`, has returned
    naio_nng_mtx_free(receive->mutex);
    free(receive);
}

static void release(void* arg) { drop(arg); }

// NNG's callback: ends the operation of naio. Output 0 is the message, which is the consumer's. If there is a message,
// the receive has succeeded, whatever its result: a cancel that comes late overwrites the result of NNG 2, but not the
// message.
static void received(void* arg) {
    struct receive* receive = arg;
    nng_msg* message = nng_aio_get_msg(receive->inner);
    if (message != NULL) {
        naio_nng_aio_set_output(receive->outer, 0, message);
        naio_naio_aio_finish(receive->outer, NAIO_NNG_OK, nng_msg_len(message));
        return;
    }
    // Codes of NNG have the same values in naio. The reason says why a request has ended the operation.
    naio_nng_err err = (naio_nng_err)nng_aio_result(receive->inner);
    if (err == NAIO_NNG_ECANCELED && naio_naio_aio_reason(receive->outer) != NAIO_NNG_OK)
        err = naio_naio_aio_reason(receive->outer);
    naio_naio_aio_finish(receive->outer, err, 0);
}

// A request: cancels the operation of NNG. A request that comes before NNG's operation has begun is left to
// `socket_receive`, because NNG would forget the cancel.
static bool ask(naio_nng_aio* outer, void* arg, naio_naio_cancel types, naio_nng_err reason) {
    struct receive* receive = arg;
    (void)outer, (void)types, (void)reason;
    naio_nng_mtx_lock(receive->mutex);
    receive->asked = true;
    const bool submitted = receive->submitted;
    naio_nng_mtx_unlock(receive->mutex);
    if (submitted) nng_aio_cancel(receive->inner);
    return true;
}

static struct receive* new_receive(naio_nng_aio* outer) {
    struct receive* receive = calloc(1, sizeof *receive);
    if (receive == NULL) return NULL;
    receive->outer = outer;
    receive->users = 2;
    if (naio_nng_mtx_alloc(&receive->mutex) != 0) {
        free(receive);
        return NULL;
    }
    if (nng_aio_alloc(&receive->inner, received, receive) != 0) {
        naio_nng_mtx_free(receive->mutex);
        free(receive);
        return NULL;
    }
    return receive;
}

// Starts an operation of naio that receives a message from the socket. Output 0 is the message, to be released with
// NNG's nng_msg_free, and the count is its length. An operation that a request has ended has lost no message.
static void socket_receive(nng_socket socket, naio_nng_aio* aio) {
    struct receive* receive = new_receive(aio);
    if (receive == NULL) {
        naio_nng_aio_reset(aio);
        naio_nng_aio_finish(aio, NAIO_NNG_ENOMEM);
        return;
    }
    if (!naio_naio_aio_start(aio, NAIO_NAIO_CANCEL_TOTAL, ask, release, receive)) {
        receive->users = 1;
        drop(receive);
        return;
    }
    nng_recv_aio(socket, receive->inner);
    naio_nng_mtx_lock(receive->mutex);
    receive->submitted = true;
    const bool asked = receive->asked;
    naio_nng_mtx_unlock(receive->mutex);
    if (asked) nng_aio_cancel(receive->inner);
    drop(receive);
}

// ---- The program ----

static void expect(bool is_so, const char* what) {
    if (is_so) return;
    fprintf(stderr, "this should have been so: %s\n", what);
    exit(1);
}

// Receives a message within `limit` milliseconds: the first member of the group that completes ends the other one.
// Returns true if a message has come.
static bool receive_within(nng_socket socket, naio_naio_group* group, naio_nng_aio* aio, naio_nng_duration limit) {
    if (naio_naio_group_start(group, aio, 1, 0, NAIO_NAIO_CANCEL_TOTAL)) {
        socket_receive(socket, naio_naio_group_aio(group, RECEIVE));
        naio_nng_sleep_aio(limit, naio_naio_group_aio(group, LIMIT));
        naio_naio_group_seal(group);
    }
    naio_nng_aio_wait(aio);
    expect(naio_nng_aio_result(aio) == NAIO_NNG_OK, "the group has succeeded");

    // The message may have come although the limit was first.
    naio_nng_aio* member = naio_naio_group_aio(group, RECEIVE);
    const char* first = naio_naio_group_order(group, 0) == RECEIVE ? "receive" : "limit";
    if (naio_nng_aio_result(member) != NAIO_NNG_OK) {
        printf("first: %s; receive: %s\n", first, naio_nng_strerror(naio_nng_aio_result(member)));
        expect(naio_naio_aio_outcome(member) == NAIO_NAIO_CANCEL_TOTAL, "a receive that was ended has done nothing");
        return false;
    }
    nng_msg* message = naio_nng_aio_get_output(member, 0);
    printf("first: %s; receive: \"%s\"\n", first, (const char*)nng_msg_body(message));
    nng_msg_free(message);
    return true;
}

int main(int argc, char** argv) {
    if (argc > 1) {
        printf("usage: %s\n\nReceives from a socket of NNG in a group of naio.\n", argv[0]);
        return strcmp(argv[1], "--help") == 0 ? 0 : 2;
    }
#if NNG_MAJOR_VERSION >= 2
    expect(nng_init(NULL) == 0, "NNG is up");
#endif
    nng_socket sender, receiver;
    expect(nng_pair0_open(&sender) == 0 && nng_pair0_open(&receiver) == 0, "NNG has sockets");
    expect(nng_listen(receiver, "inproc://example", NULL, 0) == 0, "the receiver listens");
    expect(nng_dial(sender, "inproc://example", NULL, 0) == 0, "the sender dials");

    naio_nng_aio* aio;
    naio_naio_group* group;
    expect(naio_nng_aio_alloc(&aio, NULL, NULL) == NAIO_NNG_OK, "there is memory for a handle");
    expect(naio_naio_group_alloc(&group, MEMBERS) == NAIO_NNG_OK, "there is memory for a group");

    expect(!receive_within(receiver, group, aio, 50), "no message has come, because none was sent");
    char text[] = "hello";
    expect(nng_send(sender, text, sizeof text, 0) == 0, "the message is sent");
    expect(receive_within(receiver, group, aio, 10000), "the message has come");

    naio_naio_group_free(group);
    naio_nng_aio_free(aio);
    nng_close(sender);
    nng_close(receiver);
    naio_nng_fini();
#if NNG_MAJOR_VERSION >= 2
    nng_fini();
#endif
    return 0;
}
