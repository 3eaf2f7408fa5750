// Timeouts of operations, and sleeps. Times are compared only as "not too early" and "soon enough".
#include "compared.h"

// Prints how an operation ends that has `timeout` and that the provider finishes with 0 if nothing else ends it first.
static void compare_timeout(const char* key, nng_duration timeout) {
    struct handle handle;
    struct provider provider;
    make_handle(&handle);
    make_provider(&provider);
    nng_aio_set_timeout(handle.aio, timeout);
    provide(&provider, handle.aio);
    wait_until_asked(&provider, 1);
    finish(&provider, 0);
    nng_aio_wait(handle.aio);
    say(key, "%d calls, %s, asked %d, %s", calls_of(&handle), name_of(nng_aio_result(handle.aio)), asked(&provider),
        name_of(reason(&provider)));
    free_handle(&handle);
    free_provider(&provider);
}

static void compare_later_operations(void) {
    struct handle handle;
    struct provider provider;
    make_handle(&handle);
    make_provider(&provider);
    nng_aio_set_timeout(handle.aio, 10);
    const nng_time begin = nng_clock();
    provide(&provider, handle.aio);
    nng_aio_wait(handle.aio);
    say("timeout.not_early", "%d", nng_clock() - begin >= 10);
    provide(&provider, handle.aio);
    say_end("timeout.stays", &handle);
    provide(&provider, handle.aio);
    nng_aio_set_timeout(handle.aio, NNG_DURATION_INFINITE);
    say_end("timeout.set_in_flight", &handle);
    provide(&provider, handle.aio);
    nng_msleep(40);
    finish(&provider, 0);
    say_end("timeout.infinite_again", &handle);
    nng_aio_set_timeout(handle.aio, 10);
    nng_aio_begin(handle.aio);
    nng_aio_defer(handle.aio, NULL, NULL);
    nng_msleep(40);
    nng_aio_finish(handle.aio, 0);
    say_end("timeout.without_cancel_function", &handle);
    free_handle(&handle);
    free_provider(&provider);
}

// A cancel function that declines the timeout is not asked again; one that defers again gets the whole timeout again.
static void compare_declined_timeouts(void) {
    struct handle handle;
    struct provider provider;
    make_handle(&handle);
    make_provider(&provider);
    nng_aio_set_timeout(handle.aio, 5);
    provider.declines = 1;
    provide(&provider, handle.aio);
    wait_until_asked(&provider, 1);
    nng_aio_cancel(handle.aio);
    say("timeout.declined.asked", "%d, %s", asked(&provider), name_of(reason(&provider)));
    finish(&provider, 0);
    say_end("timeout.declined.finish", &handle);
    provider.rearms = 2;
    provide(&provider, handle.aio);
    say_end("timeout.rearmed", &handle);
    say("timeout.rearmed.asked", "%d, %s", asked(&provider), name_of(reason(&provider)));
    free_handle(&handle);
    free_provider(&provider);
}

void compare_timeouts(void) {
    compare_timeout("timeout.10", 10);
    compare_timeout("timeout.0", 0);
    compare_timeout("timeout.infinite", NNG_DURATION_INFINITE);
    compare_timeout("timeout.default", NNG_DURATION_DEFAULT);
    compare_timeout("timeout.negative", -5);
    compare_later_operations();
    compare_declined_timeouts();
}

// Prints how a sleep of `ms` milliseconds ends on a handle with `timeout`, within half a second.
static void compare_sleep(const char* key, nng_duration ms, nng_duration timeout) {
    struct handle handle;
    make_handle(&handle);
    nng_aio_set_timeout(handle.aio, timeout);
    nng_sleep_aio(ms, handle.aio);
    for (int i = 0; i < 100 && calls_of(&handle) == 0; ++i) nng_msleep(5);
    nng_aio_cancel(handle.aio);
    say_end(key, &handle);
    free_handle(&handle);
}

// A timeout on a handle that has slept before.
static void compare_timeout_after_sleep(void) {
    struct handle handle;
    struct provider provider;
    make_handle(&handle);
    make_provider(&provider);
    const nng_time begin = nng_clock();
    nng_sleep_aio(10, handle.aio);
    nng_aio_wait(handle.aio);
    say("sleep.not_early", "%d", nng_clock() - begin >= 10);
    nng_aio_set_timeout(handle.aio, 10);
    provide(&provider, handle.aio);
    say_end("sleep.then_timeout", &handle);
    say("sleep.then_timeout.asked", "%d, %s", asked(&provider), name_of(reason(&provider)));
    free_handle(&handle);
    free_provider(&provider);
}

void compare_sleeps(void) {
    compare_sleep("sleep.10", 10, NNG_DURATION_DEFAULT);
    compare_sleep("sleep.0", 0, NNG_DURATION_DEFAULT);
    compare_sleep("sleep.infinite", NNG_DURATION_INFINITE, NNG_DURATION_DEFAULT);
    compare_sleep("sleep.default", NNG_DURATION_DEFAULT, NNG_DURATION_DEFAULT);
    compare_sleep("sleep.negative", -5, NNG_DURATION_DEFAULT);
    compare_sleep("sleep.longer_than_timeout", 60000, 10);
    compare_sleep("sleep.shorter_than_timeout", 10, 60000);
    compare_sleep("sleep.as_long_as_timeout", 10, 10);
    compare_sleep("sleep.timeout_0", 60000, 0);
    compare_sleep("sleep.0.timeout_0", 0, 0);
    compare_sleep("sleep.canceled", 60000, NNG_DURATION_INFINITE);
    compare_sleep("sleep.negative_timeout", 60000, -5);
    compare_timeout_after_sleep();
}
