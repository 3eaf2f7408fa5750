// Counts the system calls of timeouts that expire rarely, one at a time. The linker leads the program's calls of some
// functions to the functions __wrap_... below (see CMakeLists.txt).
#include <gtest/gtest.h>
#include <nng/nng.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "support/event.h"
#include "support/handle.h"
#include "support/library.h"

namespace {

std::atomic<unsigned> calls{0};

}  // namespace

extern "C" {

int __real_epoll_wait(int, epoll_event*, int, int);
int __real_epoll_ctl(int, int, int, epoll_event*);
int __real_timerfd_settime(int, int, const itimerspec*, itimerspec*);
ssize_t __real_read(int, void*, std::size_t);
ssize_t __real_write(int, const void*, std::size_t);

int __wrap_epoll_wait(int epoll, epoll_event* events, int size, int timeout) {
    ++calls;
    return __real_epoll_wait(epoll, events, size, timeout);
}
int __wrap_epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
    ++calls;
    return __real_epoll_ctl(epoll, operation, fd, event);
}
int __wrap_timerfd_settime(int fd, int flags, const itimerspec* time, itimerspec* before) {
    ++calls;
    return __real_timerfd_settime(fd, flags, time, before);
}
ssize_t __wrap_read(int fd, void* to, std::size_t size) {
    ++calls;
    return __real_read(fd, to, size);
}
ssize_t __wrap_write(int fd, const void* from, std::size_t size) {
    ++calls;
    return __real_write(fd, from, size);
}

}  // extern "C"

namespace {

using namespace support;

constexpr nng_duration kTimeout = 4;  // milliseconds, more than the time for which the library watches a callback

bool start(nng_aio* aio) {
    return nng_aio_start(
        aio, [](nng_aio* each, void*, nng_err reason) { nng_aio_finish(each, reason); }, nullptr);
}

// Each callback starts the next operation, which sets the alarm. The timer's thread sleeps, and is woken for the alarm.
// On a busy machine a callback may be taken for one that blocks, so only most of the expiries must take two calls.
TEST(LoneExpiry, TakesTwoSystemCalls) {
    constexpr std::size_t kExpiries = 41;
    const Restarted restarted({});
    std::vector<unsigned> taken;
    Event done;
    Handle handle([&](nng_aio* aio) {
        EXPECT_EQ(nng_aio_result(aio), NNG_ETIMEDOUT);
        taken.push_back(calls.exchange(0));
        if (taken.size() == kExpiries) return done.set();
        EXPECT_TRUE(start(aio));
    });
    nng_aio_set_timeout(handle, kTimeout);
    EXPECT_TRUE(start(handle));
    EXPECT_TRUE(done.wait());
    std::sort(taken.begin(), taken.end());
    EXPECT_EQ(taken[kExpiries / 2], 2u);
}

// When the last timeout has expired, the library sleeps without a deadline.
TEST(LoneExpiry, LeavesAnIdleLibraryAsleep) {
    const Restarted restarted({});
    Event done;
    Handle handle([&](nng_aio*) { done.set(); });
    nng_sleep_aio(kTimeout, handle);
    EXPECT_TRUE(done.wait());
    nng_aio_wait(handle);
    // Waits until any watchdog that was set is over. On a busy machine that takes a while.
    for (int i = 0; i < 100 && calls.exchange(0) != 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(calls, 0u);
}

}  // namespace
