/* Calls the public functions of <nng/nng.h> from C99, except the functions of streams, datagrams, URLs and addresses.
 * This file calls the functions of the library and of aios. c_api_message.c calls the functions of messages, and
 * c_api_rest.c all other functions. */
#include "c_api.h"

#include <nng/nng.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int c_api_passed;
int c_api_failed;

static void count_callback(void* arg) { ++*(int*)arg; }

static void finish_on_cancel(nng_aio* aio, void* arg, nng_err err) {
    *(nng_err*)arg = err;
    nng_aio_finish(aio, err);
}

static void* allocate(size_t size) { return malloc(size); }
static void* allocate_zeroed(size_t n, size_t size) { return calloc(n, size); }
static void release(void* block, size_t size) {
    (void)size;
    free(block);
}

static void library(void) {
    nng_init_params params;
    memset(&params, 0, sizeof params);
    params.malloc_fn = allocate;
    CHECK(nng_init(&params) == NNG_EINVAL);
    params.calloc_fn = allocate_zeroed;
    params.free_fn = release;
    params.num_task_threads = 2;
    CHECK(nng_init(&params) == NNG_OK);
    CHECK(nng_init(&params) == NNG_EBUSY);
    CHECK(nng_init(NULL) == NNG_OK);
    nng_fini();
    nng_fini();
    nng_fini();
    CHECK(strcmp(nng_version(), "2.0.0dev") == 0);
    CHECK(NNG_MAJOR_VERSION == 2 && NNG_MINOR_VERSION == 0 && NNG_PATCH_VERSION == 0);
    CHECK(strcmp(NNG_RELEASE_SUFFIX, "dev") == 0);
}

static void start_and_finish(nng_aio* aio, const int* callbacks) {
    nng_err reason = NNG_OK;
    CHECK(!nng_aio_busy(aio));
    CHECK(nng_aio_start(aio, finish_on_cancel, &reason));
    CHECK(nng_aio_busy(aio));
    nng_aio_finish(aio, NNG_EPROTO);
    nng_aio_wait(aio);
    CHECK(!nng_aio_busy(aio));
    CHECK(nng_aio_result(aio) == NNG_EPROTO);
    CHECK(nng_aio_count(aio) == 0);
    CHECK(reason == NNG_OK);
    CHECK(*callbacks == 1);
}

static void cancel_and_abort(nng_aio* aio, const int* callbacks) {
    nng_err reason = NNG_OK;
    CHECK(nng_aio_start(aio, finish_on_cancel, &reason));
    nng_aio_cancel(aio);
    nng_aio_wait(aio);
    CHECK(reason == NNG_ECANCELED);
    CHECK(nng_aio_result(aio) == NNG_ECANCELED);
    CHECK(nng_aio_start(aio, finish_on_cancel, &reason));
    nng_aio_abort(aio, NNG_ECLOSED);
    nng_aio_wait(aio);
    CHECK(reason == NNG_ECLOSED);
    CHECK(nng_aio_result(aio) == NNG_ECLOSED);
    CHECK(*callbacks == 3);
}

static void timeout_and_expire(nng_aio* aio, const int* callbacks) {
    nng_err reason = NNG_OK;
    nng_aio_set_timeout(aio, NNG_DURATION_ZERO);
    CHECK(!nng_aio_start(aio, finish_on_cancel, &reason));
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_ETIMEDOUT);
    nng_aio_set_timeout(aio, 1);
    CHECK(nng_aio_start(aio, finish_on_cancel, &reason));
    nng_aio_wait(aio);
    CHECK(reason == NNG_ETIMEDOUT);
    nng_aio_set_timeout(aio, NNG_DURATION_DEFAULT);
    nng_aio_set_expire(aio, 1);
    CHECK(!nng_aio_start(aio, finish_on_cancel, &reason));
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_ETIMEDOUT);
    CHECK(*callbacks == 6);
}

