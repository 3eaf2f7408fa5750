// Wake and Alarm on Linux: an eventfd and a timerfd, which any thread may set.
#include "loop/loop.h"

#if NAIO_LOOP_USES_DESCRIPTORS

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace naio {

namespace {

// Watches `descriptor` for the lifetime of the source; takes the descriptor, also when it fails.
bool watch(uv_loop_t& loop, uv_poll_t& poll, int descriptor, void* source, uv_poll_cb ready) noexcept {
    if (descriptor < 0) return false;
    poll.data = source;
    if (uv_poll_init(&loop, &poll, descriptor) != 0) {
        ::close(descriptor);
        return false;
    }
    if (uv_poll_start(&poll, UV_READABLE, ready) == 0) return true;
    uv_close(reinterpret_cast<uv_handle_t*>(&poll), nullptr);
    uv_run(&loop, UV_RUN_NOWAIT);
    ::close(descriptor);
    return false;
}

void unwatch(uv_poll_t& poll, int& descriptor) noexcept {
    uv_close(reinterpret_cast<uv_handle_t*>(&poll), nullptr);
    ::close(descriptor);
    descriptor = -1;
}

// Takes what the descriptor has counted. It may have nothing: an alarm may be set anew between poll and read.
void drain(int descriptor) noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(descriptor, &count, sizeof(count));
}

}  // namespace

bool Wake::open(uv_loop_t& loop) noexcept {
    const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const auto ready = [](uv_poll_t* poll, int, int) { static_cast<Wake*>(poll->data)->raised(); };
    if (!watch(loop, watch_, descriptor, this, ready)) return false;
    Lock lock(mutex_);
    descriptor_ = descriptor;
    return true;
}

void Wake::close() noexcept {
    Lock lock(mutex_);
    unwatch(watch_, descriptor_);
    pending_.store(false, std::memory_order_relaxed);
}

void Wake::raise() noexcept {
    // Pairs with the exchange in raised(): either this sees that the earlier wake-up was taken, or the handler that
    // takes it sees what the caller has published.
    if (pending_.exchange(true, std::memory_order_acq_rel)) return;
    Lock lock(mutex_);
    if (descriptor_ < 0) return pending_.store(false, std::memory_order_relaxed);
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = ::write(descriptor_, &one, sizeof(one));
}

void Wake::raised() noexcept {
    {
        Lock lock(mutex_);
        drain(descriptor_);
    }
    pending_.exchange(false, std::memory_order_acq_rel);
    handle();
}

Alarm::Alarm(Handler handler, void* argument) noexcept : LoopSource(handler, argument) {}

bool Alarm::open(uv_loop_t& loop) noexcept {
    const int descriptor = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    const auto ready = [](uv_poll_t* poll, int, int) { static_cast<Alarm*>(poll->data)->ring(); };
    if (!watch(loop, watch_, descriptor, this, ready)) return false;
    Lock lock(mutex_);
    descriptor_ = descriptor;
    return true;
}

void Alarm::close() noexcept {
    Lock lock(mutex_);
    unwatch(watch_, descriptor_);
}

void Alarm::ring() noexcept {
    {
        Lock lock(mutex_);
        drain(descriptor_);
    }
    handle();
}

void Alarm::set(std::int64_t deadline) noexcept {
    constexpr std::int64_t kSecond = 1'000'000'000;
    if (deadline < 1) deadline = 1;  // zero would disarm it
    itimerspec when{};
    when.it_value.tv_sec = static_cast<time_t>(deadline / kSecond);
    when.it_value.tv_nsec = static_cast<long>(deadline % kSecond);
    Lock lock(mutex_);
    if (descriptor_ >= 0) ::timerfd_settime(descriptor_, TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace naio

#endif
