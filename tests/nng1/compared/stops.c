// The end of a handle: stop, free and reap, with an operation in flight and without.
#include "compared.h"

static void compare_stop(void) {
    struct handle handle;
    struct provider provider;
    int value = 1;
    make_handle(&handle);
    make_provider(&provider);
    provide(&provider, handle.aio);
    nng_aio_stop(handle.aio);
    say_end("stop", &handle);
    say("stop.asked", "%d, %s", asked(&provider), name_of(reason(&provider)));
    nng_aio_stop(handle.aio);
    nng_aio_set_output(handle.aio, 0, &value);
    say("stop.begin", "%d", nng_aio_begin(handle.aio));
    say_end("stop.begin.after", &handle);
    say("stop.begin.clears_output", "%d", nng_aio_get_output(handle.aio, 0) == NULL);
    say("stop.provide", "%d", provide(&provider, handle.aio));
    nng_sleep_aio(1, handle.aio);
    nng_msleep(20);
    say_end("stop.sleep", &handle);
    nng_aio_cancel(handle.aio);
    say_end("stop.cancel", &handle);
    free_handle(&handle);
    free_provider(&provider);
}

static void compare_idle_stop(void) {
    struct handle handle;
    make_handle(&handle);
    nng_aio_begin(handle.aio);
    nng_aio_finish(handle.aio, NNG_EPROTO);
    nng_aio_wait(handle.aio);
    nng_aio_stop(handle.aio);
    say_end("stop.idle", &handle);
    nng_aio_finish(handle.aio, NNG_EAGAIN);
    say_end("stop.idle.finish", &handle);
    free_handle(&handle);
}

// Prints what the callback sees when the handle is freed with an operation in flight.
static void compare_free(const char* key, void (*release)(nng_aio*)) {
    struct handle handle;
    struct provider provider;
    make_handle(&handle);
    make_provider(&provider);
    provide(&provider, handle.aio);
    release(handle.aio);
    for (int i = 0; i < 400 && calls_of(&handle) == 0; ++i) nng_msleep(5);
    nng_mtx_lock(handle.lock);
    say(key, "%d calls, %s, asked %d, %s", handle.calls, name_of(handle.result), provider.asked,
        name_of(provider.reason));
    nng_mtx_unlock(handle.lock);
    nng_msleep(20);
    nng_mtx_free(handle.lock);
    free_provider(&provider);
}

// Prints what the callback sees when the handle is freed during a sleep, which the library provides.
static void compare_sleep_end(const char* key, void (*release)(nng_aio*)) {
    struct handle handle;
    make_handle(&handle);
    nng_sleep_aio(60000, handle.aio);
    release(handle.aio);
    for (int i = 0; i < 400 && calls_of(&handle) == 0; ++i) nng_msleep(5);
    nng_mtx_lock(handle.lock);
    say(key, "%d calls, %s", handle.calls, name_of(handle.result));
    nng_mtx_unlock(handle.lock);
    nng_msleep(20);
    if (release == nng_aio_stop) nng_aio_free(handle.aio);
    nng_mtx_free(handle.lock);
}

void compare_stops(void) {
    compare_stop();
    compare_idle_stop();
    compare_free("free", nng_aio_free);
    compare_free("reap", nng_aio_reap);
    compare_sleep_end("stop.of_a_sleep", nng_aio_stop);
    compare_sleep_end("free.of_a_sleep", nng_aio_free);
    compare_sleep_end("reap.of_a_sleep", nng_aio_reap);
}
