#include "loop/watchdog.h"

#if NAIO_LOOP_USES_DESCRIPTORS

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>

#include "base/os.h"
#include "base/system_error.h"

namespace naio {

nng_err Watchdog::open() noexcept {
    descriptor_ = os::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    return descriptor_ >= 0 ? NNG_OK : system_error(errno);
}

void Watchdog::close() noexcept { os::close(descriptor_); }

void Watchdog::set(std::int64_t deadline) noexcept {
    constexpr std::int64_t kSecond = 1'000'000'000;
    itimerspec when{};  // never
    if (deadline != kNever) {
        when.it_value.tv_sec = static_cast<time_t>(deadline / kSecond);
        when.it_value.tv_nsec = static_cast<long>(deadline % kSecond);
    }
    os::timerfd_settime(descriptor_, TFD_TIMER_ABSTIME, &when, nullptr);
}

void Watchdog::wait() noexcept {
    std::uint64_t times = 0;
    [[maybe_unused]] const auto got = os::read(descriptor_, &times, sizeof(times));
}

}  // namespace naio

#else

namespace naio {

nng_err Watchdog::open() noexcept { return NNG_OK; }

void Watchdog::close() noexcept {}

void Watchdog::set(std::int64_t deadline) noexcept {
    Lock lock(mutex_);
    const bool is_earlier = deadline < deadline_;
    deadline_ = deadline;
    if (is_earlier) earlier_.notify_one();
}

// May return early if the time is changed meanwhile, because the caller waits again.
void Watchdog::wait() noexcept {
    Lock lock(mutex_);
    const std::int64_t deadline = deadline_;
    if (!earlier_.wait_until(mutex_, deadline) && deadline_ == deadline) deadline_ = kNever;
}

}  // namespace naio

#endif
