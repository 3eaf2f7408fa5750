// Scenarios of watches that a poller passes on to another one.
#include <uv.h>

#include <atomic>

#include "exec/task_queue.h"
#include "loop/poller.h"
#include "scenario.h"
#include "simulated_uv.h"

using naio::Poller;
using naio::Watch;
using schedules::Gate;
using schedules::require;
using schedules::Thread;

namespace {

// Two pollers that pass all their watches to each other in each of their first iterations. Then, if told so, the second
// one retires as soon as it has no watches.
class TwoPollers {
  public:
    explicit TwoPollers(bool second_retires = false) : second_retires_(second_retires) {
        require(queue_.start(allocator_, {.min = 1, .max = 1}, "worker"), "the queue does not start");
        const Poller::Balancer balancer{.measured =
                                            [](void* self, Poller& poller, const naio::PollerLoad&) noexcept {
                                                return static_cast<TwoPollers*>(self)->measured(poller);
                                            },
                                        .self = this};
        for (Poller& each : pollers_) require(each.start(queue_, balancer) == NNG_OK, "a poller does not start");
    }
    ~TwoPollers() {
        stop();
        queue_.stop();
    }

    Poller& first() { return pollers_[0]; }
    Poller& second() { return pollers_[1]; }

    void stop() {
        if (stopped_) return;
        stopped_ = true;
        for (Poller& each : pollers_) each.stop();
    }

  private:
    // Each poller's leader calls this for its own poller.
    Poller::Parting measured(Poller& poller) noexcept {
        const bool is_first = &poller == &first();
        if (left_[is_first ? 0 : 1]-- <= 0) {
            if (is_first || !second_retires_) return {};
            if (poller.retire(first())) return {};
        }
        return {.to = &pollers_[is_first ? 1 : 0], .count = naio::PollerPolicy::kAll};
    }

    const naio::Allocator allocator_;
    naio::TaskQueue queue_;
    Poller pollers_[2];
    const bool second_retires_;
    int left_[2] = {20, second_retires_ ? 2 : 20};
    bool stopped_ = false;
};

std::atomic<bool> readable = false;

struct Counting : Watch {
    explicit Counting(Poller& poller, int descriptor = 0) : Watch(poller, descriptor) {
        readable = false;
        schedules::set_ready_events(
            [](int which, int events) { return readable && which == 0 ? events & UV_READABLE : 0; });
    }

    // Makes descriptor 0 readable.
    static void make_readable() {
        readable = true;
        schedules::descriptors_changed();
    }

    Gate called, read, is_gone;
    int ends = 0;

  private:
    void attached() noexcept override {}
    unsigned ready(unsigned events) noexcept override {
        require(ends == 0, "a watch is called after its end");
        if ((events & kNow) != 0) called.open();
        if ((events & kReadable) == 0) return kReadable;
        read.open();
        return 0;
    }
    void refused(int) noexcept override { schedules::fail("a watch is refused"); }
    void closed() noexcept override { end(); }
    void lost() noexcept override { end(); }
    void end() noexcept {
        require(++ends == 1, "a watch ends twice");
        is_gone.open();
    }
};

void close(Counting& watch) {
    if (!watch.close()) watch.is_gone.pass();
}

}  // namespace

// The calls of one watch make the pollers iterate, and so move the other one.
SCENARIO(watch_moves, "two watches go back and forth while two threads want something from them") {
    TwoPollers pollers;
    Counting quiet(pollers.first()), busy(pollers.first(), 1);
    {
        const Thread other([&] { require(quiet.want(Watch::kReadable), "a want is refused"); });
        require(busy.want(Watch::kNow), "a want is refused");
        busy.called.pass();
    }
    require(busy.want(Watch::kNow), "a want is refused");
    Counting::make_readable();
    quiet.read.pass();
    close(quiet);
    close(busy);
}

SCENARIO(watch_closed_on_its_way, "a watch is closed while it goes to another poller") {
    TwoPollers pollers;
    Counting watch(pollers.first());
    const Thread wanting([&] { static_cast<void>(watch.want(Watch::kNow)); });
    require(watch.want(Watch::kReadable), "a want is refused");
    close(watch);
}

SCENARIO(watch_lost_on_its_way, "the pollers stop while watches go back and forth") {
    TwoPollers pollers;
    Counting quiet(pollers.first()), busy(pollers.first(), 1);
    require(quiet.want(Watch::kReadable), "a want is refused");
    {
        const Thread wanting([&] {
            while (busy.want(Watch::kNow)) schedules::yield();
        });
        const Thread closing([&] { close(busy); });
        pollers.stop();
    }
    require(quiet.ends == 1, "the watch has not ended");
}

SCENARIO(watch_comes_late, "watches come to a poller that retires") {
    TwoPollers pollers(true);
    Counting quiet(pollers.second()), busy(pollers.first(), 1), late(pollers.second(), 2);
    require(quiet.want(Watch::kReadable), "a want is refused");
    {
        const Thread wanting([&] {
            require(late.want(Watch::kNow), "a want is refused");
            late.called.pass();
        });
        for (int i = 0; i < 3; ++i) require(busy.want(Watch::kNow), "a want is refused");
        busy.called.pass();
    }
    Counting::make_readable();
    quiet.read.pass();
    close(quiet);
    close(busy);
    close(late);
}
