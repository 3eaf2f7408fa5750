// Functions that the scenario programs share: they read the clock, the processor time and the memory of the process,
// and print results. For C and C++.
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

int64_t now_ns(void);           // the time of the monotonic clock
double cpu_ns(void);            // the user and system time of the whole process so far
double context_switches(void);  // the number of context switches of the process so far
long resident_bytes(void);      // the resident memory of the process
long thread_count(void);        // the number of threads of the process

void sleep_ns(int64_t ns);

// Returns the duration of a measurement, in nanoseconds. The environment variable BENCH_SECONDS sets this duration, in
// seconds; the default is 0.4.
int64_t time_to_run(void);

// Returns the duration of a measurement with n connections. The duration grows with n, so that the start of all
// connections has little weight.
int64_t time_to_run_many(long n);

// Prints one result: the metric's name, its value and its unit, with tabs between them.
void report(const char* metric, double value, const char* unit);

// Prints the percentiles NAME_p50 and NAME_p99, in microseconds, of n samples in nanoseconds. Sorts the samples.
void report_percentiles(const char* name, int64_t* samples, size_t n);

// Round trips that a scenario has measured.
struct round_trips {
    double trips;   // the number of round trips
    double ns;      // the duration of the measurement
    double cpu;     // the processor time of the process in this time, in ns
    int64_t begin;  // the moment when the measurement began
};

// report_ping is for one connection, and prints the time of one round trip. report_echo prints the number of round
// trips in a second. Both also print the processor time of one round trip.
void report_ping(const struct round_trips* done);
void report_echo(const struct round_trips* done);

// Prints the message and ends the program, because a wrong result is worse than a missing one.
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
