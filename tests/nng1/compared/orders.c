// Orders of calls that NNG does not document, and that programs use: defer without begin, begin without defer, and a
// request between the two.
#include "compared.h"

// A timer that programs build from a cancel function: it is called when the timeout has passed, and defers again.
static void compare_timers(void) {
    struct provider provider;
    struct handle handle;
    make_handle(&handle);
    make_provider(&provider);
    provider.rearms = 3;
    provider.declines = 1;
    nng_aio_set_timeout(handle.aio, 5);
    defer(&provider, handle.aio);
    wait_until_asked(&provider, 4);
    say("timer.asked", "%d, %s", asked(&provider), name_of(reason(&provider)));
    say("timer.calls", "%d", calls_of(&handle));
    nng_aio_stop(handle.aio);
    say("timer.stop.calls", "%d", calls_of(&handle));
    free_handle(&handle);
    free_provider(&provider);
}

// Such a timer when it is stopped: its cancel function does not finish, and the stop does not wait.
static void compare_timer_stop(const char* key, void (*end)(nng_aio*)) {
    struct provider provider;
    nng_aio* aio;
    need(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    make_provider(&provider);
    provider.declines = 1;
    nng_aio_set_timeout(aio, 60000);
    defer(&provider, aio);
    end(aio);
    wait_until_asked(&provider, 1);
    say(key, "%d, %s", asked(&provider), name_of(reason(&provider)));
    nng_msleep(20);  // after a reap the provider is used until the cancel function has returned
    if (end != nng_aio_free && end != nng_aio_reap) nng_aio_free(aio);
    free_provider(&provider);
}

static void compare_defer_without_begin(void) {
    struct handle handle;
    struct provider provider;
    make_handle(&handle);
    make_provider(&provider);
    nng_aio_set_output(handle.aio, 0, &handle);
    defer(&provider, handle.aio);
    finish(&provider, NNG_EPROTO);
    say_end("defer.without_begin.finish", &handle);
    say("defer.without_begin.output", "%d", nng_aio_get_output(handle.aio, 0) != NULL);
    defer(&provider, handle.aio);
    nng_aio_cancel(handle.aio);
    for (int i = 0; i < 400 && calls_of(&handle) < 2; ++i) nng_msleep(5);
    say_end("defer.without_begin.cancel", &handle);
    say("defer.without_begin.cancel.asked", "%d, %s", asked(&provider), name_of(reason(&provider)));
    free_handle(&handle);
    free_provider(&provider);
}

static void compare_begin_without_defer(void) {
    struct handle handle;
    make_handle(&handle);
    nng_aio_begin(handle.aio);
    nng_aio_cancel(handle.aio);
    say("begin.cancel.calls", "%d", calls_of(&handle));
    nng_aio_finish(handle.aio, 0);
    say_end("begin.cancel.finish", &handle);
    nng_aio_set_timeout(handle.aio, 1);
    nng_aio_begin(handle.aio);
    nng_msleep(30);
    say("begin.timeout.calls", "%d", calls_of(&handle));
    nng_aio_finish(handle.aio, 0);
    say_end("begin.timeout.finish", &handle);
    free_handle(&handle);
}

static void compare_cancel_before_defer(void) {
    struct handle handle;
    struct provider provider;
    make_handle(&handle);
    make_provider(&provider);
    nng_aio_begin(handle.aio);
    nng_aio_abort(handle.aio, NNG_EPERM);
    defer(&provider, handle.aio);
    wait_until_asked(&provider, 1);
    say("cancel.before_defer.asked", "%d, %s", asked(&provider), name_of(reason(&provider)));
    finish(&provider, 0);
    say_end("cancel.before_defer", &handle);
    nng_aio_begin(handle.aio);
    defer(&provider, handle.aio);
    finish(&provider, 0);
    say_end("cancel.before_defer.next_operation", &handle);
    free_handle(&handle);
    free_provider(&provider);
}

void compare_orders(void) {
    compare_timers();
    compare_timer_stop("timer.stop", nng_aio_stop);
    compare_timer_stop("timer.free", nng_aio_free);
    compare_timer_stop("timer.reap", nng_aio_reap);
    compare_timer_stop("timer.cancel", nng_aio_cancel);
    compare_defer_without_begin();
    compare_begin_without_defer();
    compare_cancel_before_defer();
}
