// The output, the handles and the providers of the compared program.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "compared.h"

void say(const char* key, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("%s: ", key);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

const char* name_of(int code) {
    static const char* const names[] = {
        "OK",           "EINTR",      "ENOMEM",   "EINVAL",     "EBUSY",        "ETIMEDOUT",  "ECONNREFUSED",
        "ECLOSED",      "EAGAIN",     "ENOTSUP",  "EADDRINUSE", "ESTATE",       "ENOENT",     "EPROTO",
        "EUNREACHABLE", "EADDRINVAL", "EPERM",    "EMSGSIZE",   "ECONNABORTED", "ECONNRESET", "ECANCELED",
        "ENOFILES",     "ENOSPC",     "EEXIST",   "EREADONLY",  "EWRITEONLY",   "ECRYPTO",    "EPEERAUTH",
        "ENOARG",       "EAMBIGUOUS", "EBADTYPE", "ECONNSHUT"};
    static char numbers[4][16];
    static unsigned next;
    char* const number = numbers[next++ % 4];
    if (code >= 0 && code < (int)(sizeof names / sizeof names[0])) return names[code];
    snprintf(number, sizeof numbers[0], "%d", code);
    return number;
}

void need(int code, const char* call) {
    if (code == 0) return;
    fprintf(stderr, "%s: %s\n", call, nng_strerror(code));
    exit(2);
}

static void called(void* arg) {
    struct handle* const handle = arg;
    nng_mtx_lock(handle->lock);
    ++handle->calls;
    handle->result = nng_aio_result(handle->aio);
    handle->count = nng_aio_count(handle->aio);
    nng_mtx_unlock(handle->lock);
    if (handle->then != NULL) handle->then(handle);
}

void make_handle(struct handle* handle) {
    handle->calls = handle->result = 0;
    handle->count = 0;
    handle->then = NULL;
    handle->other = NULL;
    need(nng_mtx_alloc(&handle->lock), "nng_mtx_alloc");
    need(nng_aio_alloc(&handle->aio, called, handle), "nng_aio_alloc");
}

void free_handle(struct handle* handle) {
    nng_aio_free(handle->aio);
    nng_mtx_free(handle->lock);
}

int calls_of(struct handle* handle) {
    nng_mtx_lock(handle->lock);
    const int calls = handle->calls;
    nng_mtx_unlock(handle->lock);
    return calls;
}

void say_end(const char* key, struct handle* handle) {
    nng_aio_wait(handle->aio);
    say(key, "%d calls, %s", calls_of(handle), name_of(nng_aio_result(handle->aio)));
}

void make_provider(struct provider* provider) {
    provider->pending = NULL;
    provider->asked = provider->reason = provider->declines = provider->rearms = 0;
    need(nng_mtx_alloc(&provider->lock), "nng_mtx_alloc");
}

void free_provider(struct provider* provider) { nng_mtx_free(provider->lock); }

// Returns the pending operation, which the caller finishes, or NULL.
static nng_aio* take(struct provider* provider) {
    nng_aio* const aio = provider->pending;
    provider->pending = NULL;
    return aio;
}

static void cancel(nng_aio* aio, void* arg, int err) {
    struct provider* const provider = arg;
    nng_aio* mine = NULL;
    nng_mtx_lock(provider->lock);
    ++provider->asked;
    provider->reason = err;
    if (provider->rearms > 0) {
        --provider->rearms;
        nng_aio_defer(aio, cancel, provider);
    } else if (provider->declines > 0) {
        --provider->declines;
    } else {
        mine = take(provider);
    }
    nng_mtx_unlock(provider->lock);
    if (mine != NULL) nng_aio_finish(mine, err);
}

void defer(struct provider* provider, nng_aio* aio) {
    nng_mtx_lock(provider->lock);
    nng_aio_defer(aio, cancel, provider);
    provider->pending = aio;
    nng_mtx_unlock(provider->lock);
}

bool provide(struct provider* provider, nng_aio* aio) {
    if (!nng_aio_begin(aio)) return false;
    defer(provider, aio);
    return true;
}

void finish(struct provider* provider, int code) {
    nng_mtx_lock(provider->lock);
    nng_aio* const aio = take(provider);
    nng_mtx_unlock(provider->lock);
    if (aio != NULL) nng_aio_finish(aio, code);
}

int asked(struct provider* provider) {
    nng_mtx_lock(provider->lock);
    const int times = provider->asked;
    nng_mtx_unlock(provider->lock);
    return times;
}

int reason(struct provider* provider) {
    nng_mtx_lock(provider->lock);
    const int code = provider->reason;
    nng_mtx_unlock(provider->lock);
    return code;
}

void wait_until_asked(struct provider* provider, int times) {
    for (int i = 0; i < 100 && asked(provider) < times; ++i) nng_msleep(5);
}
