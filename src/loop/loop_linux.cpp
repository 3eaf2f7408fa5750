// Wake on Linux: an eventfd, which any thread may set. And the turns of a loop, with the loop's own epoll.
#include "loop/loop.h"

#if NAIO_LOOP_USES_DESCRIPTORS

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/os.h"
#include "base/system_error.h"
#include "exec/spin.h"

namespace naio {

namespace {

// Watches `descriptor` until the source is closed.
nng_err start_watching(uv_loop_t& loop, uv_poll_t& poll, int descriptor, void* source, uv_poll_cb ready) noexcept {
    if (!has_memory_to_watch(loop, descriptor)) return NNG_ENOMEM;
    poll.data = source;
    if (const int error = uv_poll_init(&loop, &poll, descriptor); error != 0) return system_error(-error);
    const int error = uv_poll_start(&poll, UV_READABLE, ready);
    if (error == 0) return NNG_OK;
    uv_close(reinterpret_cast<uv_handle_t*>(&poll), nullptr);
    uv_run(&loop, UV_RUN_NOWAIT);
    return system_error(-error);
}

// Watches a descriptor that the caller has just created. If the descriptor is -1, returns the error in errno. Closes
// the descriptor if it cannot be watched.
nng_err watch(uv_loop_t& loop, uv_poll_t& poll, int descriptor, void* source, uv_poll_cb ready) noexcept {
    if (descriptor < 0) return system_error(errno);
    const nng_err error = start_watching(loop, poll, descriptor, source, ready);
    if (error != NNG_OK) os::close(descriptor);
    return error;
}

void unwatch(uv_poll_t& poll, int& descriptor) noexcept {
    uv_close(reinterpret_cast<uv_handle_t*>(&poll), nullptr);
    os::close(descriptor);
    descriptor = -1;
}

// Resets the descriptor's count.
void drain(int descriptor) noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = os::read(descriptor, &count, sizeof(count));
}

}  // namespace

nng_err Wake::open(uv_loop_t& loop) noexcept {
    const int descriptor = os::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const auto ready = [](uv_poll_t* poll, int, int) { static_cast<Wake*>(poll->data)->raised(); };
    const nng_err error = watch(loop, *watch_.get(), descriptor, this, ready);
    if (error != NNG_OK) return error;
    Lock lock(mutex_);
    descriptor_ = descriptor;
    return NNG_OK;
}

void Wake::close() noexcept {
    Lock lock(mutex_);
    unwatch(*watch_.get(), descriptor_);
    pending_.forget();
}

void Wake::raise() noexcept {
    if (!pending_.raise()) return;
    Lock lock(mutex_);
    if (descriptor_ < 0) return pending_.forget();
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = os::write(descriptor_, &one, sizeof(one));
}

void Wake::raised() noexcept {
    {
        Lock lock(mutex_);
        drain(descriptor_);
    }
    pending_.take();
    handle();
}

// ---- the loop's own epoll

nng_err Loop::open_alarms() noexcept {
    if (alarm_count_ == 0) return NNG_OK;
    is_registered_ = false;
    turns_ = 0;
    epoll_ = os::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) return system_error(errno);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};
    if (os::epoll_ctl(epoll_, EPOLL_CTL_ADD, uv_backend_fd(&uv()), &event) != 0) return system_error(errno);
    return share_alarms(epoll_);
}

void Loop::close_alarms() noexcept {
    if (epoll_ >= 0) os::close(epoll_);
    epoll_ = -1;
}

nng_err Loop::share_alarms(int epoll) noexcept {
    for (std::size_t i = 0; i < alarm_count_; ++i)
        if (!alarms_[i]->enter(epoll)) return system_error(errno);
    return NNG_OK;
}

void Loop::set_alarms() noexcept {
    for (std::size_t i = 0; i < alarm_count_; ++i) alarms_[i]->rely_on_descriptor();
}

void Loop::turn(bool may_sleep) noexcept {
    if (alarm_count_ == 0) {
        uv_run(&uv(), may_sleep ? UV_RUN_ONCE : UV_RUN_NOWAIT);
        return;
    }
    if (!is_registered_) {
        is_registered_ = true;
        uv_run(&uv(), UV_RUN_NOWAIT);
        return;  // because the iteration may have run a handler, such as that of interrupt
    }
    const bool sleeps = !ring_due_alarms(may_sleep ? kShortWait : 0) && may_sleep;
    if (!sleeps && ++turns_ < kTurnsPerPoll) return;
    turns_ = 0;
    poll(sleeps);
}

Nanoseconds Loop::next_alarm() noexcept {
    Nanoseconds earliest = kNever;
    for (std::size_t i = 0; i < alarm_count_; ++i) earliest = std::min(earliest, alarms_[i]->deadline());
    return earliest;
}

// Calls the handlers of the alarms that are due or become due within `wait`; spins until then. True if there were any.
bool Loop::ring_due_alarms(Nanoseconds wait) noexcept {
    const Nanoseconds earliest = next_alarm();
    if (earliest == kNever) return false;
    Nanoseconds time = now();
    if (earliest > time + wait) return false;
    while (time < earliest) {
        pause_cpu();
        time = now();
    }
    for (std::size_t i = 0; i < alarm_count_; ++i) alarms_[i]->ring_if_due(time);
    return true;
}

void Loop::poll(bool may_sleep) noexcept {
    if (may_sleep) set_alarms();
    std::array<epoll_event, kMaxAlarms + 1> events;
    const int count = os::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), may_sleep ? -1 : 0);
    for (std::size_t i = 0; i < alarm_count_; ++i) alarms_[i]->postpone();
    bool is_libuvs = false;
    for (int i = 0; i < count; ++i) {
        void* const ready = events[static_cast<std::size_t>(i)].data.ptr;
        if (ready == this)
            is_libuvs = true;
        else
            static_cast<Alarm*>(ready)->descriptor_fired();
    }
    if (is_libuvs) uv_run(&uv(), UV_RUN_NOWAIT);
    ring_due_alarms(0);
}

}  // namespace naio

#endif
