// Takes the place of libuv: the part of it that the library uses, without a kernel. A loop waits at a condition of the
// scheduler until an async is sent, a timer is due, or a descriptor is ready. Timers count milliseconds of the
// simulated clock.
//
// As with libuv, only a loop's own thread uses the loop, except that any thread may call uv_async_send.
#include "simulated_uv.h"

#include <uv.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace {

using naio::Lock;

struct Timer {
    uv_timer_t* handle;
    std::int64_t due;
};
struct Poll {
    uv_poll_t* handle;
    int descriptor;
    int events;  // 0: not watched
    uv_poll_cb callback;
};
struct Closing {
    uv_handle_t* handle;
    uv_close_cb callback;
};

class Loop {
  public:
    static Loop& of(const uv_loop_t* loop) { return *static_cast<Loop*>(loop->data); }

    void stop() { stops_ = true; }
    void add() { ++open_; }
    void send(uv_async_t* async);
    void look_again();
    void start(uv_timer_t* timer, std::int64_t due);
    void add(uv_poll_t* poll, int descriptor);
    void watch(uv_poll_t* poll, int events, uv_poll_cb callback);
    void close(uv_handle_t* handle, uv_close_cb callback);
    bool run(uv_run_mode mode);

  private:
    bool turn(uv_run_mode mode);
    void check_thread() const {
        schedules::require(!running_ || runner_ == schedules::this_thread(), "a thread uses another thread's loop");
    }
    bool call_async();
    bool call_timer();
    bool call_poll(bool& later);
    bool call_closing();
    std::int64_t next_due() const;

    naio::Mutex mutex_;  // guards sent_ and looks_
    naio::Condition changed_;
    std::vector<uv_async_t*> sent_;
    unsigned looks_ = 0;  // the number of changes of descriptors
    // Only the loop's thread uses the following members.
    std::vector<Timer> timers_;
    std::vector<Poll> polls_;
    std::vector<Closing> closing_;
    int open_ = 0;
    bool stops_ = false;
    bool running_ = false;
    int runner_ = 0;  // the thread that runs the loop
};

struct AllLoops {
    naio::Mutex mutex;  // guards loops and looks
    naio::Condition changed;
    std::vector<Loop*> loops;
    unsigned looks = 0;  // the number of changes of descriptors
    schedules::ReadyEvents ready = [](int, int) { return 0; };
    bool (*refuses_watch)() = [] { return false; };
};

AllLoops& all() {
    static AllLoops instance;
    return instance;
}

void Loop::send(uv_async_t* async) {
    Lock lock(mutex_);
    if (std::find(sent_.begin(), sent_.end(), async) != sent_.end()) return;
    sent_.push_back(async);
    changed_.notify_all();
}

void Loop::look_again() {
    Lock lock(mutex_);
    ++looks_;
    changed_.notify_all();
}

void Loop::start(uv_timer_t* timer, std::int64_t due) {
    std::erase_if(timers_, [timer](const Timer& each) { return each.handle == timer; });
    timers_.push_back({timer, due});
}

void Loop::add(uv_poll_t* poll, int descriptor) {
    check_thread();
    add();
    polls_.push_back({poll, descriptor, 0, nullptr});
}

void Loop::watch(uv_poll_t* poll, int events, uv_poll_cb callback) {
    check_thread();
    for (Poll& each : polls_) {
        if (each.handle != poll) continue;
        each.events = events;
        each.callback = callback;
    }
}

void Loop::close(uv_handle_t* handle, uv_close_cb callback) {
    check_thread();
    const auto same = [handle](const auto* other) { return static_cast<const void*>(other) == handle; };
    std::erase_if(timers_, [&](const Timer& each) { return same(each.handle); });
    std::erase_if(polls_, [&](const Poll& each) { return same(each.handle); });
    closing_.push_back({handle, callback});
    --open_;
    Lock lock(mutex_);
    std::erase_if(sent_, same);
}

bool Loop::call_async() {
    uv_async_t* async = nullptr;
    {
        Lock lock(mutex_);
        if (sent_.empty()) return false;
        async = sent_.front();
        sent_.erase(sent_.begin());
    }
    async->async_cb(async);
    return true;
}

bool Loop::call_timer() {
    const std::int64_t now = schedules::now();
    const auto due = std::find_if(timers_.begin(), timers_.end(), [now](const Timer& each) { return each.due <= now; });
    if (due == timers_.end()) return false;
    uv_timer_t* const timer = due->handle;
    timers_.erase(due);
    timer->timer_cb(timer);
    return true;
}

// Calls the callbacks of all ready descriptors, each once. A callback may change the list, so the search begins again
// after each callback. Sets `later` if the loop has to ask for a descriptor's events again.
bool Loop::call_poll(bool& later) {
    std::vector<const uv_poll_t*> called;
    later = false;
    for (std::size_t i = 0; i < polls_.size(); ++i) {
        const Poll poll = polls_[i];
        if (poll.events == 0 || std::find(called.begin(), called.end(), poll.handle) != called.end()) continue;
        const int ready = all().ready(poll.descriptor, poll.events);
        if (ready == schedules::kLater) later = true;
        const int events = ready & poll.events;
        if (events == 0) continue;
        called.push_back(poll.handle);
        poll.callback(poll.handle, 0, events);
        i = static_cast<std::size_t>(-1);
    }
    return !called.empty();
}

