#include "measure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static double in_ns(struct timeval time) { return (double)time.tv_sec * 1e9 + (double)time.tv_usec * 1e3; }

double cpu_ns(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return in_ns(usage.ru_utime) + in_ns(usage.ru_stime);
}

double context_switches(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_nvcsw + (double)usage.ru_nivcsw;
}

// Returns the number behind `key` in /proc/self/status, or -1 if the file or the key does not exist.
static long status(const char* key) {
    char line[256];
    long value = -1;
    FILE* file = fopen("/proc/self/status", "r");
    if (file == NULL) return -1;
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0) value = atol(line + strlen(key));
    }
    fclose(file);
    return value;
}

// The kernel may count a few pages of each thread too late. The error is small beside the memory that the scenarios
// allocate.
long resident_bytes(void) {
    long all = 0;
    long resident = 0;
    FILE* file = fopen("/proc/self/statm", "r");
    if (file == NULL) return 0;
    if (fscanf(file, "%ld %ld", &all, &resident) != 2) resident = 0;
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

long thread_count(void) { return status("Threads:"); }

void sleep_ns(int64_t ns) {
    struct timespec time = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
    nanosleep(&time, NULL);
}

int64_t time_to_run(void) {
    const char* seconds = getenv("BENCH_SECONDS");
    return (int64_t)((seconds != NULL ? atof(seconds) : 0.4) * 1e9);
}

int64_t time_to_run_many(long n) { return time_to_run() + n * (time_to_run() / 4000); }

void report(const char* metric, double value, const char* unit) {
    printf("%s\t%.6g\t%s\n", metric, value, unit);
    fflush(stdout);
}

void report_ping(const struct round_trips* done) {
    report("time", done->ns / done->trips / 1e3, "us");
    report("cpu", done->cpu / done->trips / 1e3, "us");
}

void report_echo(const struct round_trips* done) {
    report("rate", done->trips / done->ns * 1e6, "k/s");
    report("cpu", done->cpu / done->trips / 1e3, "us");
}

static int compare(const void* a, const void* b) {
    int64_t x = *(const int64_t*)a;
    int64_t y = *(const int64_t*)b;
    return (x > y) - (x < y);
}

void report_percentiles(const char* name, int64_t* samples, size_t n) {
    static const size_t percentiles[] = {50, 99};
    if (n == 0) die("%s: no samples", name);
    qsort(samples, n, sizeof(*samples), compare);
    for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++) {
        char metric[64];
        snprintf(metric, sizeof(metric), "%s_p%zu", name, percentiles[i]);
        report(metric, (double)samples[n * percentiles[i] / 100] / 1e3, "us");
    }
}

void die(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

void* allocate(size_t n, size_t size) {
    void* memory = calloc(n, size);
    if (memory == NULL) die("no memory");
    return memory;
}
