#include "exec/readiness_wait.h"

#include "base/fault.h"
#include "base/os.h"

#if defined(__linux__)
#include <poll.h>
#include <sys/eventfd.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>

namespace naio {

void ReadinessWaits::open() noexcept {
    Lock lock(mutex_);
    keeps_ = true;
}

void ReadinessWaits::close() noexcept {
    Lock lock(mutex_);
    keeps_ = false;
    while (count_ != 0) os::close(kept_[--count_]);
}

int ReadinessWaits::take() noexcept {
    {
        Lock lock(mutex_);
        if (count_ != 0) return kept_[--count_];
    }
#if defined(__linux__)
    return os::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
#else
    return -1;
#endif
}

void ReadinessWaits::give_back(int descriptor) noexcept {
    {
        Lock lock(mutex_);
        if (keeps_ && count_ < kKept) {
            kept_[count_++] = descriptor;
            return;
        }
    }
    os::close(descriptor);
}

bool ReadinessWait::prepare(ReadinessWaits& waits) noexcept {
    waits_ = &waits;
    if (interruption_ < 0) interruption_ = waits.take();
    return interruption_ >= 0;
}

void ReadinessWait::interrupt() noexcept {
    interrupted_ = true;
    if (interruption_ < 0) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = os::write(interruption_, &one, sizeof(one));
}

ReadinessWait::~ReadinessWait() {
    if (interruption_ < 0) return;
    std::uint64_t count = 0;
    if (interrupted_) {
        [[maybe_unused]] const auto got = os::read(interruption_, &count, sizeof(count));
    }
    waits_->give_back(interruption_);
}

#if defined(__linux__)

bool ReadinessWait::sleep_until(int descriptor, Nanoseconds deadline) const noexcept {
    pollfd watched[] = {{.fd = descriptor, .events = POLLIN, .revents = 0},
                        {.fd = interruption_, .events = POLLIN, .revents = 0}};
    timespec left{};
    for (;;) {
        if (deadline != kNever) {
            const Nanoseconds rest = std::max<Nanoseconds>(deadline - now(), 0);
            left = {.tv_sec = static_cast<std::time_t>(rest / kSecond), .tv_nsec = static_cast<long>(rest % kSecond)};
        }
        const int ready = os::ppoll(watched, 2, deadline != kNever ? &left : nullptr, nullptr);
        if (ready >= 0 || errno != EINTR) return ready > 0;
    }
}

#else

bool ReadinessWait::sleep_until(int, Nanoseconds) const noexcept { return true; }

#endif

}  // namespace naio
