// Frees many handles, in two safe ways.
//
// If the callbacks of the handles use each other's handles: stop all handles first, then free them. When the last stop
// has returned, no callback runs any more, so none can use a handle that was freed.
//
// If no thread waits for a handle: the handle's own callback reaps it. nng_aio_reap returns at once, and the library
// destroys the handle after the callback has returned. This callback is the last one of the handle, so it may also free
// its argument.
#include <nng/nng.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

enum { HANDLES = 100, JOBS = 10 };

// A member of a ring. Each member sleeps again and again; when it wakes, it cancels its neighbour's sleep.
struct member {
    nng_aio* aio;
    struct member* neighbour;
    unsigned woken;
    unsigned stopped;
};

static void wake_neighbour(void* arg) {
    struct member* member = arg;

    if (nng_aio_result(member->aio) == NNG_ESTOPPED) {
        member->stopped++;
        return;
    }
    member->woken++;
    nng_aio_cancel(member->neighbour->aio);  // allowed for a stopped handle, but not for a freed one
    nng_sleep_aio(5, member->aio);
}

static void pause_for(nng_duration ms) {
    nng_aio* aio;
    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    nng_sleep_aio(ms, aio);
    nng_aio_wait(aio);
    check(nng_aio_result(aio), "nng_sleep_aio");
    nng_aio_free(aio);
}

static void ring(void) {
    static struct member members[HANDLES];
    unsigned woken = 0;
    unsigned stopped = 0;

    for (int i = 0; i < HANDLES; i++) {
        members[i].neighbour = &members[(i + 1) % HANDLES];
        check(nng_aio_alloc(&members[i].aio, wake_neighbour, &members[i]), "nng_aio_alloc");
    }
    for (int i = 0; i < HANDLES; i++) nng_sleep_aio(5, members[i].aio);
    pause_for(100);

    for (int i = 0; i < HANDLES; i++) nng_aio_stop(members[i].aio);
    for (int i = 0; i < HANDLES; i++) nng_aio_free(members[i].aio);

    for (int i = 0; i < HANDLES; i++) {
        woken += members[i].woken;
        stopped += members[i].stopped;
    }
    printf("ring: %d handles woke %u times; %u were told to stop, and all are freed\n", HANDLES, woken, stopped);
    if (stopped != HANDLES) {
        fprintf(stderr, "every handle should have been told once\n");
        exit(1);
    }
}

struct tally {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int done;
};

struct job {
    nng_aio* aio;
    struct tally* tally;
};

static void finish_job(void* arg) {
    struct job* job = arg;
    struct tally* tally = job->tally;

    check(nng_aio_result(job->aio), "nng_sleep_aio");
    nng_aio_reap(job->aio);
    free(job);

    pthread_mutex_lock(&tally->lock);
    tally->done++;
    pthread_cond_signal(&tally->changed);
    pthread_mutex_unlock(&tally->lock);
}

static void jobs(void) {
    static struct tally tally = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

    for (int i = 0; i < JOBS; i++) {
        struct job* job = malloc(sizeof(*job));
        check(job == NULL ? NNG_ENOMEM : NNG_OK, "malloc");
        job->tally = &tally;
        check(nng_aio_alloc(&job->aio, finish_job, job), "nng_aio_alloc");
        nng_sleep_aio(10 * i, job->aio);  // from here on only the job's callback may use the job
    }
    pthread_mutex_lock(&tally.lock);
    while (tally.done < JOBS) pthread_cond_wait(&tally.changed, &tally.lock);
    pthread_mutex_unlock(&tally.lock);
    printf("jobs: %d handles freed themselves\n", JOBS);
}

int main(int argc, char** argv) {
    usage(argc, argv, 0, 0, "", "Takes many handles down, in the two ways that are safe.");
    check(nng_init(NULL), "nng_init");
    ring();
    jobs();
    nng_fini();  // returns after the library has destroyed all reaped handles
    return 0;
}
