// Measures many sleeps, which one thread submits and another thread runs.
#include <algorithm>
#include <optional>
#include <semaphore>
#include <vector>

#include "measured.h"
#include "random.h"
#include "scenarios.h"

namespace {

struct Sleeper {
    std::optional<asio::steady_timer> timer;
    int64_t due = 0;
    int64_t woken = 0;
};

class Sleepers {
  public:
    explicit Sleepers(long n) : left_(n), all(static_cast<std::size_t>(n)) {
        for (Sleeper& sleeper : all) sleeper.timer.emplace(running_.context);
    }

    void sleep_until(Sleeper& sleeper, int64_t moment) {
        sleeper.due = moment;
        sleeper.timer->expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(moment)));
        sleeper.timer->async_wait([this, &sleeper](std::error_code) {
            sleeper.woken = now_ns();
            if (--left_ == 0) done_.release();  // need not be atomic, because one thread runs all handlers
        });
    }

    void wait() { done_.acquire(); }

  private:
    Running running_;
    long left_;
    std::binary_semaphore done_{0};

  public:
    std::vector<Sleeper> all;
};

// Returns a moment that leaves time to submit n sleeps before it.
int64_t when_all_sleep(long n) { return now_ns() + 100000000 + int64_t{n} * 2000; }

}  // namespace

// Starts `size` sleeps that are due at random moments of one second, and reports the delay of their handlers.
void random_sleeps(long size) {
    Sleepers sleepers(size);
    uint64_t random = BENCH_SEED;
    int64_t first = when_all_sleep(size);
    double cpu = cpu_ns();
    for (Sleeper& sleeper : sleepers.all) {
        sleepers.sleep_until(sleeper, first + static_cast<int64_t>(random_next(&random) % 1000000000));
    }
    sleepers.wait();
    report("cpu", (cpu_ns() - cpu) / static_cast<double>(size), "ns");
    std::vector<int64_t> late;
    for (const Sleeper& sleeper : sleepers.all) late.push_back(sleeper.woken - sleeper.due);
    report_percentiles("late", late.data(), late.size());
}

// Starts `size` sleeps that are due at the same moment, and reports the delay of the last handler.
void burst(long size) {
    Sleepers sleepers(size);
    int64_t moment = when_all_sleep(size);
    double cpu = cpu_ns();
    int64_t begin = now_ns();
    for (Sleeper& sleeper : sleepers.all) sleepers.sleep_until(sleeper, moment);
    int64_t slept = now_ns();
    if (slept > moment) moment = slept;  // on a busy machine the submits may end after `moment`
    report("submit", static_cast<double>(slept - begin) / static_cast<double>(size), "ns");
    sleepers.wait();
    report("cpu", (cpu_ns() - cpu) / static_cast<double>(size), "ns");
    int64_t last = 0;
    for (const Sleeper& sleeper : sleepers.all) last = std::max(last, sleeper.woken);
    report("last", static_cast<double>(last - moment) / 1e6, "ms");
}
