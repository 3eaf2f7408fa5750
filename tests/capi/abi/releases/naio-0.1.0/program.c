/* A program that is compiled with the headers of naio 0.1.0, which lie beside this file, and runs on today's library.
 * It uses the functions that <naio/naio.h> had in 0.1.0, and the streams, UDP sockets, names and URLs of <nng/nng.h>.
 * tests/conformance/c_api_test.c is compiled with the old headers, too, and uses the other functions of <nng/nng.h>.
 *
 * naio_aio_cancelled is left out, for the reason that since-0.1.0.suppr gives. */
#include <naio/naio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failed;
static int passed;

#define CHECK(condition) \
    ((condition) ? (void)++passed : (void)(++failed, printf("%s:%d: %s\n", __FILE__, __LINE__, #condition)))

/* ---- Operations and requests ---- */

static bool cancel(nng_aio* aio, void* arg, naio_cancel types, nng_err reason) {
    *(naio_cancel*)arg = types;
    naio_aio_finish(aio, reason, 3);
    return true;
}

static void release(void* arg) { *(naio_cancel*)arg |= 0x100; }

static void operations(nng_aio* aio) {
    naio_cancel asked = 0;
    nng_msg* msg = NULL;
    CHECK(naio_aio_start(aio, NAIO_CANCEL_TOTAL, cancel, release, &asked));
    CHECK(naio_aio_permit(aio, NAIO_CANCEL_PARTIAL) == NAIO_CANCEL_NONE);
    CHECK(naio_aio_reason(aio) == NNG_OK);
    CHECK(!naio_aio_cancel(aio, NAIO_CANCEL_TOTAL, NNG_OK));
    CHECK(!naio_aio_wait_until(aio, nng_clock() + 1));
    CHECK(naio_aio_cancel(aio, NAIO_CANCEL_PARTIAL, NNG_EINTR));
    CHECK(naio_aio_wait_until(aio, nng_clock() + 30000));
    CHECK(asked == (NAIO_CANCEL_PARTIAL | 0x100));
    CHECK(nng_aio_result(aio) == NNG_EINTR && nng_aio_count(aio) == 3);
    CHECK(naio_aio_outcome(aio) == NAIO_CANCEL_PARTIAL);

    CHECK(nng_msg_alloc(&msg, 5) == 0);
    CHECK(naio_aio_start(aio, NAIO_CANCEL_NONE, NULL, NULL, NULL));
    naio_aio_finish_msg(aio, msg);
    nng_aio_wait(aio);
    CHECK(nng_aio_get_msg(aio) == msg && nng_aio_count(aio) == 5);
    nng_aio_set_msg(aio, NULL);
    nng_msg_free(msg);
    CHECK(naio_aio_start(aio, NAIO_CANCEL_NONE, NULL, NULL, NULL));
    naio_aio_finish_sync(aio, NNG_OK, 0);
    nng_aio_wait(aio);
}

static bool slot_function(void* arg, naio_cancel types) {
    *(naio_cancel*)arg = types;
    return true;
}

static void signals(nng_aio* aio) {
    naio_signal* signal = NULL;
    naio_cancel types = 0;
    CHECK(naio_signal_alloc(&signal, 0) == NNG_OK);
    naio_aio_bind_slot(aio, naio_signal_slot(signal), NAIO_CANCEL_ALL);
    CHECK(naio_aio_bound_slot(aio) == naio_signal_slot(signal));
    nng_sleep_aio(NNG_DURATION_INFINITE, aio);
    CHECK(naio_signal_emit(signal, NAIO_CANCEL_TOTAL));
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_ECANCELED);
    naio_slot_assign(naio_signal_slot(signal), slot_function, &types);
    CHECK(naio_signal_emit(signal, NAIO_CANCEL_TOTAL) && types == NAIO_CANCEL_TOTAL);
    naio_slot_clear(naio_signal_slot(signal));
    naio_aio_bind_slot(aio, NULL, NAIO_CANCEL_ALL);
    naio_signal_free(signal);
    CHECK(naio_aio_slot(aio) != NULL);
    CHECK(!naio_aio_forward(aio, NAIO_CANCEL_TOTAL, NNG_OK));
    nng_aio_set_timeout(aio, 1);
    naio_aio_set_timeout_types(aio, NAIO_CANCEL_ALL);
    CHECK(naio_aio_get_timeout(aio) == 1);
    nng_sleep_aio(NNG_DURATION_INFINITE, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_ETIMEDOUT);
    nng_aio_set_timeout(aio, NNG_DURATION_INFINITE);
}

/* ---- Compositions, groups, queues ---- */

static void step(naio_op* op, void* arg, nng_err result, size_t count) {
    int* left = arg;
    (void)count;
    if (naio_op_aio(op) == NULL) result = NNG_EINTERNAL;
    if (result == NNG_OK && (*left)-- > 0)
        nng_sleep_aio(0, naio_op_child(op));
    else
        naio_op_finish(op, result, 9);
}

static void compositions(nng_aio* aio) {
    int left = 3;
    naio_group* group = NULL;
    CHECK(naio_compose(aio, NAIO_CANCEL_NONE, step, NULL, &left) == NNG_OK);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK && nng_aio_count(aio) == 9);

    CHECK(naio_group_alloc(&group, 2) == NNG_OK);
    CHECK(naio_group_start(group, aio, 1, NAIO_GROUP_SUCCESS, NAIO_CANCEL_TOTAL));
    nng_sleep_aio(0, naio_group_aio(group, 0));
    nng_sleep_aio(NNG_DURATION_INFINITE, naio_group_aio(group, 1));
    naio_group_seal(group);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK && naio_group_order(group, 0) == 0);
    naio_group_free(group);
}

