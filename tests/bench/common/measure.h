// What the scenario programs share: the clock, the processor time and memory of the process, and functions that print
// results. For C and C++.
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

int64_t now_ns(void);       // monotonic
double cpu_ns(void);        // user and system time of the whole process so far
long resident_bytes(void);  // of the process
long thread_count(void);    // of the process

void sleep_ns(int64_t ns);

// How long a measurement goes on, in nanoseconds: BENCH_SECONDS, or 0.4 s.
int64_t time_to_run(void);

// Returns how long a measurement with n connections goes on. The time grows with n, so that the start of all
// connections has little weight.
int64_t time_to_run_many(long n);

// Prints one result: the metric's name, its value and its unit, with tabs between them.
void report(const char* metric, double value, const char* unit);

// Prints the percentiles NAME_p50 and NAME_p99, in microseconds, of n samples in nanoseconds. Sorts the samples.
void report_percentiles(const char* name, int64_t* samples, size_t n);

// How many round trips there were, and how much time they took.
struct round_trips {
    double messages;
    double ns;
    double cpu;  // in ns, too
};

// Print the time of one round trip (ping) or the number of round trips in a second (echo), and the processor time of
// one.
void report_ping(const struct round_trips* done);
void report_echo(const struct round_trips* done);

// Ends the program with a message, because no figure is better than a wrong one.
#if defined(__GNUC__)
__attribute__((noreturn, format(printf, 1, 2)))
#endif
void die(const char* format, ...);

// Allocates memory that is all zero, or ends the program.
void* allocate(size_t n, size_t size);

#ifdef __cplusplus
}
#endif

#endif
