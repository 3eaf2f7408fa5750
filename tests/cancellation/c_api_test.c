/* Calls the public functions of <naio/naio.h> from C99, except naio_resolve and the functions of files. */
#include <naio/naio.h>
#include <stdio.h>

static int failed;
static int passed;

#define CHECK(condition) \
    ((condition) ? (void)++passed : (void)(++failed, printf("%s:%d: %s\n", __FILE__, __LINE__, #condition)))

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
    CHECK(naio_aio_cancelled(aio) == NAIO_CANCEL_NONE);
    CHECK(naio_aio_acknowledge(aio, NAIO_CANCEL_NONE) == NAIO_CANCEL_NONE);
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

    CHECK(naio_aio_start(aio, NAIO_CANCEL_NONE, NULL, NULL, NULL));
    CHECK(naio_aio_add_count(aio, 2) == 2 && naio_aio_add_count(aio, 3) == 5);
    naio_aio_set_data(aio, 0, &asked);
    naio_aio_set_data(aio, 1, NULL);
    CHECK(naio_aio_get_data(aio, 0) == &asked && naio_aio_get_data(aio, 1) == NULL);
    nng_aio_finish(aio, NNG_OK);
    nng_aio_wait(aio);
    CHECK(nng_aio_count(aio) == 5);
}

static void memory(void) {
    naio_aio_memory here;
    nng_aio* aio = NULL;
    CHECK(naio_aio_init(&aio, &here, sizeof here, NULL, NULL) == NNG_OK);
    nng_sleep_aio(1, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK);
    naio_aio_fini(aio);
}

static void parameters(nng_aio* aio) {
    char bytes[8];
    const nng_iov* left = NULL;
    nng_iov iov;
    iov.iov_buf = bytes;
    iov.iov_len = sizeof bytes;
    CHECK(nng_aio_set_iov(aio, 1, &iov) == NNG_OK);
    CHECK(naio_aio_iov_advance(aio, 3) == 0);
    CHECK(naio_aio_get_iov(aio, &left) == 1 && left[0].iov_len == 5);
    nng_aio_set_timeout(aio, 7);
    CHECK(naio_aio_get_timeout(aio) == 7);
    nng_aio_set_timeout(aio, NNG_DURATION_DEFAULT);
    naio_aio_default_timeout(aio, 1);
    nng_sleep_aio(NNG_DURATION_INFINITE, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_ETIMEDOUT);
    nng_aio_set_timeout(aio, NNG_DURATION_INFINITE);
    naio_aio_set_timeout_types(aio, NAIO_CANCEL_ALL);
    naio_aio_limit(aio, nng_clock() + 1);
    nng_sleep_aio(NNG_DURATION_INFINITE, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_ETIMEDOUT);
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
    naio_slot_assign(naio_signal_slot(signal), slot_function, &types);
    CHECK(naio_signal_emit(signal, NAIO_CANCEL_TOTAL) && types == NAIO_CANCEL_TOTAL);
    naio_slot_clear(naio_signal_slot(signal));
    naio_aio_bind_slot(aio, NULL, NAIO_CANCEL_ALL);
    naio_signal_free(signal);
    CHECK(naio_aio_slot(aio) != NULL);
    CHECK(!naio_aio_forward(aio, NAIO_CANCEL_TOTAL, NNG_OK));
}

/* Runs on another thread than the checks, so it does not use CHECK. */
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

static void move_all(void (*move)(nng_stream*, nng_aio*, naio_cancel), nng_stream* stream, nng_aio* aio, char* bytes) {
    nng_iov iov;
    iov.iov_buf = bytes;
    iov.iov_len = 3;
    CHECK(nng_aio_set_iov(aio, 1, &iov) == NNG_OK);
    move(stream, aio, NAIO_CANCEL_PARTIAL);
    nng_aio_wait(aio);
}

static void streams(nng_aio* aio) {
    nng_stream_listener* listener = NULL;
    nng_stream* ends[2];
    int descriptors[2];
    int i;
    char out[3] = "ab", in[3] = "";
    CHECK(nng_stream_listener_alloc(&listener, "socket://") == NNG_OK);
    CHECK(nng_socket_pair(descriptors) == NNG_OK);
    for (i = 0; i < 2; ++i) {
        CHECK(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, descriptors[i]) == NNG_OK);
        nng_stream_listener_accept(listener, aio);
        nng_aio_wait(aio);
        ends[i] = (nng_stream*)nng_aio_get_output(aio, 0);
    }
    move_all(naio_stream_send_all, ends[0], aio, out);
    CHECK(nng_aio_result(aio) == NNG_OK && nng_aio_count(aio) == 3);
    naio_stream_shutdown(ends[0], aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK);
    move_all(naio_stream_recv_all, ends[1], aio, in);
    CHECK(nng_aio_result(aio) == NNG_OK && in[0] == 'a' && in[1] == 'b');
    move_all(naio_stream_recv_all, ends[1], aio, in);
    CHECK(nng_aio_result(aio) == NNG_ECONNSHUT);
    for (i = 0; i < 2; ++i) nng_stream_free(ends[i]);
    nng_stream_listener_free(listener);
}

int main(void) {
    nng_aio* aio = NULL;
    CHECK(naio_version() == NAIO_VERSION);
    CHECK(nng_aio_alloc(&aio, NULL, NULL) == NNG_OK);
    operations(aio);
    parameters(aio);
    memory();
    signals(aio);
    compositions(aio);
    streams(aio);
    nng_aio_free(aio);
    queues();
    nng_fini();
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