static void count_callback(void* arg) { ++*(int*)arg; }

static void queues(void) {
    naio_queue* queue = NULL;
    nng_aio* aio = NULL;
    int callbacks = 0;
    CHECK(naio_queue_alloc(&queue) == NNG_OK);
    CHECK(nng_aio_alloc(&aio, count_callback, &callbacks) == NNG_OK);
    naio_aio_set_queue(aio, queue);
    CHECK(naio_queue_fd(queue) >= 0);
    nng_sleep_aio(0, aio);
    CHECK(naio_queue_run(queue, NNG_DURATION_INFINITE) == 1 && callbacks == 1);
    naio_aio_close(aio);
    nng_aio_free(aio);
    naio_queue_free(queue);
}

/* ---- Streams ---- */

static void vector(nng_aio* aio, char* bytes, size_t size) {
    nng_iov iov;
    iov.iov_buf = bytes;
    iov.iov_len = size;
    CHECK(nng_aio_set_iov(aio, 1, &iov) == NNG_OK);
}

static void ends_talk(nng_stream* one, nng_stream* other, nng_aio* aio) {
    char out[6] = "hello", in[6] = "";
    const nng_iov* left = NULL;
    vector(aio, out, sizeof out);
    CHECK(naio_aio_iov_advance(aio, 0) == 0 && naio_aio_get_iov(aio, &left) == 1 && left[0].iov_len == sizeof out);
    nng_stream_send(one, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK && nng_aio_count(aio) == sizeof out);
    vector(aio, in, sizeof in);
    naio_stream_recv_all(other, aio, NAIO_CANCEL_TOTAL);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK && strcmp(in, "hello") == 0);
    vector(aio, out, sizeof out);
    naio_stream_send_all(other, aio, NAIO_CANCEL_PARTIAL);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK);
    vector(aio, in, sizeof in);
    nng_stream_recv(one, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK && nng_aio_count(aio) == sizeof in);
}

static void tcp(nng_aio* aio) {
    nng_stream_listener* listener = NULL;
    nng_stream_dialer* dialer = NULL;
    nng_aio* dial = NULL;
    nng_stream *here, *there;
    char url[64], text[NNG_MAXADDRSTRLEN];
    int port = 0;
    bool set = false;
    CHECK(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0") == NNG_OK);
    CHECK(nng_stream_listener_set_bool(listener, NNG_OPT_TCP_NODELAY, true) == NNG_OK);
    CHECK(nng_stream_listener_listen(listener) == NNG_OK);
    CHECK(nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port) == NNG_OK && port > 0);
    sprintf(url, "tcp://127.0.0.1:%d", port);
    CHECK(nng_stream_dialer_alloc(&dialer, url) == NNG_OK);
    CHECK(nng_aio_alloc(&dial, NULL, NULL) == NNG_OK);
    nng_stream_listener_accept(listener, aio);
    nng_stream_dialer_dial(dialer, dial);
    nng_aio_wait(aio);
    nng_aio_wait(dial);
    CHECK(nng_aio_result(aio) == NNG_OK && nng_aio_result(dial) == NNG_OK);
    here = (nng_stream*)nng_aio_get_output(aio, 0);
    there = (nng_stream*)nng_aio_get_output(dial, 0);
    CHECK(nng_stream_get_bool(here, NNG_OPT_TCP_NODELAY, &set) == NNG_OK && set);
    CHECK(nng_stream_peer_addr(there)->s_family == NNG_AF_INET);
    CHECK(nng_sockaddr_port(nng_stream_peer_addr(there)) == (uint32_t)port);
    CHECK(nng_sockaddr_equal(nng_stream_peer_addr(there), nng_stream_self_addr(here)));
    CHECK(strncmp(nng_str_sockaddr(nng_stream_peer_addr(there), text, sizeof text), "127.0.0.1:", 10) == 0);
    ends_talk(here, there, aio);
    nng_stream_free(here);
    nng_stream_stop(there);
    nng_stream_free(there);
    nng_aio_free(dial);
    nng_stream_dialer_free(dialer);
    nng_stream_listener_free(listener);
}

