// Measures a timer that does not expire, a timer that expires, and the memory of timers.
#include <algorithm>
#include <memory>
#include <semaphore>
#include <vector>

#include "measured.h"
#include "random.h"
#include "scenarios.h"

using namespace std::chrono_literals;
using asio::steady_timer;

namespace {

void wait_for_nothing(steady_timer& timer) {
    timer.async_wait([](std::error_code) {});
}

std::vector<std::unique_ptr<steady_timer>> new_timers(asio::io_context& context, long n) {
    std::vector<std::unique_ptr<steady_timer>> timers(static_cast<std::size_t>(n));
    for (auto& timer : timers) timer = std::make_unique<steady_timer>(context);
    return timers;
}

}  // namespace

// Measures the time to start a wait of one second, cancel it and run its handler while `size` other waits are armed.
// Also measures the time to start one of the other waits, and the time to cancel one of them.
void armed(long size) {
    asio::io_context context(1);
    auto work = asio::make_work_guard(context);
    auto others = new_timers(context, size);
    uint64_t random = BENCH_SEED;
    int64_t begin = now_ns();
    for (auto& timer : others) {
        timer->expires_after(600s + std::chrono::milliseconds(random_next(&random) % 3000000));
        wait_for_nothing(*timer);
    }
    if (size > 0) report("arm", static_cast<double>(now_ns() - begin) / static_cast<double>(size), "ns");

    steady_timer timer(context);
    double n = 0;
    int64_t end;
    begin = now_ns();
    do {
        for (int i = 0; i < 100; i++) {
            timer.expires_after(1s);
            wait_for_nothing(timer);
            timer.cancel();
            context.poll();
        }
        n += 100;
        end = now_ns();
    } while (end - begin < time_to_run());
    report("time", static_cast<double>(end - begin) / n, "ns");

    begin = now_ns();
    for (auto& other : others) other->cancel();
    context.poll();
    if (size > 0) report("disarm", static_cast<double>(now_ns() - begin) / static_cast<double>(size), "ns");
}

namespace {

class Ticker {
  public:
    Ticker(asio::io_context& context, std::size_t n) : timer_(context), left_(n) { late.reserve(n); }

    void tick() {
        due_ = now_ns() + 2000000;
        timer_.expires_after(2ms);
        timer_.async_wait([this](std::error_code) {
            late.push_back(now_ns() - due_);
            if (--left_ == 0) {
                done.release();
            } else {
                tick();
            }
        });
    }

    std::vector<int64_t> late;
    std::binary_semaphore done{0};

  private:
    steady_timer timer_;
    std::size_t left_;
    int64_t due_ = 0;
};

}  // namespace

// Waits 2 ms repeatedly. Each wait starts in the handler of the previous wait.
void expire(long) {
    Running running;
    Ticker ticker(running.context, static_cast<std::size_t>(time_to_run() / 2000000) + 1);
    double cpu = cpu_ns();
    asio::post(running.context, [&] { ticker.tick(); });
    ticker.done.acquire();
    report("cpu", (cpu_ns() - cpu) / static_cast<double>(ticker.late.size()) / 1e3, "us");
    report_percentiles("late", ticker.late.data(), ticker.late.size());
}

// Measures the memory per timer, idle and armed.
void memory(long size) {
    Running running;
    report("threads", static_cast<double>(thread_count()), "");
    std::vector<steady_timer*> timers(static_cast<std::size_t>(size));
    std::fill(timers.begin(), timers.end(), reinterpret_cast<steady_timer*>(8));  // touches each page of the array
    long before = resident_bytes();
    for (auto& timer : timers) timer = new steady_timer(running.context);
    report("idle", static_cast<double>(resident_bytes() - before) / static_cast<double>(size), "B");
    long i = 0;
    for (auto& timer : timers) {
        timer->expires_after(600s + std::chrono::milliseconds(i++ % 100000));
        wait_for_nothing(*timer);
    }
    report("in_flight", static_cast<double>(resident_bytes() - before) / static_cast<double>(size), "B");
    for (auto& timer : timers) delete timer;
}
