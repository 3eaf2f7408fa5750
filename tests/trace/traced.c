// A program to be traced: several threads start, finish, cancel and skip operations, in two sessions that each begin
// with nng_init and end with nng_fini. Between the sessions, a forked child uses the library. Prints each message of
// the library's log. `traced remove` removes the file of the trace between the sessions.
#include <naio/naio.h>
#include <nng/nng.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 3, ROUNDS = 200, RESUBMITS = 5 };

static void check(bool condition) {
    if (!condition) exit(2);
}

// The logger. It also calls the library; such a call would not return if the library held a lock while it logs.
static void print(nng_log_level level, nng_log_facility facility, const char* id, const char* text) {
    (void)level, (void)facility;
    nng_aio* aio;
    check(nng_aio_alloc(&aio, NULL, NULL) == NNG_OK);
    nng_aio_free(aio);
    printf("%s: %s\n", id, text);
}

struct again {
    nng_aio* aio;
    int left;
};

// Starts the next operation, and finishes it, within the callback.
static void again(void* argument) {
    struct again* again = argument;
    if (again->left-- > 0 && nng_aio_start(again->aio, NULL, NULL)) nng_aio_finish(again->aio, NNG_OK);
}

static void do_nothing(void* argument) { (void)argument; }

static void finish_cancelled(nng_aio* aio, void* argument, nng_err reason) {
    (void)argument;
    nng_aio_finish(aio, reason);
}

static nng_aio* handle(void (*callback)(void*), void* argument, const char* name) {
    nng_aio* aio;
    check(nng_aio_alloc(&aio, callback, argument) == NNG_OK);
    if (name != NULL) naio_aio_set_name(aio, name);
    return aio;
}

static void work(void* argument) {
    (void)argument;
    struct again state = {NULL, 0};
    nng_aio* resubmits = state.aio = handle(again, &state, "again\n\"\\\xff");
    nng_aio* cancelled = handle(do_nothing, NULL, "cancelled");
    nng_aio* silent = handle(NULL, NULL, NULL);
    nng_aio* skipped = handle(do_nothing, NULL, "skipped");
    nng_aio* sleeping = handle(do_nothing, NULL, NULL);
    for (int i = 0; i < ROUNDS; ++i) {
        state.left = RESUBMITS;
        check(nng_aio_start(resubmits, NULL, NULL));
        nng_aio_finish(resubmits, NNG_OK);
        check(nng_aio_start(cancelled, finish_cancelled, NULL));
        nng_aio_cancel(cancelled);
        check(nng_aio_start(silent, NULL, NULL));
        nng_aio_finish(silent, NNG_OK);
        nng_sleep_aio(i % 10 == 0 ? 1 : 0, sleeping);
        bool was_skipped = false;
        nng_aio_skip_callback(skipped, &was_skipped);
        nng_sleep_aio(0, skipped);
        check(was_skipped);
        nng_aio_wait(resubmits);
        nng_aio_wait(cancelled);
        nng_aio_wait(sleeping);
    }
    nng_aio_stop(sleeping);
    nng_sleep_aio(1, sleeping);  // this sleep is refused
    nng_aio_wait(sleeping);
    nng_aio* const all[] = {resubmits, cancelled, silent, skipped, sleeping};
    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); ++i) nng_aio_free(all[i]);
}

// Names a handle twice, with two texts at the same address.
static void rename_a_handle(void) {
    char text[] = "named";
    nng_aio* aio = handle(NULL, NULL, text);
    nng_sleep_aio(0, aio);
    nng_aio_wait(aio);
    memcpy(text, "other", sizeof("other"));
    naio_aio_set_name(aio, text);
    nng_sleep_aio(0, aio);
    nng_aio_wait(aio);
    nng_aio_free(aio);
}

static void drop(void* argument, const char* line) { (void)argument, (void)line; }

// Brings the library up in a forked child, which must add nothing to the trace.
static void fork_a_user(void) {
    fflush(stdout);
    const pid_t child = fork();
    check(child >= 0);
    if (child == 0) {
        nng_log_set_logger(NULL);
        check(nng_init(NULL) == NNG_OK);
        nng_aio* aio = handle(do_nothing, NULL, "forked");
        for (int i = 0; i < ROUNDS; ++i) {
            nng_sleep_aio(0, aio);
            nng_aio_wait(aio);
        }
        nng_aio_free(aio);
        nng_fini();
        _exit(0);
    }
    int status = 0;
    check(waitpid(child, &status, 0) == child && status == 0);
}

// The logger of a program that hangs. Says that a stall report has come.
static void say_reported(nng_log_level level, nng_log_facility facility, const char* id, const char* text) {
    (void)level, (void)facility, (void)text;
    if (strcmp(id, "NAIO-STALL") == 0) puts("reported");
    fflush(stdout);
}

static nng_mtx* blocked;
static nng_cv* blocked_changed;
static bool is_blocked;

// Blocks the thread of the timer forever.
static void block(nng_aio* aio, void* argument, nng_err reason) {
    (void)aio, (void)argument, (void)reason;
    nng_mtx_lock(blocked);
    is_blocked = true;
    nng_cv_wake(blocked_changed);
    while (is_blocked) nng_cv_wait(blocked_changed);
    nng_mtx_unlock(blocked);
}

static void block_the_timer(void) {
    check(nng_mtx_alloc(&blocked) == NNG_OK && nng_cv_alloc(&blocked_changed, blocked) == NNG_OK);
    nng_aio* blocking = handle(NULL, NULL, NULL);
    nng_aio_set_timeout(blocking, 1);
    check(nng_aio_start(blocking, block, NULL));
    nng_mtx_lock(blocked);
    while (!is_blocked) nng_cv_wait(blocked_changed);
    nng_mtx_unlock(blocked);
}

// Starts an operation that never ends, and waits for it, so that the trace has to reach the file without nng_fini:
// within a second, with a dump, or with a stall report. The latter two have to do so alone, because the timer is
// blocked.
static void hang(const char* how) {
    nng_log_set_logger(say_reported);
    check(nng_init(NULL) == NNG_OK);
    if (strcmp(how, "second") != 0) block_the_timer();
    nng_aio* stuck = handle(NULL, NULL, "stuck");
    if (strcmp(how, "stall") == 0) naio_set_stall_report(10);
    check(naio_aio_start(stuck, NAIO_CANCEL_NONE, NULL, NULL, NULL));
    if (strcmp(how, "dump") == 0) {
        naio_dump(drop, NULL);
        puts("dumped");
        fflush(stdout);
    }
    nng_aio_wait(stuck);
}

int main(int count, char** arguments) {
    const bool removes = count == 2 && strcmp(arguments[1], "remove") == 0;
    if (count == 2 && !removes) hang(arguments[1]);
    nng_log_set_logger(print);
    for (int session = 0; session < 2; ++session) {
        check(nng_init(NULL) == NNG_OK);
        rename_a_handle();
        nng_thread* threads[THREADS];
        for (int i = 0; i < THREADS; ++i) check(nng_thread_create(&threads[i], work, NULL) == NNG_OK);
        for (int i = 0; i < ROUNDS; ++i) naio_dump(drop, NULL);  // writes the trace while the threads add events
        for (int i = 0; i < THREADS; ++i) nng_thread_destroy(threads[i]);
        nng_fini();
        if (session == 0) fork_a_user();
        if (session == 0 && removes) check(unlink(getenv("NAIO_TRACE")) == 0);
    }
    return 0;
}