static void socket_pair(nng_aio* aio) {
    nng_stream_listener* listener = NULL;
    nng_stream* ends[2];
    int descriptors[2];
    int i;
    CHECK(nng_stream_listener_alloc(&listener, "socket://") == NNG_OK);
    CHECK(nng_socket_pair(descriptors) == NNG_OK);
    for (i = 0; i < 2; ++i) {
        CHECK(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, descriptors[i]) == NNG_OK);
        nng_stream_listener_accept(listener, aio);
        nng_aio_wait(aio);
        ends[i] = (nng_stream*)nng_aio_get_output(aio, 0);
    }
    ends_talk(ends[0], ends[1], aio);
    for (i = 0; i < 2; ++i) nng_stream_free(ends[i]);
    nng_stream_listener_free(listener);
}

static void udp(nng_aio* aio) {
    nng_udp* ends[2];
    nng_sockaddr addresses[2], from;
    char byte = 'x', got = 0;
    int i;
    for (i = 0; i < 2; ++i) {
        memset(&addresses[i], 0, sizeof addresses[i]);
        addresses[i].s_in.sa_family = NNG_AF_INET;
        memcpy(&addresses[i].s_in.sa_addr, "\x7f\0\0\1", 4);
        CHECK(nng_udp_open(&ends[i], &addresses[i]) == 0);
        CHECK(nng_udp_sockname(ends[i], &addresses[i]) == 0);
    }
    CHECK(nng_aio_set_input(aio, 0, &addresses[1]) == NNG_OK);
    vector(aio, &byte, 1);
    nng_udp_send(ends[0], aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK && nng_aio_count(aio) == 1);
    CHECK(nng_aio_set_input(aio, 0, &from) == NNG_OK);
    vector(aio, &got, 1);
    nng_udp_recv(ends[1], aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK && got == 'x' && nng_sockaddr_equal(&from, &addresses[0]));
    nng_udp_stop(ends[0]);
    for (i = 0; i < 2; ++i) nng_udp_close(ends[i]);
}

/* ---- Names, URLs, files ---- */

static void names(nng_aio* aio) {
    nng_sockaddr address;
    nng_url *url = NULL, *copy = NULL;
    char text[32];
    naio_resolve("127.0.0.1", "80", NNG_AF_INET, 0, &address, 1, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK && nng_aio_count(aio) == 1 && nng_sockaddr_port(&address) == 80);
    CHECK(nng_url_parse(&url, "http://user@host:81/path?query#fragment") == NNG_OK);
    CHECK(nng_url_clone(&copy, url) == NNG_OK);
    CHECK(strcmp(nng_url_scheme(copy), "http") == 0 && strcmp(nng_url_userinfo(copy), "user") == 0);
    CHECK(strcmp(nng_url_hostname(copy), "host") == 0 && strcmp(nng_url_path(copy), "/path") == 0);
    CHECK(strcmp(nng_url_query(copy), "query") == 0 && strcmp(nng_url_fragment(copy), "fragment") == 0);
    CHECK(nng_url_port(copy) == 81);
    CHECK(nng_url_sprintf(text, sizeof text, url) >= (int)sizeof text);
    nng_url_free(url);
    nng_url_free(copy);
}

static void file(nng_aio* aio, const char* path) {
    naio_file* opened;
    naio_file_status status;
    char out[4] = "abc", in[4] = "";
    naio_file_open(path, NAIO_FILE_READ | NAIO_FILE_WRITE | NAIO_FILE_CREATE | NAIO_FILE_TRUNCATE, 0600, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK);
    opened = (naio_file*)nng_aio_get_output(aio, 0);
    vector(aio, out, sizeof out);
    naio_file_write(opened, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK && nng_aio_count(aio) == sizeof out);
    vector(aio, in, sizeof in);
    naio_file_pread(opened, 1, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK && nng_aio_count(aio) == 3 && strcmp(in, "bc") == 0);
    naio_file_sync(opened, aio);
    nng_aio_wait(aio);
    naio_file_stat(opened, &status, aio);
    nng_aio_wait(aio);
    CHECK(status.size == sizeof out && status.kind == NAIO_FILE_REGULAR && status.mode == 0600);
    naio_file_close(opened, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK);
    remove(path);
}

int main(int argc, char** argv) {
    nng_aio* aio = NULL;
    if (argc != 2) return EXIT_FAILURE;
    CHECK(nng_aio_alloc(&aio, NULL, NULL) == NNG_OK);
    operations(aio);
    signals(aio);
    compositions(aio);
    tcp(aio);
    socket_pair(aio);
    udp(aio);
    names(aio);
    file(aio, argv[1]);
    nng_aio_free(aio);
    queues();
    nng_fini();
    printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
