// The measurements of the scenario programs: the clock, the process's use of the machine, and the
// line that a result is. For C and C++.
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

// As above, with n connections. The time grows with n, so that the common begin of all has little weight.
int64_t time_to_run_many(long n);

// Prints one result: the metric's name, its value and its unit, with tabs between them.
void report(const char* metric, double value, const char* unit);

// Prints NAME_p50 and NAME_p99 of n samples in nanoseconds, in microseconds. Sorts them.
void report_percentiles(const char* name, int64_t* samples, size_t n);

// The number of round trips, and the time that they took.
struct round_trips {
    double messages;
    double ns;
    double cpu;  // in ns, too
};

// Prints how long one takes, or how many there are in a second; and the processor time of one.
void report_ping(const struct round_trips* done);
void report_echo(const struct round_trips* done);

// Ends the program with a message: a figure of something that went wrong is worse than none.
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