static void sleep_and_skip(nng_aio* aio, const int* callbacks) {
    bool skip = true;
    nng_sleep_aio(1, aio);
    nng_aio_wait(aio);
    CHECK(nng_aio_result(aio) == NNG_OK);
    CHECK(*callbacks == 7);
    nng_aio_skip_callback(aio, &skip);
    CHECK(!skip);
    nng_aio_reset(aio);
    nng_aio_finish(aio, NNG_ENOENT);
    CHECK(skip);
    CHECK(nng_aio_result(aio) == NNG_ENOENT);
    CHECK(*callbacks == 7);
}

static void fields(nng_aio* aio) {
    char byte = 0;
    nng_iov iov[8];
    nng_msg* msg = NULL;
    size_t i;
    for (i = 0; i < 8; ++i) {
        iov[i].iov_buf = &byte;
        iov[i].iov_len = 1;
    }
    CHECK(nng_aio_set_iov(aio, 8, iov) == NNG_OK);
    CHECK(nng_aio_set_iov(aio, 9, iov) == NNG_EINVAL);
    CHECK(nng_aio_set_iov(aio, 0, NULL) == NNG_OK);
    CHECK(nng_aio_set_input(aio, 3, &byte) == NNG_OK);
    CHECK(nng_aio_get_input(aio, 3) == &byte);
    CHECK(nng_aio_set_input(aio, 4, &byte) == NNG_EINVAL);
    CHECK(nng_aio_get_input(aio, 4) == NULL);
    CHECK(nng_aio_set_output(aio, 3, &byte) == NNG_OK);
    CHECK(nng_aio_get_output(aio, 3) == &byte);
    CHECK(nng_aio_set_output(aio, 4, &byte) == NNG_EINVAL);
    CHECK(nng_aio_get_output(aio, 4) == NULL);
    nng_aio_reset(aio);
    CHECK(nng_aio_result(aio) == NNG_OK);
    CHECK(nng_aio_get_output(aio, 3) == NULL);
    CHECK(nng_aio_get_input(aio, 3) == &byte);
    CHECK(nng_msg_alloc(&msg, 0) == 0);
    nng_aio_set_msg(aio, msg);
    CHECK(nng_aio_get_msg(aio) == msg);
    nng_aio_set_msg(aio, NULL);
    nng_msg_free(msg);
}

static void stop_free_and_reap(nng_aio* aio, const int* callbacks) {
    nng_aio* other = NULL;
    nng_err reason = NNG_OK;
    CHECK(nng_aio_start(aio, finish_on_cancel, &reason));
    nng_aio_stop(aio);
    CHECK(reason == NNG_ESTOPPED);
    CHECK(nng_aio_result(aio) == NNG_ESTOPPED);
    CHECK(*callbacks == 8);
    CHECK(!nng_aio_start(aio, finish_on_cancel, &reason));
    nng_aio_wait(aio);
    CHECK(*callbacks == 9);
    CHECK(nng_aio_alloc(&other, NULL, NULL) == NNG_OK);
    nng_sleep_aio(NNG_DURATION_INFINITE, other);
    nng_aio_reap(other);
    nng_aio_free(NULL);
    nng_aio_reap(NULL);
    nng_aio_stop(NULL);
    nng_aio_abort(NULL, NNG_ECLOSED);
    nng_aio_cancel(NULL);
    nng_aio_wait(NULL);
}

void c_api_aio(void) {
    int callbacks = 0;
    nng_aio* aio = NULL;
    CHECK(nng_aio_alloc(&aio, count_callback, &callbacks) == NNG_OK);
    if (aio == NULL) return;
    start_and_finish(aio, &callbacks);
    cancel_and_abort(aio, &callbacks);
    timeout_and_expire(aio, &callbacks);
    sleep_and_skip(aio, &callbacks);
    fields(aio);
    stop_free_and_reap(aio, &callbacks);
    nng_aio_free(aio);
    CHECK(callbacks == 9);
}

int main(void) {
    library();
    c_api_aio();
    c_api_message();
    c_api_message_numbers();
    c_api_rest();
    nng_fini();
    printf("%d passed, %d failed\n", c_api_passed, c_api_failed);
    return c_api_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
