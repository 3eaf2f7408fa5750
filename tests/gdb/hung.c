// A program that hangs in several ways at once, for commands.py. It calls all_hang again and again; gdb stops it there.
#include <naio/naio.h>
#include <nng/nng.h>
#include <stdlib.h>

static nng_mtx* mutex;
static nng_cv* changed;
static int inside;
static volatile int leaving;  // set by gdb

static void check(int condition) {
    if (!condition) exit(2);
}

static void received(void* argument) { (void)argument; }

static void blocks(void* argument) {
    (void)argument;
    nng_mtx_lock(mutex);
    inside = 1;
    nng_cv_wake(changed);
    for (;;) nng_cv_wait(changed);
}

static void never_called(void* argument) { (void)argument; }

static bool takes_up(nng_aio* aio, void* argument, naio_cancel types, nng_err reason) {
    (void)aio, (void)argument, (void)types, (void)reason;
    return true;
}

static void waits(void* aio) { nng_aio_wait(aio); }

static nng_aio* handle(void (*callback)(void*)) {
    nng_aio* aio;
    check(nng_aio_alloc(&aio, callback, NULL) == NNG_OK);
    return aio;
}

// gdb reads the handles from the arguments. They are volatile, so that they exist in an optimized program, too.
void all_hang(nng_aio* volatile receiving, nng_aio* volatile asked, nng_aio* volatile blocked, nng_aio* volatile queued,
              nng_aio* volatile sleeping, nng_aio* volatile idle) {
    (void)receiving, (void)asked, (void)blocked, (void)queued, (void)sleeping, (void)idle;
}

int main(int count, char** arguments) {
    check(count > 1 && nng_init(NULL) == NNG_OK);
    check(nng_mtx_alloc(&mutex) == NNG_OK && nng_cv_alloc(&changed, mutex) == NNG_OK);

    nng_stream_listener* listener;
    nng_stream_dialer* dialer;
    nng_aio *accepting = handle(NULL), *dialing = handle(NULL);
    check(nng_stream_listener_alloc(&listener, arguments[1]) == NNG_OK);
    check(nng_stream_listener_listen(listener) == NNG_OK);
    check(nng_stream_dialer_alloc(&dialer, arguments[1]) == NNG_OK);
    nng_stream_listener_accept(listener, accepting);
    nng_stream_dialer_dial(dialer, dialing);
    nng_aio_wait(accepting);
    nng_aio_wait(dialing);
    check(nng_aio_result(accepting) == NNG_OK && nng_aio_result(dialing) == NNG_OK);
    nng_stream_listener_free(listener);  // removes the socket's file

    // A receive that waits for its descriptor. A thread waits for the receive.
    nng_aio* receiving = handle(received);
    char buffer[16];
    nng_iov vector = {buffer, sizeof(buffer)};
    check(nng_aio_set_iov(receiving, 1, &vector) == NNG_OK);
    naio_aio_set_name(receiving, "the receive");
    naio_stream_set_name(nng_aio_get_output(dialing, 0), "the stream");
    nng_stream_recv(nng_aio_get_output(dialing, 0), receiving);
    nng_thread* waiter;
    check(nng_thread_create(&waiter, waits, receiving) == NNG_OK);

    // An operation that is bound to a scope. Its provider has accepted a request, and does not finish.
    nng_aio* asked = handle(received);
    naio_signal* scope;
    check(naio_signal_alloc(&scope, NAIO_SIGNAL_SCOPE) == NNG_OK);
    naio_signal_set_name(scope, "the scope");
    naio_aio_bind_slot(asked, naio_signal_slot(scope), NAIO_CANCEL_ALL);
    check(naio_aio_start(asked, NAIO_CANCEL_PARTIAL, takes_up, NULL, NULL));
    check(naio_aio_cancel(asked, NAIO_CANCEL_PARTIAL, NNG_ECANCELED));

    // An operation whose callback blocks.
    nng_aio* blocked = handle(blocks);
    check(nng_aio_start(blocked, NULL, NULL));
    nng_aio_finish(blocked, NNG_OK);

    // A completed operation whose queue no thread runs.
    nng_aio* queued = handle(never_called);
    naio_queue* queue;
    check(naio_queue_alloc(&queue) == NNG_OK);
    naio_aio_set_queue(queued, queue);
    check(nng_aio_start(queued, NULL, NULL));
    nng_aio_finish(queued, NNG_OK);

    nng_mtx_lock(mutex);
    while (!inside) nng_cv_wait(changed);
    nng_mtx_unlock(mutex);

    // A sleep with a deadline. The callback of the handle's first operation is the last one that a worker has run.
    nng_aio* sleeping = handle(received);
    naio_aio_set_name(sleeping, (const char*)1);  // no debugger can read this name
    check(nng_aio_start(sleeping, NULL, NULL));
    nng_aio_finish(sleeping, NNG_OK);
    nng_aio_wait(sleeping);
    nng_sleep_aio(3600000, sleeping);
    while (!leaving) {
        nng_msleep(1);
        all_hang(receiving, asked, blocked, queued, sleeping, dialing);
    }
    nng_fini();  // never returns
    return 0;
}
