// Declarations for all parts of the compared program. The program is compiled once against NNG 1 and once against naio.
// It prints one line `KEY: VALUE` for each fact that it sees, in the same order every time. Except for newer.c, it uses
// only functions of NNG 1.5.2.
#ifndef NAIO_TESTS_NNG1_COMPARED_H
#define NAIO_TESTS_NNG1_COMPARED_H

#include <nng/nng.h>
#include <nng/supplemental/util/platform.h>

// Prints a line. A key occurs once.
void say(const char* key, const char* format, ...);
// Returns the name of a result, such as "ETIMEDOUT". The string lives until the fourth call after this one.
const char* name_of(int code);
// Ends the program with a message if the call has failed. For calls whose results the program does not compare.
void need(int code, const char* call);

// A handle that counts its callbacks, and keeps what the last one saw.
struct handle {
    nng_aio* aio;
    nng_mtx* lock;
    int calls, result;
    size_t count;
    void (*then)(struct handle*);  // called by the callback, if it is not NULL
    void* other;                   // for `then`
};
void make_handle(struct handle*);
void free_handle(struct handle*);
int calls_of(struct handle*);
// Waits for the handle and prints "CALLS calls, RESULT".
void say_end(const char* key, struct handle*);

// The provider of an operation that ends only on request.
struct provider {
    nng_mtx* lock;
    nng_aio* pending;      // the operation that this provider has to finish, NULL if there is none
    int asked, reason;     // how often the cancel function was called, and the last code that it was given
    int declines, rearms;  // how often it then does nothing, or defers again
};
void make_provider(struct provider*);
void free_provider(struct provider*);
// Begins an operation and defers it. True unless the handle is stopped.
bool provide(struct provider*, nng_aio*);
// Defers, without begin. Locks the provider while it defers, as a provider does that has a list.
void defer(struct provider*, nng_aio*);
// Finishes the pending operation with `code`, if there is one still.
void finish(struct provider*, int code);
int asked(struct provider*);
int reason(struct provider*);
// Waits, for at most half a second, until the cancel function was called `times` times.
void wait_until_asked(struct provider*, int times);

void compare_handles(void);
void compare_providers(void);
void compare_orders(void);
void compare_stops(void);
void compare_timeouts(void);
void compare_sleeps(void);
void compare_streams(void);
void compare_stream_ends(void);
void compare_dialers_and_listeners(void);
void compare_options(void);
void compare_urls(void);
void compare_messages(void);
void compare_rest(void);
void compare_newer(void);

#endif
