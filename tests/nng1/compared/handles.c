// A handle without a provider: its parameters, its results, and the operations that the test itself begins and
// finishes.
#include "compared.h"

static void compare_parameters(void) {
    struct handle handle;
    nng_iov pieces[9];
    int value = 1;
    for (int i = 0; i < 9; ++i) pieces[i].iov_buf = &value, pieces[i].iov_len = 1;
    make_handle(&handle);
    say("handle.new.result", "%s", name_of(nng_aio_result(handle.aio)));
    say("handle.new.count", "%d", (int)nng_aio_count(handle.aio));
    say("handle.new.message", "%d", nng_aio_get_msg(handle.aio) != NULL);
    say("handle.new.output", "%d", nng_aio_get_output(handle.aio, 0) != NULL);
    say("handle.set_iov.8", "%s", name_of(nng_aio_set_iov(handle.aio, 8, pieces)));
    say("handle.set_iov.9", "%s", name_of(nng_aio_set_iov(handle.aio, 9, pieces)));
    say("handle.set_iov.0", "%s", name_of(nng_aio_set_iov(handle.aio, 0, pieces)));
    say("handle.set_input.3", "%s", name_of(nng_aio_set_input(handle.aio, 3, &value)));
    say("handle.set_input.4", "%s", name_of(nng_aio_set_input(handle.aio, 4, &value)));
    say("handle.get_input.3", "%d", nng_aio_get_input(handle.aio, 3) == &value);
    say("handle.get_input.4", "%d", nng_aio_get_input(handle.aio, 4) != NULL);
    say("handle.set_output.3", "%s", name_of(nng_aio_set_output(handle.aio, 3, &value)));
    say("handle.set_output.4", "%s", name_of(nng_aio_set_output(handle.aio, 4, &value)));
    say("handle.get_output.3", "%d", nng_aio_get_output(handle.aio, 3) == &value);
    say("handle.get_output.4", "%d", nng_aio_get_output(handle.aio, 4) != NULL);
    nng_aio_cancel(handle.aio);
    nng_aio_abort(handle.aio, NNG_EPERM);
    say_end("handle.cancel.idle", &handle);
    free_handle(&handle);
    nng_aio_free(NULL);
    nng_aio_reap(NULL);
    nng_aio_stop(NULL);
}

static void compare_begins(void) {
    struct handle handle;
    int value = 1;
    make_handle(&handle);
    nng_aio_set_output(handle.aio, 0, &value);
    nng_aio_set_input(handle.aio, 0, &value);
    say("begin.returns", "%d", nng_aio_begin(handle.aio));
    say("begin.result", "%s", name_of(nng_aio_result(handle.aio)));
    say("begin.clears_output", "%d", nng_aio_get_output(handle.aio, 0) == NULL);
    say("begin.keeps_input", "%d", nng_aio_get_input(handle.aio, 0) == &value);
    nng_aio_set_output(handle.aio, 1, &value);
    nng_aio_finish(handle.aio, 0);
    say_end("begin.finish", &handle);
    say("begin.finish.output", "%d", nng_aio_get_output(handle.aio, 1) == &value);
    nng_aio_begin(handle.aio);
    nng_aio_finish(handle.aio, NNG_EPROTO);
    say_end("begin.finish.error", &handle);
    nng_aio_begin(handle.aio);
    nng_aio_finish(handle.aio, 12345);
    say_end("begin.finish.other_code", &handle);
    nng_aio_cancel(handle.aio);
    nng_aio_abort(handle.aio, NNG_EPERM);
    say_end("cancel.finished", &handle);
    nng_aio_begin(handle.aio);
    nng_aio_finish(handle.aio, 0);
    say_end("cancel.finished.next_operation", &handle);
    free_handle(&handle);
}

static void compare_finish_without_begin(void) {
    struct handle handle;
    int value = 1;
    make_handle(&handle);
    nng_aio_set_output(handle.aio, 0, &value);
    nng_aio_finish(handle.aio, NNG_EAGAIN);
    say_end("finish.without_begin", &handle);
    say("finish.without_begin.output", "%d", nng_aio_get_output(handle.aio, 0) == &value);
    nng_aio_finish(handle.aio, 0);
    say_end("finish.without_begin.again", &handle);
    free_handle(&handle);
}

static void compare_without_callback(void) {
    nng_aio* aio;
    need(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    nng_aio_begin(aio);
    nng_aio_finish(aio, NNG_EPROTO);
    nng_aio_wait(aio);
    say("no_callback.finish", "%s", name_of(nng_aio_result(aio)));
    nng_aio_finish(aio, NNG_EAGAIN);
    nng_aio_wait(aio);
    say("no_callback.finish.without_begin", "%s", name_of(nng_aio_result(aio)));
    nng_sleep_aio(1, aio);
    nng_aio_wait(aio);
    say("no_callback.sleep", "%s", name_of(nng_aio_result(aio)));
    nng_aio_free(aio);
}

static void begin_again(struct handle* handle) {
    if (handle->calls == 3 || !nng_aio_begin(handle->aio)) return;
    nng_aio_finish(handle->aio, NNG_EAGAIN + handle->calls);
}

static void compare_begin_in_callback(void) {
    struct handle handle;
    make_handle(&handle);
    handle.then = begin_again;
    nng_aio_begin(handle.aio);
    nng_aio_finish(handle.aio, 0);
    say_end("callback.begins_again", &handle);
    free_handle(&handle);
}

void compare_handles(void) {
    compare_parameters();
    compare_begins();
    compare_finish_without_begin();
    compare_without_callback();
    compare_begin_in_callback();
}
