// The texts of errors, the clock, threads, locks, memory and random numbers.
#include <stdio.h>
#include <string.h>

#include "compared.h"

static void compare_error(int code) {
    char key[32];
    snprintf(key, sizeof key, "strerror.%d", code);
    say(key, "%s", nng_strerror(code));
}

static void compare_errors(void) {
    for (int code = 0; code < 33; ++code) compare_error(code);
    compare_error(999);
    compare_error(1000);
    compare_error(NNG_ESYSERR + 2);
    compare_error(NNG_ETRANERR + 3);
}

static void compare_time(void) {
    const nng_time begin = nng_clock();
    nng_msleep(10);
    say("clock.msleep", "%d", nng_clock() - begin >= 10);
    nng_msleep(0);
    say("random.differs", "%d", nng_random() != nng_random() || nng_random() != nng_random());
}

struct meeting {
    nng_mtx* lock;
    nng_cv* changed;
    int steps;
};

static void take_steps(void* arg) {
    struct meeting* const meeting = arg;
    nng_mtx_lock(meeting->lock);
    ++meeting->steps;
    nng_cv_wake(meeting->changed);
    while (meeting->steps < 2) nng_cv_wait(meeting->changed);
    ++meeting->steps;
    nng_cv_wake1(meeting->changed);
    nng_mtx_unlock(meeting->lock);
}

static void compare_threads(void) {
    struct meeting meeting = {NULL, NULL, 0};
    nng_thread* thread;
    say("mtx.alloc", "%s", name_of(nng_mtx_alloc(&meeting.lock)));
    say("cv.alloc", "%s", name_of(nng_cv_alloc(&meeting.changed, meeting.lock)));
    nng_mtx_lock(meeting.lock);
    say("cv.until.past", "%s", name_of(nng_cv_until(meeting.changed, nng_clock() - 1)));
    say("cv.until.0", "%s", name_of(nng_cv_until(meeting.changed, 0)));
    const nng_time begin = nng_clock();
    say("cv.until", "%s", name_of(nng_cv_until(meeting.changed, begin + 10)));
    say("cv.until.not_early", "%d", nng_clock() >= begin + 10);
    say("thread.create", "%s", name_of(nng_thread_create(&thread, take_steps, &meeting)));
    nng_thread_set_name(thread, "steps");
    while (meeting.steps < 1) nng_cv_wait(meeting.changed);
    ++meeting.steps;
    nng_cv_wake(meeting.changed);
    int result = 0;
    while (meeting.steps < 3 && result == 0) result = nng_cv_until(meeting.changed, nng_clock() + 60000);
    say("cv.until.woken", "%s", name_of(result));
    nng_mtx_unlock(meeting.lock);
    nng_thread_destroy(thread);
    say("thread.steps", "%d", meeting.steps);
    nng_cv_free(meeting.changed);
    nng_mtx_free(meeting.lock);
    nng_cv_free(NULL);
    nng_mtx_free(NULL);
}

static void compare_memory(void) {
    char* const text = nng_strdup("text");
    void* const block = nng_alloc(100);
    say("strdup", "%s", text);
    say("alloc", "%d", block != NULL);
    nng_free(block, 100);
    nng_strfree(text);
    nng_strfree(NULL);
}

void compare_rest(void) {
    compare_errors();
    compare_time();
    compare_threads();
    compare_memory();
}
