#include "exec/readiness_wait.h"

#include "base/assert.h"
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
    if (interrupted_.exchange(true, std::memory_order_relaxed)) return;
    if (interruption_ < 0) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = os::write(interruption_, &one, sizeof(one));
}

ReadinessWait::~ReadinessWait() {
    if (interruption_ < 0) return;
    std::uint64_t count = 0;
    if (interrupted_.load(std::memory_order_relaxed)) {  // locks order the interruptions before this
        [[maybe_unused]] const auto got = os::read(interruption_, &count, sizeof(count));
    }
    waits_->give_back(interruption_);
}

#if defined(__linux__)

bool ReadinessWait::sleep_until(std::span<WatchedDescriptor> watched, Nanoseconds deadline) const noexcept {
    NAIO_ASSERT(watched.size() <= kMaxWatched);
    pollfd polled[kMaxWatched + 1];
    std::size_t count = 0;
    for (const WatchedDescriptor& each : watched)
        polled[count++] = {.fd = each.descriptor, .events = POLLIN, .revents = 0};
    polled[count++] = {.fd = interruption_, .events = POLLIN, .revents = 0};
    timespec left{};
    for (;;) {
        if (deadline != kNever) {
            const Nanoseconds rest = std::max<Nanoseconds>(deadline - now(), 0);
            left = {.tv_sec = static_cast<std::time_t>(rest / kSecond), .tv_nsec = static_cast<long>(rest % kSecond)};
        }
        const int ready = os::ppoll(polled, count, deadline != kNever ? &left : nullptr, nullptr);
        if (ready < 0 && errno == EINTR) continue;
        for (std::size_t i = 0; i < watched.size(); ++i) watched[i].ready = ready > 0 && polled[i].revents != 0;
        return ready > 0;
    }
}

#else

bool ReadinessWait::sleep_until(std::span<WatchedDescriptor>, Nanoseconds) const noexcept { return true; }

#endif

}  // namespace naio