bool Loop::call_closing() {
    if (closing_.empty()) return false;
    const Closing closed = closing_.front();
    closing_.erase(closing_.begin());
    if (closed.callback != nullptr) closed.callback(closed.handle);
    return true;
}

std::int64_t Loop::next_due() const {
    std::int64_t due = schedules::kNoDeadline;
    for (const Timer& each : timers_) due = std::min(due, each.due);
    return due;
}

bool Loop::run(uv_run_mode mode) {
    schedules::require(!std::exchange(running_, true), "two threads run a loop");
    runner_ = schedules::this_thread();
    const bool alive = turn(mode);
    running_ = false;
    return alive;
}

bool Loop::turn(uv_run_mode mode) {
    for (;;) {
        mutex_.lock();
        const unsigned looks = looks_;
        mutex_.unlock();
        bool called = false;
        while (call_timer()) called = true;
        while (call_async()) called = true;
        bool later = false;
        called = call_poll(later) || called;
        while (call_closing()) called = true;
        if (std::exchange(stops_, false) || mode == UV_RUN_NOWAIT || (called && mode == UV_RUN_ONCE) || open_ == 0)
            break;
        if (later) {
            schedules::yield();
            continue;
        }
        Lock lock(mutex_);
        if (sent_.empty() && looks == looks_ && !called) changed_.wait_until(mutex_, next_due());
    }
    return open_ != 0;
}

}  // namespace

namespace schedules {

void set_ready_events(ReadyEvents function) noexcept { all().ready = function; }
void set_watch_refusal(bool (*refuses)()) noexcept { all().refuses_watch = refuses; }

void descriptors_changed() noexcept {
    Lock lock(all().mutex);
    for (Loop* each : all().loops) each->look_again();
    ++all().looks;
    all().changed.notify_all();
}

bool wait_until_readable(std::span<WatchedDescriptor> watched, const std::atomic<bool>& interrupted,
                         std::int64_t deadline) noexcept {
    for (;;) {
        all().mutex.lock();
        const unsigned looks = all().looks;
        all().mutex.unlock();
        if (interrupted) return true;
        bool later = false;
        bool any = false;
        for (WatchedDescriptor& each : watched) {
            const int ready = all().ready(each.descriptor, UV_READABLE);
            each.ready = ready != kLater && (ready & UV_READABLE) != 0;
            later = later || ready == kLater;
            any = any || each.ready;
        }
        if (any) return true;
        if (later) {
            yield();
            continue;
        }
        Lock lock(all().mutex);
        if (looks == all().looks && !all().changed.wait_until(all().mutex, deadline)) return false;
    }
}

}  // namespace schedules

extern "C" {

int uv_loop_init(uv_loop_t* loop) {
    std::memset(loop, 0, sizeof *loop);
    auto* const simulated = new Loop;
    loop->data = simulated;
    Lock lock(all().mutex);
    all().loops.push_back(simulated);
    return 0;
}

int uv_loop_close(uv_loop_t* loop) {
    Loop* const simulated = &Loop::of(loop);
    {
        Lock lock(all().mutex);
        std::erase(all().loops, simulated);
    }
    delete simulated;
    loop->data = nullptr;
    return 0;
}

int uv_run(uv_loop_t* loop, uv_run_mode mode) { return Loop::of(loop).run(mode) ? 1 : 0; }
void uv_stop(uv_loop_t* loop) { Loop::of(loop).stop(); }
void uv_update_time(uv_loop_t*) {}
uint64_t uv_now(const uv_loop_t*) { return static_cast<uint64_t>(schedules::now() / 1'000'000); }
unsigned uv_available_parallelism() { return 2; }

int uv_async_init(uv_loop_t* loop, uv_async_t* async, uv_async_cb callback) {
    async->loop = loop;
    async->type = UV_ASYNC;
    async->async_cb = callback;
    Loop::of(loop).add();
    return 0;
}

int uv_async_send(uv_async_t* async) {
    Loop::of(async->loop).send(async);
    return 0;
}

int uv_timer_init(uv_loop_t* loop, uv_timer_t* timer) {
    timer->loop = loop;
    timer->type = UV_TIMER;
    Loop::of(loop).add();
    return 0;
}

int uv_timer_start(uv_timer_t* timer, uv_timer_cb callback, uint64_t timeout, uint64_t) {
    timer->timer_cb = callback;
    Loop::of(timer->loop).start(timer, schedules::now() + static_cast<std::int64_t>(timeout) * 1'000'000);
    return 0;
}

int uv_poll_init(uv_loop_t* loop, uv_poll_t* poll, int descriptor) {
    if (all().refuses_watch()) return UV_ENOMEM;
    poll->loop = loop;
    poll->type = UV_POLL;
    Loop::of(loop).add(poll, descriptor);
    return 0;
}

int uv_poll_start(uv_poll_t* poll, int events, uv_poll_cb callback) {
    Loop::of(poll->loop).watch(poll, events, callback);
    return 0;
}

int uv_poll_stop(uv_poll_t* poll) {
    Loop::of(poll->loop).watch(poll, 0, nullptr);
    return 0;
}

void uv_close(uv_handle_t* handle, uv_close_cb callback) { Loop::of(handle->loop).close(handle, callback); }

}  // extern "C"
