#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char* const kind_names[KINDS] = {
    [SLEEP] = "sleep",
    [SLEEP_CUT] = "sleep, cut by timeout",
    [SLEEP_AGAIN] = "sleep, resubmitted",
    [SLEEP_REAPED] = "sleep, reaped by callback",
    [STREAM_SEND] = "stream send",
    [STREAM_RECEIVE] = "stream receive",
    [DATAGRAM_SEND] = "datagram send",
    [DATAGRAM_RECEIVE] = "datagram receive",
    [LOOK_UP] = "look-up of a name",
    [FILE_WRITE] = "file write",
    [FILE_READ] = "file read",
    [QUEUE_PUT] = "queue put",
    [QUEUE_GET] = "queue get",
    [QUEUE_POLL] = "queue poll, without success",
    [WAIT_TIMED_OUT] = "wait, timed out",
    [WAIT_CANCELLED] = "wait, cancelled",
    [WAIT_ABORTED] = "wait, aborted",
    [WAIT_RACED] = "wait, timeout or cancel",
    [WAIT_STOPPED] = "wait, stopped",
    [WAIT_REAPED] = "wait, reaped",
};

static const char* const promise_names[PROMISES] = {
    [CALLBACK_MISSING] = "callbacks missing",
    [CALLBACK_DOUBLED] = "callbacks that came twice",
    [TOO_EARLY] = "operations that ended before their time",
    [WRONG_RESULT] = "operations with a result that their kind cannot have",
    [BYTES_WRONG] = "bytes received that no operation had sent",
    [ITEM_LOST] = "queue items lost",
    [ITEM_DUPLICATED] = "queue items that came out twice",
    [ITEM_FROM_NOWHERE] = "queue items that were never put in",
};

static void print_row(const char* name, uint64_t submitted, const uint64_t* outcomes, bool with_other) {
    printf("%-26s%10" PRIu64, name, submitted);
    for (int i = 0; i < OUTCOMES; i++) {
        if (i == OTHER && !with_other) continue;
        if (outcomes[i] == 0)
            printf("%10s", "-");
        else
            printf("%10" PRIu64, outcomes[i]);
    }
    printf("\n");
}

static void print_operations(const struct statistics* statistics) {
    uint64_t sums[OUTCOMES] = {0};

    for (int kind = 0; kind < KINDS; kind++)
        for (int i = 0; i < OUTCOMES; i++) sums[i] += statistics->outcomes[kind][i];
    bool with_other = sums[OTHER] != 0;

    printf("%-26s%10s%10s%10s%10s%10s%10s%s\n", "operation", "submitted", "success", "timeout", "canceled", "aborted",
           "stopped", with_other ? "     other" : "");
    for (int kind = 0; kind < KINDS; kind++)
        print_row(kind_names[kind], statistics->submitted[kind], statistics->outcomes[kind], with_other);
    print_row("all", statistics_submitted(statistics), sums, with_other);
    printf("%-26s%10" PRIu64 "\n", "callbacks", statistics_callbacks(statistics));
}

static void print_time(int64_t ns) {
    if (ns > -1000000 && ns < 1000000)
        printf("%9.1f us", (double)ns / 1e3);
    else
        printf("%9.2f ms", (double)ns / 1e6);
}

static void print_lateness(const char* name, struct samples* samples) {
    if (samples->count == 0) return;
    samples_sort(samples);
    printf("%-26s%10zu", name, samples->count);
    print_time(samples->values[0]);
    print_time(samples_percentile(samples, 50));
    print_time(samples_percentile(samples, 99));
    print_time(samples->values[samples->count - 1]);
    printf("\n");
}

static const struct {
    int64_t below;
    const char* name;
} buckets[] = {
    {0, "too early"},
    {20000, "< 20 us"},
    {50000, "< 50 us"},
    {100000, "< 100 us"},
    {200000, "< 200 us"},
    {500000, "< 500 us"},
    {1000000, "< 1 ms"},
    {2000000, "< 2 ms"},
    {5000000, "< 5 ms"},
    {10000000, "< 10 ms"},
    {20000000, "< 20 ms"},
    {50000000, "< 50 ms"},
    {INT64_MAX, "50 ms and more"},
};

enum { BUCKETS = sizeof(buckets) / sizeof(buckets[0]), BAR = 50 };

static void fill(size_t* counts, const struct samples* samples) {
    for (size_t i = 0; i < samples->count; i++) {
        int bucket = 0;
        while (samples->values[i] >= buckets[bucket].below && bucket < BUCKETS - 1) bucket++;
        counts[bucket]++;
    }
}

static void print_histogram(const struct statistics* statistics) {
    static const char bar[] = "##################################################";
    size_t counts[BUCKETS] = {0};
    size_t max = 0;
    int first = BUCKETS;
    int last = -1;

    fill(counts, &statistics->sleeps);
    fill(counts, &statistics->timeouts);
    for (int i = 0; i < BUCKETS; i++) {
        if (counts[i] == 0) continue;
        if (counts[i] > max) max = counts[i];
        if (i < first) first = i;
        last = i;
    }
    for (int i = first; i <= last; i++) {
        size_t length = (counts[i] * BAR + max - 1) / max;
        printf("  %-24s%10zu%s%.*s\n", buckets[i].name, counts[i], length > 0 ? "  " : "", (int)length, bar);
    }
}

static void print_promises(const struct statistics* statistics, const struct run* run) {
    if (run->stuck) printf("BROKEN PROMISE: nothing moves any more\n");
    for (int i = 0; i < PROMISES; i++)
        if (statistics->broken[i] != 0)
            printf("BROKEN PROMISE: %s: %" PRIu64 "\n", promise_names[i], statistics->broken[i]);
    if (!run->stuck && statistics_all_kept(statistics))
        printf(
            "All promises kept: one callback for each operation, none too early, "
            "no item lost, no byte changed.\n");
}

void report_print(struct statistics* statistics, const struct run* run) {
    print_operations(statistics);
    if (statistics->sleeps.count + statistics->timeouts.count > 0) {
        printf("\n%-26s%10s%12s%12s%12s%12s\n", "lateness", "count", "min", "p50", "p99", "max");
        print_lateness("sleeps", &statistics->sleeps);
        print_lateness("timeouts", &statistics->timeouts);
        print_histogram(statistics);
    }
    printf("\n%-26s%10.2f s\n", "elapsed", run->seconds);
    if (run->peak_memory >= 0) printf("%-26s%10.1f MiB\n", "memory, at most", (double)run->peak_memory / 1024.0);
    if (run->peak_threads >= 0) printf("%-26s%10ld\n", "threads, at most", run->peak_threads);
    printf("\n");
    print_promises(statistics, run);
}

void report_progress(uint64_t done, uint64_t all, uint64_t in_flight) {
    char bar[41];
    size_t length = (size_t)(done * (sizeof(bar) - 1) / all);

    memset(bar, '.', sizeof(bar) - 1);
    memset(bar, '#', length);
    bar[sizeof(bar) - 1] = '\0';
    fprintf(stderr, "\r[%s] %3u%%  %" PRIu64 " of %" PRIu64 ", %" PRIu64 " in flight   ", bar,
            (unsigned)(done * 100 / all), done, all, in_flight);
    fflush(stderr);
}

void report_progress_clear(void) {
    fprintf(stderr, "\r%78s\r", "");
    fflush(stderr);
}
