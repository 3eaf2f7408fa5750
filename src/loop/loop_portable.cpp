// Wake and Alarm for every system on which libuv runs: a uv_async_t, and a uv_timer_t that only the loop's thread
// touches.
#include "loop/loop.h"

#if !NAIO_LOOP_USES_DESCRIPTORS

#include <uv.h>

#include <cstdint>
#include <utility>

#include "base/system_error.h"

namespace naio {

nng_err Wake::open(uv_loop_t& loop) noexcept {
    watch_->data = this;
    const auto raised = [](uv_async_t* async) { static_cast<Wake*>(async->data)->raised(); };
    if (const int error = uv_async_init(&loop, watch_.get(), raised); error != 0) return system_error(-error);
    Lock lock(mutex_);
    open_ = true;
    return NNG_OK;
}

void Wake::close() noexcept {
    Lock lock(mutex_);
    open_ = false;
    uv_close(reinterpret_cast<uv_handle_t*>(watch_.get()), nullptr);
    pending_.forget();
}

void Wake::raise() noexcept {
    if (!pending_.raise()) return;
    Lock lock(mutex_);
    if (open_)
        uv_async_send(watch_.get());
    else
        pending_.forget();
}

void Wake::raised() noexcept {
    pending_.take();
    handle();
}

Alarm::Alarm(Handler handler, void* argument) noexcept : LoopSource(handler, argument), changed_(rearm, this) {}

nng_err Alarm::open(uv_loop_t& loop) noexcept {
    watch_->data = this;
    uv_timer_init(&loop, watch_.get());
    const nng_err error = static_cast<LoopSource&>(changed_).open(loop);
    if (error == NNG_OK) return NNG_OK;
    uv_close(reinterpret_cast<uv_handle_t*>(watch_.get()), nullptr);
    uv_run(&loop, UV_RUN_NOWAIT);
    return error;
}

void Alarm::close() noexcept {
    static_cast<LoopSource&>(changed_).close();
    uv_close(reinterpret_cast<uv_handle_t*>(watch_.get()), nullptr);
}

void Alarm::set(Nanoseconds deadline) noexcept {
    deadline_.store(deadline, std::memory_order_relaxed);
    changed_.raise();
}

void Alarm::rearm(void* self) noexcept {
    auto& alarm = *static_cast<Alarm*>(self);
    // libuv's clock is cached and counts from another moment, so uv_timer_start gets the time from now to the deadline.
    uv_update_time(alarm.watch_->loop);
    const Nanoseconds wait = alarm.deadline_.load(std::memory_order_relaxed) - now();
    const auto milliseconds = wait <= 0 ? 0 : static_cast<std::uint64_t>((wait + kMillisecond - 1) / kMillisecond);
    uv_timer_start(
        alarm.watch_.get(), [](uv_timer_t* timer) { static_cast<Alarm*>(timer->data)->handle(); }, milliseconds, 0);
}

void Loop::attach(Alarm& alarm) noexcept {
    sources_[attached_++] = &alarm;
    alarms_[alarm_set_.add()] = &alarm;
}

nng_err Loop::open_epoll() noexcept { return NNG_OK; }

void Loop::close_epoll() noexcept {
    if (std::exchange(has_sleep_limit_, false)) uv_close(reinterpret_cast<uv_handle_t*>(sleep_limit_.get()), nullptr);
}

// libuv finds a watch by its descriptor, and ignores events of other ones.
bool Loop::begins_again() noexcept { return false; }

// A timer that is set already goes off once more if there is no limit any more.
void Loop::limit_sleep(Nanoseconds time) noexcept {
    if (time == kNever) return;
    if (!std::exchange(has_sleep_limit_, true)) uv_timer_init(&uv(), sleep_limit_.get());
    uv_timer_start(
        sleep_limit_.get(), [](uv_timer_t*) {}, static_cast<std::uint64_t>(time / kMillisecond), 0);
}

nng_err Loop::share_alarms(int) noexcept { return NNG_OK; }

void Loop::set_alarms() noexcept {}

Nanoseconds Loop::next_alarm() noexcept { return kNever; }

void Loop::turn(bool may_sleep) noexcept { uv_run(&uv(), may_sleep ? UV_RUN_ONCE : UV_RUN_NOWAIT); }

}  // namespace naio

#endif
