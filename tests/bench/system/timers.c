// Measures the kernel's own timers.
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"
#include "random.h"
#include "scenarios.h"

static void set_timer(int fd, int64_t moment) {
    struct itimerspec time = {{0, 0}, {(time_t)(moment / 1000000000), (long)(moment % 1000000000)}};
    if (timerfd_settime(fd, TFD_TIMER_ABSTIME, &time, NULL) != 0) die("no timer");
}

static void wait_for_timer(int epoll, int fd) {
    struct epoll_event event;
    uint64_t count;
    while (epoll_wait(epoll, &event, 1, -1) != 1) continue;
    if (read(fd, &count, sizeof(count)) != sizeof(count)) die("the timer has not expired");
}

static int watch(int fd) {
    struct epoll_event event = {.events = EPOLLIN};
    int epoll = epoll_create1(0);
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) die("no epoll");
    return epoll;
}

// Waits in epoll for a timerfd that expires every 2 ms.
void expire(long size) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    int epoll = watch(fd);
    size_t n = (size_t)(time_to_run() / 2000000) + 1;
    int64_t* late = allocate(n, sizeof(*late));
    double cpu = cpu_ns();

    (void)size;
    for (size_t i = 0; i < n; i++) {
        int64_t due = now_ns() + 2000000;
        set_timer(fd, due);
        wait_for_timer(epoll, fd);
        late[i] = now_ns() - due;
    }
    report("cpu", (cpu_ns() - cpu) / (double)n / 1e3, "us");
    report_percentiles("late", late, n);
    free(late);
    close(epoll);
    close(fd);
}

static int compare(const void* a, const void* b) {
    int64_t x = *(const int64_t*)a;
    int64_t y = *(const int64_t*)b;
    return (x > y) - (x < y);
}

// Sleeps until each of `size` random moments of one second, which are sorted beforehand.
void random_sleeps(long size) {
    int64_t* moments = allocate((size_t)size, sizeof(*moments));
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    int epoll = watch(fd);
    uint64_t random = BENCH_SEED;
    int64_t begin = now_ns() + 1000000;
    double cpu;

    for (long i = 0; i < size; i++) moments[i] = begin + (int64_t)(random_next(&random) % 1000000000);
    qsort(moments, (size_t)size, sizeof(*moments), compare);
    cpu = cpu_ns();
    for (long i = 0; i < size; i++) {
        if (now_ns() < moments[i]) {
            set_timer(fd, moments[i]);
            wait_for_timer(epoll, fd);
        }
        moments[i] = now_ns() - moments[i];
    }
    report("cpu", (cpu_ns() - cpu) / (double)size, "ns");
    report_percentiles("late", moments, (size_t)size);
    free(moments);
    close(epoll);
    close(fd);
}
