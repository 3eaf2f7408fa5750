#include "loop/watchdog.h"

#if NAIO_LOOP_USES_DESCRIPTORS

#include <cerrno>

#include "base/os.h"
#include "base/system_error.h"
#include "loop/timer_descriptor.h"

namespace naio {

nng_err Watchdog::open() noexcept {
    descriptor_ = open_timer_descriptor(0);
    return descriptor_ >= 0 ? NNG_OK : system_error(errno);
}

void Watchdog::close() noexcept { os::close(descriptor_); }

void Watchdog::set(Nanoseconds deadline) noexcept { set_timer_descriptor(descriptor_, deadline); }

void Watchdog::wait() noexcept {
    std::uint64_t times = 0;
    [[maybe_unused]] const auto got = os::read(descriptor_, &times, sizeof(times));
}

}  // namespace naio

#else

namespace naio {

nng_err Watchdog::open() noexcept { return NNG_OK; }

void Watchdog::close() noexcept {}

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
