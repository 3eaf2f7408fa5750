// A library to preload. Its wall clock replaces that of the system, and jumps twice a second, by up to an hour forth or
// back. The other clocks and all timers are still those of the system. (libfaketime would move timers of the monotonic
// clock, too.)
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long jump(void) {
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    const unsigned long half_seconds = (unsigned long)now.tv_sec * 2 + (now.tv_nsec >= 500000000);
    return (long)(half_seconds * 2654435761u % 7200) - 3600;
}

int clock_gettime(clockid_t clock, struct timespec* time) {
    const long result = syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += jump();
    return (int)result;
}

int gettimeofday(struct timeval* restrict time, void* restrict zone) {
    (void)zone;
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t* to) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    if (to != NULL) *to = now.tv_sec;
    return now.tv_sec;
}
