#include "loop/watchdog.h"

#if NAIO_LOOP_USES_DESCRIPTORS

#include <sys/epoll.h>

#include <cerrno>

#include "base/os.h"
#include "base/system_error.h"
#include "loop/timer_descriptor.h"

namespace naio {

nng_err Watchdog::open() noexcept {
    epoll_ = os::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) return system_error(errno);
    descriptor_ = open_timer_descriptor(TFD_NONBLOCK);
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {}};
    if (descriptor_ >= 0 && os::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor_, &event) == 0) return NNG_OK;
    const nng_err error = system_error(errno);
    close();
    return error;
}

void Watchdog::close() noexcept {
    for (int* const descriptor : {&descriptor_, &epoll_}) {
        if (*descriptor >= 0) os::close(*descriptor);
        *descriptor = -1;
    }
}

nng_err Watchdog::watch_alarms(Loop& loop) noexcept {
    return loop.can_share_alarms() ? loop.share_alarms(epoll_) : NNG_OK;
}

void Watchdog::set(Nanoseconds deadline) noexcept { set_timer_descriptor(descriptor_, deadline); }

void Watchdog::wait() noexcept {
    epoll_event event;
    os::epoll_wait(epoll_, &event, 1, -1);
}

}  // namespace naio

#else

namespace naio {

nng_err Watchdog::open() noexcept { return NNG_OK; }

void Watchdog::close() noexcept {}

nng_err Watchdog::watch_alarms(Loop&) noexcept { return NNG_OK; }

void Watchdog::set(Nanoseconds deadline) noexcept {
    Lock lock(mutex_);
    const bool is_earlier = deadline < deadline_;
    deadline_ = deadline;
    if (is_earlier) earlier_.notify_one();
}

// May return early if another thread changes the time during the wait. The caller then waits again.
void Watchdog::wait() noexcept {
    Lock lock(mutex_);
    const Nanoseconds deadline = deadline_;
    if (!earlier_.wait_until(mutex_, deadline) && deadline_ == deadline) deadline_ = kNever;
}

}  // namespace naio

#endif
