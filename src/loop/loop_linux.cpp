// Wake on Linux, which is an eventfd that any thread may set, and the turns of a loop, with the loop's own epoll.
#include "loop/loop.h"

#if NAIO_LOOP_USES_DESCRIPTORS

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <uv.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/fault.h"
#include "base/os.h"
#include "base/system_error.h"
#include "exec/spin.h"
#include "loop/watch.h"

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

// ---- alarms, and the loop's own epoll

Alarm::Alarm(Handler handler, void* argument) noexcept : LoopSource(handler, argument) {}

nng_err Alarm::open(uv_loop_t&) noexcept { return set_->open(index_); }

void Alarm::close() noexcept { set_->close(index_); }

void Alarm::set(Nanoseconds deadline) noexcept { set_->set(index_, deadline); }

void Loop::attach(Alarm& alarm) noexcept {
    sources_[attached_++] = &alarm;
    alarm.set_ = &alarm_set_;
    alarm.index_ = alarm_set_.add();
    alarms_[alarm.index_] = &alarm;
}

namespace {

// The data of the events of an epoll: an alarm has its index, libuv's epoll has kLibuv, and a watch its address.
constexpr std::uint64_t kLibuv = AlarmSet::kMax;

// The maximum number of events of one turn. With many ready descriptors, the tasks of a turn should run before the next
// turn: while a task waits for a thousand others, its objects and its socket leave the processor's cache. An event
// usually leads to two tasks, the callbacks of a receive and of the send that follows it
// (LeaderLoop::kTasksPerIteration).
constexpr int kMaxEvents = 32;

// A loop that needs another epoll asks the system for it again after this time, in milliseconds.
constexpr int kStrayPause = 10;

// Returns a new epoll that has libuv's one in it, or -1 and errno.
int make_epoll(int of_libuv) noexcept {
    const int epoll = os::epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) return -1;
    epoll_event event{.events = EPOLLIN, .data = {.u64 = kLibuv}};
    if (os::epoll_ctl(epoll, EPOLL_CTL_ADD, of_libuv, &event) == 0) return epoll;
    const int error = errno;
    os::close(epoll);
    errno = error;
    return -1;
}

}  // namespace

nng_err Loop::open_epoll() noexcept {
    is_registered_ = false;
    has_strays_ = false;
    turns_ = 0;
    sleep_limit_ = -1;
    epoll_ = make_epoll(uv_backend_fd(&uv()));
    if (epoll_ < 0) return system_error(errno);
    return share_alarms(epoll_);
}

void Loop::close_epoll() noexcept {
    if (epoll_ >= 0) os::close(epoll_);
    epoll_ = -1;
    has_strays_ = false;
    call_left();
}

// If the system refuses another epoll, a later iteration attempts this again. Until then the loop keeps the strays.
bool Loop::begins_again() noexcept {
    if (!has_strays_) [[likely]]
        return false;
    const int next = make_epoll(uv_backend_fd(&uv()));
    if (next < 0) return false;
    os::close(std::exchange(epoll_, next));
    has_strays_ = false;
    return true;
}

nng_err Loop::share_alarms(int epoll) noexcept { return alarm_set_.enter(epoll) ? NNG_OK : system_error(errno); }

void Loop::set_alarms() noexcept { alarm_set_.rely_on_descriptors(); }

Nanoseconds Loop::next_alarm() noexcept { return alarm_set_.first(); }

void Loop::limit_sleep(Nanoseconds time) noexcept {
    sleep_limit_ = time == kNever ? -1 : static_cast<int>((time + kMillisecond - 1) / kMillisecond);
}

void Loop::add_left(Watch& watch) noexcept { watch.next_left_ = std::exchange(left_, &watch); }

// Keeps the watches that the epoll may report. True if there was another one. Then the leader must not sleep, because a
// handler may have asked for something.
bool Loop::call_left() noexcept {
    bool called = false;
    for (Watch* next = std::exchange(left_, nullptr); next != nullptr;) {
        Watch& watch = *std::exchange(next, next->next_left_);
        if (has_strays_ && watch.is_stray_ && !NAIO_FAULT(stray_watch_is_let_go)) {
            add_left(watch);
            continue;
        }
        watch.is_stray_ = false;
        watch.left();
        called = true;
    }
    return called;
}

void Loop::ring(AlarmSet::Bits due) noexcept {
    for (; due != 0; due &= due - 1) alarms_[static_cast<unsigned>(std::countr_zero(due))]->handle();
}

void Loop::turn(bool may_sleep) noexcept {
    if (!is_registered_) [[unlikely]] {
        is_registered_ = true;
        uv_run(&uv(), UV_RUN_NOWAIT);
        return;  // because the iteration may have run a handler, such as that of interrupt
    }
    if (alarm_set_.empty()) {
        poll_watches(!call_left() && may_sleep);
        return;
    }
    const bool sleeps = !ring_soon(may_sleep) && may_sleep;
    if (!sleeps && ++turns_ < kTurnsPerPoll) return;
    turns_ = 0;
    poll_alarms(sleeps);
}

// Calls the handlers of the alarms that are due. If may_sleep is true, spins for alarms that are due soon; if there are
// none, sets the descriptors for the sleep that follows. Returns true if an alarm was due.
bool Loop::ring_soon(bool may_sleep) noexcept {
    Nanoseconds time = now();
    const Nanoseconds first = may_sleep ? alarm_set_.first_or_rely(time + kShortWait) : alarm_set_.first();
    if (first == kNever || (!may_sleep && first > time)) return false;
    while (time < first) {
        pause_cpu();
        time = now();
    }
    ring(alarm_set_.take_due(0, time));
    return true;
}

// REQUIRES: if may_sleep is true, the descriptors of the alarms are set.
void Loop::poll_alarms(bool may_sleep) noexcept {
    std::array<epoll_event, AlarmSet::kMax + 1> events;
    const int count = os::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), may_sleep ? -1 : 0);
    AlarmSet::Bits readable = 0;
    for (int i = 0; i < count; ++i) readable |= 1u << events[static_cast<std::size_t>(i)].data.u32;
    const AlarmSet::Bits due = alarm_set_.take_due(readable, now());
    if ((readable >> kLibuv & 1u) != 0) uv_run(&uv(), UV_RUN_NOWAIT);
    ring(due);
}

void Loop::poll_watches(bool may_sleep) noexcept {
    epoll_event events[kMaxEvents];
    const int limit = has_strays_ ? kStrayPause : sleep_limit_;
    const int count = os::epoll_wait(epoll_, events, kMaxEvents, may_sleep ? limit : 0);
    bool libuv = false;
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[i];
        if (event.data.u64 != kLibuv) [[likely]]
            static_cast<Watch*>(event.data.ptr)->polled(event.events);
        else
            libuv = true;
    }
    if (libuv) uv_run(&uv(), UV_RUN_NOWAIT);
}

}  // namespace naio

#endif
