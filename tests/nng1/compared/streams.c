// Streams: transfers, and each way in which one ends.
#include <stdio.h>
#include <string.h>

#include "pair.h"

static const char* key_of(bool tcp, const char* fact) {
    static char key[64];
    snprintf(key, sizeof key, "stream.%s.%s", tcp ? "tcp" : "ipc", fact);
    return key;
}

static void compare_transfers(bool tcp) {
    char text[] = "0123456789abcdefghijklmnopq", received[64];
    struct handle handle;
    struct pair pair;
    make_handle(&handle);
    connect_pair(&pair, tcp);
    transfer(&handle, pair.dialed, nng_stream_send, text, 27, 7);
    say(key_of(tcp, "send.7_pieces"), "%s, %d", name_of(nng_aio_result(handle.aio)), (int)nng_aio_count(handle.aio));
    memset(received, 0, sizeof received);
    transfer(&handle, pair.accepted, nng_stream_recv, received, sizeof received, 8);
    say(key_of(tcp, "recv.8_pieces"), "%s, %d, %s", name_of(nng_aio_result(handle.aio)), (int)nng_aio_count(handle.aio),
        received);
    transfer(&handle, pair.accepted, nng_stream_send, text, 10, 1);
    memset(received, 0, sizeof received);
    transfer(&handle, pair.dialed, nng_stream_recv, received, 4, 1);
    say(key_of(tcp, "recv.part"), "%s, %d, %s", name_of(nng_aio_result(handle.aio)), (int)nng_aio_count(handle.aio),
        received);
    transfer(&handle, pair.dialed, nng_stream_recv, received, sizeof received, 1);
    say(key_of(tcp, "recv.rest"), "%s, %d", name_of(nng_aio_result(handle.aio)), (int)nng_aio_count(handle.aio));
    nng_aio_set_timeout(handle.aio, 10);
    transfer(&handle, pair.dialed, nng_stream_recv, received, sizeof received, 1);
    say(key_of(tcp, "recv.timeout"), "%s, %d", name_of(nng_aio_result(handle.aio)), (int)nng_aio_count(handle.aio));
    nng_aio_set_timeout(handle.aio, 0);
    transfer(&handle, pair.dialed, nng_stream_recv, received, sizeof received, 1);
    say(key_of(tcp, "recv.timeout_0"), "%s, %d", name_of(nng_aio_result(handle.aio)), (int)nng_aio_count(handle.aio));
    nng_aio_set_timeout(handle.aio, NNG_DURATION_DEFAULT);
    transfer(&handle, pair.accepted, nng_stream_send, text, 3, 1);
    nng_msleep(20);
    nng_aio_set_timeout(handle.aio, 0);
    transfer(&handle, pair.dialed, nng_stream_recv, received, sizeof received, 1);
    say(key_of(tcp, "recv.timeout_0.with_bytes"), "%s, %d", name_of(nng_aio_result(handle.aio)),
        (int)nng_aio_count(handle.aio));
    nng_aio_set_timeout(handle.aio, 500);
    transfer(&handle, pair.dialed, nng_stream_recv, NULL, 0, 0);
    say(key_of(tcp, "recv.without_iov"), "%s", name_of(nng_aio_result(handle.aio)));
    transfer(&handle, pair.dialed, nng_stream_send, NULL, 0, 0);
    say(key_of(tcp, "send.without_iov"), "%s", name_of(nng_aio_result(handle.aio)));
    free_handle(&handle);
    free_pair(&pair);
}

void compare_streams(void) {
    compare_transfers(true);
    compare_transfers(false);
}

// Starts a receive that nothing ends, and returns its handle.
static void start_receive(struct handle* handle, nng_stream* stream, char* byte) {
    nng_iov iov = {byte, 1};
    make_handle(handle);
    need(nng_aio_set_iov(handle->aio, 1, &iov), "nng_aio_set_iov");
    nng_stream_recv(stream, handle->aio);
}

static void compare_stream_requests(bool tcp) {
    struct handle handle;
    struct pair pair;
    char byte;
    connect_pair(&pair, tcp);
    start_receive(&handle, pair.dialed, &byte);
    nng_aio_cancel(handle.aio);
    say_end(key_of(tcp, "cancel"), &handle);
    nng_stream_recv(pair.dialed, handle.aio);
    nng_aio_abort(handle.aio, NNG_EPERM);
    say_end(key_of(tcp, "abort"), &handle);
    nng_stream_recv(pair.dialed, handle.aio);
    nng_aio_stop(handle.aio);
    say_end(key_of(tcp, "stop"), &handle);
    nng_stream_recv(pair.dialed, handle.aio);
    nng_msleep(20);
    say_end(key_of(tcp, "stop.then_recv"), &handle);
    nng_stream_send(pair.dialed, handle.aio);
    nng_msleep(20);
    say_end(key_of(tcp, "stop.then_send"), &handle);
    free_handle(&handle);
    free_pair(&pair);
}

static void compare_stream_closes(bool tcp) {
    struct handle handle;
    struct pair pair;
    char byte = 0;
    connect_pair(&pair, tcp);
    start_receive(&handle, pair.dialed, &byte);
    nng_stream_close(pair.dialed);
    say_end(key_of(tcp, "close"), &handle);
    nng_stream_close(pair.dialed);
    nng_aio_set_timeout(handle.aio, 100);
    transfer(&handle, pair.dialed, nng_stream_recv, &byte, 1, 1);
    say(key_of(tcp, "close.then_recv"), "%s", name_of(nng_aio_result(handle.aio)));
    transfer(&handle, pair.dialed, nng_stream_send, &byte, 1, 1);
    say(key_of(tcp, "close.then_send"), "%s", name_of(nng_aio_result(handle.aio)));
    nng_aio_set_timeout(handle.aio, NNG_DURATION_INFINITE);
    transfer(&handle, pair.accepted, nng_stream_recv, &byte, 1, 1);
    say(key_of(tcp, "peer_closed.recv"), "%s", name_of(nng_aio_result(handle.aio)));
    free_handle(&handle);
    free_pair(&pair);
}

void compare_stream_ends(void) {
    compare_stream_requests(true);
    compare_stream_requests(false);
    compare_stream_closes(true);
    compare_stream_closes(false);
    nng_stream_free(NULL);
    nng_stream_dialer_free(NULL);
    nng_stream_listener_free(NULL);
}
