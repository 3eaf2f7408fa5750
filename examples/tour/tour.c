// A tour of the library: 100,000 operations from four threads, with thousands in flight at a time, which end in every
// possible way. The tour counts the callbacks, measures how late sleeps and timeouts are, prints a table, and fails if
// any promise was broken.
//
// Where to begin: ended() in operation.c, the callback of every operation, checks the promises; submit() in workload.c
// chooses the operations.
//
//     tour [OPERATIONS]
#include <errno.h>
#include <nng/nng.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"
#include "operation.h"
#include "process.h"
#include "report.h"
#include "workload.h"

enum { DEFAULT_OPERATIONS = 100000, MOST_OPERATIONS = 10000000, STUCK_AFTER_SECONDS = 30 };

// Returns 0 if the text is not a valid number of operations.
static size_t parse_operations(const char* text) {
    char* end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    bool digits_only = text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
    if (!digits_only || errno != 0 || value > MOST_OPERATIONS) return 0;
    return value;
}

// Waits until all operations have ended, and draws the bar. Every operation ends within some hundred milliseconds, so
// the tour is stuck if no callback comes for STUCK_AFTER_SECONDS.
static void watch(struct workload* workload, size_t operations, struct run* run) {
    const struct timespec pause = {0, 20000000};
    bool bar = isatty(STDERR_FILENO) != 0;
    uint64_t callbacks = 0;
    int64_t moved = clock_ns();

    for (;;) {
        struct progress progress = workload_progress(workload);
        long threads = process_threads();
        if (threads > run->peak_threads) run->peak_threads = threads;
        if (bar) report_progress(progress.callbacks, operations, progress.submitted - progress.callbacks);
        if (progress.finished) break;
        if (progress.callbacks != callbacks) moved = clock_ns();
        callbacks = progress.callbacks;
        run->stuck = clock_ns() - moved > (int64_t)STUCK_AFTER_SECONDS * 1000000000;
        if (run->stuck) break;
        nanosleep(&pause, NULL);
    }
    if (bar) report_progress_clear();
}

static void hung(int signal) {
    static const char message[] = "BROKEN PROMISE: the handles cannot be freed\n";
    (void)signal;
    if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0) _exit(2);
    _exit(1);
}

static void tear_down(struct workload* workload) {
    signal(SIGALRM, hung);
    alarm(STUCK_AFTER_SECONDS);
    workload_join(workload);
    nng_fini();
    alarm(0);
}

static int tour(size_t operations) {
    struct run run = {0, -1, -1, false};
    struct statistics statistics;
    nng_err err = nng_init(NULL);

    if (err != NNG_OK) {
        fprintf(stderr, "tour: nng_init: %s\n", nng_strerror(err));
        return 1;
    }
    printf("%zu operations from %d threads, up to %d of each in flight\n\n", operations, SUBMITTERS, IN_FLIGHT);
    fflush(stdout);

    int64_t start = clock_ns();
    struct workload* workload = workload_start(operations);
    if (workload == NULL) return 1;
    watch(workload, operations, &run);
    run.seconds = (double)(clock_ns() - start) / 1e9;
    if (!run.stuck) tear_down(workload);
    run.peak_memory = process_peak_memory();

    if (!workload_add_up(workload, &statistics)) {
        fprintf(stderr, "tour: no memory to add up\n");
        return 1;
    }
    report_print(&statistics, &run);
    bool kept = !run.stuck && statistics_all_kept(&statistics);
    statistics_free(&statistics);
    if (run.stuck) {
        fflush(stdout);
        _exit(1);  // the threads of a stuck tour cannot be ended
    }
    workload_free(workload);
    return kept ? 0 : 1;
}

int main(int argc, char** argv) {
    usage(argc, argv, 0, 1, "[OPERATIONS]",
          "Submits operations of all kinds from several threads, prints how they ended, and fails if a promise was\n"
          "broken. 100000 operations unless given.");
    size_t operations = argc == 2 ? parse_operations(argv[1]) : DEFAULT_OPERATIONS;
    if (operations == 0) {
        fprintf(stderr, "tour: '%s' is not a number of operations between 1 and %d\n", argv[1], MOST_OPERATIONS);
        return 2;
    }
    return tour(operations);
}
