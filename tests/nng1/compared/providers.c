// Providers: operations that are begun, deferred, canceled, declined and finished, in the orders that NNG documents.
#include "compared.h"

static void compare_cancels(void) {
    struct handle handle;
    struct provider provider;
    make_handle(&handle);
    make_provider(&provider);
    say("defer.begins", "%d", provide(&provider, handle.aio));
    finish(&provider, 0);
    say_end("defer.finish", &handle);
    say("defer.finish.asked", "%d", asked(&provider));
    provide(&provider, handle.aio);
    nng_aio_cancel(handle.aio);
    say_end("defer.cancel", &handle);
    say("defer.cancel.asked", "%d, %s", asked(&provider), name_of(reason(&provider)));
    provide(&provider, handle.aio);
    nng_aio_abort(handle.aio, NNG_EPERM);
    say_end("defer.abort", &handle);
    provide(&provider, handle.aio);
    nng_aio_abort(handle.aio, 12345);
    say_end("defer.abort.other_code", &handle);
    provide(&provider, handle.aio);
    nng_aio_abort(handle.aio, 0);
    say_end("defer.abort.0", &handle);
    say("defer.abort.0.asked", "%d, %s", asked(&provider), name_of(reason(&provider)));
    free_handle(&handle);
    free_provider(&provider);
}

static void compare_declines(void) {
    struct handle handle;
    struct provider provider;
    make_handle(&handle);
    make_provider(&provider);
    provider.declines = 1;
    provide(&provider, handle.aio);
    nng_aio_cancel(handle.aio);
    say("decline.calls", "%d", calls_of(&handle));
    nng_aio_abort(handle.aio, NNG_EPERM);
    nng_aio_cancel(handle.aio);
    say("decline.asked_once", "%d, %s", asked(&provider), name_of(reason(&provider)));
    finish(&provider, 0);
    say_end("decline.finish", &handle);
    provide(&provider, handle.aio);
    nng_aio_cancel(handle.aio);
    say_end("decline.next_operation", &handle);
    free_handle(&handle);
    free_provider(&provider);
}

// The cancel function defers again, so that it can be called again.
static void compare_rearms(void) {
    struct handle handle;
    struct provider provider;
    make_handle(&handle);
    make_provider(&provider);
    provider.rearms = 2;
    provide(&provider, handle.aio);
    nng_aio_cancel(handle.aio);
    nng_aio_abort(handle.aio, NNG_EPERM);
    say("rearm.asked", "%d, %s", asked(&provider), name_of(reason(&provider)));
    nng_aio_abort(handle.aio, NNG_EPROTO);
    say_end("rearm.third_request", &handle);
    say("rearm.third_request.asked", "%d, %s", asked(&provider), name_of(reason(&provider)));
    provider.rearms = 1;
    provide(&provider, handle.aio);
    nng_aio_cancel(handle.aio);
    finish(&provider, 0);
    say_end("rearm.finish", &handle);
    free_handle(&handle);
    free_provider(&provider);
}

static void compare_without_cancel_function(void) {
    struct handle handle;
    make_handle(&handle);
    nng_aio_begin(handle.aio);
    nng_aio_defer(handle.aio, NULL, NULL);
    nng_aio_cancel(handle.aio);
    say("no_cancel_function.calls", "%d", calls_of(&handle));
    nng_aio_finish(handle.aio, NNG_EPROTO);
    say_end("no_cancel_function.finish", &handle);
    free_handle(&handle);
}

void compare_providers(void) {
    compare_cancels();
    compare_declines();
    compare_rearms();
    compare_without_cancel_function();
}
