// Alarm on Linux: a timerfd, which any thread may set.
#include "loop/alarm.h"

#if NAIO_LOOP_USES_DESCRIPTORS

#include <sys/epoll.h>

#include <cerrno>
#include <cstdint>

#include "base/fault.h"
#include "base/os.h"
#include "base/system_error.h"
#include "loop/timer_descriptor.h"

namespace naio {

Alarm::Alarm(Handler handler, void* argument) noexcept : LoopSource(handler, argument) {}

nng_err Alarm::open(uv_loop_t&) noexcept {
    Lock lock(mutex_);
    descriptor_ = open_timer_descriptor(TFD_NONBLOCK);
    deadline_ = set_to_ = kNever;
    postponed_ = false;
    return descriptor_ >= 0 ? NNG_OK : system_error(errno);
}

void Alarm::close() noexcept {
    Lock lock(mutex_);
    os::close(descriptor_);
    descriptor_ = -1;
}

// The epoll reports once that the descriptor has become readable (EPOLLET), so no thread has to read the descriptor. If
// several epolls have the descriptor, the system wakes a thread of the first one in which one sleeps (EPOLLEXCLUSIVE),
// in the order in which the epolls got the descriptor. A system without this flag wakes a thread of each epoll, which
// only costs time.
bool Alarm::enter(int epoll) noexcept {
    Lock lock(mutex_);
    const int descriptor = descriptor_;
    const auto add = [this, epoll, descriptor](std::uint32_t flags) {
        epoll_event event{.events = EPOLLIN | EPOLLET | flags, .data = {.ptr = this}};
        return os::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
    };
    return add(EPOLLEXCLUSIVE) || (errno == EINVAL && add(0));
}

void Alarm::set(Nanoseconds deadline) noexcept {
    Lock lock(mutex_);
    if (descriptor_ < 0) return;
    deadline_ = deadline;
    if (!postponed_) set_descriptor();
}

void Alarm::set_descriptor() noexcept {
    if (set_to_ == deadline_) return;
    set_to_ = deadline_;
    set_timer_descriptor(descriptor_, deadline_);
}

void Alarm::postpone() noexcept {
    Lock lock(mutex_);
    postponed_ = true;
}

void Alarm::rely_on_descriptor() noexcept {
    Lock lock(mutex_);
    postponed_ = false;
    set_descriptor();
}

void Alarm::descriptor_fired() noexcept {
    Lock lock(mutex_);
    set_to_ = kNever;
}

Nanoseconds Alarm::deadline() noexcept {
    Lock lock(mutex_);
    return deadline_;
}

bool Alarm::ring_if_due(Nanoseconds now) noexcept {
    {
        Lock lock(mutex_);
        if (deadline_ == kNever || deadline_ > now) return false;
        deadline_ = kNever;
    }
    handle();
    return true;
}

}  // namespace naio

#endif
