// Measures handlers that a pool of threads runs. The pool has one thread per processor, and at least two.
#include <algorithm>
#include <atomic>
#include <semaphore>
#include <vector>

#include "measured.h"
#include "scenarios.h"

namespace {

std::size_t pool_size() { return std::max(2u, std::thread::hardware_concurrency()); }

}  // namespace

// Posts a handler and waits for it.
void round_trip(long) {
    asio::thread_pool pool(pool_size());
    std::binary_semaphore done(0);
    double n = 0;
    double cpu = cpu_ns();
    int64_t begin = now_ns();
    int64_t end;
    do {
        for (int i = 0; i < 100; i++) {
            asio::post(pool, [&] { done.release(); });
            done.acquire();
        }
        n += 100;
        end = now_ns();
    } while (end - begin < time_to_run());
    report("time", static_cast<double>(end - begin) / n, "ns");
    report("cpu", (cpu_ns() - cpu) / n, "ns");
}

namespace {

// A handler that posts itself again.
struct Runner {
    void run() {
        done++;
        if (running->load(std::memory_order_relaxed)) asio::post(*pool, [this] { run(); });
    }

    asio::thread_pool* pool = nullptr;
    std::atomic<bool>* running = nullptr;
    uint64_t done = 0;
    char distance[48] = {};  // keeps the next runner, which another thread writes, out of this cache line
};

}  // namespace

// Keeps `size` handlers in flight. Each posts itself again.
void resubmit(long size) {
    asio::thread_pool pool(pool_size());
    std::atomic<bool> running = true;
    std::vector<Runner> runners(static_cast<std::size_t>(size));
    double cpu = cpu_ns();
    int64_t begin = now_ns();
    for (Runner& runner : runners) {
        runner.pool = &pool;
        runner.running = &running;
        asio::post(pool, [&runner] { runner.run(); });
    }
    sleep_ns(time_to_run());
    running = false;
    pool.join();
    double ns = static_cast<double>(now_ns() - begin);
    double n = 0;
    for (const Runner& runner : runners) n += static_cast<double>(runner.done);
    report("rate", n / ns * 1e3, "M/s");
    report("cpu", (cpu_ns() - cpu) / n, "ns");
}

// Keeps `size` handlers in flight from one thread, which waits for the oldest one and posts it again.
void produce(long size) {
    asio::thread_pool pool(pool_size());
    std::vector<std::atomic<bool>> busy(static_cast<std::size_t>(size));
    double n = 0;
    double cpu = cpu_ns();
    int64_t begin = now_ns();
    do {
        for (long round = 0; round < 256; round += size) {
            for (std::atomic<bool>& one : busy) {
                one.wait(true, std::memory_order_acquire);
                one.store(true, std::memory_order_relaxed);
                asio::post(pool, [&one] {
                    one.store(false, std::memory_order_release);
                    one.notify_one();
                });
            }
            n += static_cast<double>(size);
        }
    } while (now_ns() - begin < time_to_run());
    pool.join();
    double ns = static_cast<double>(now_ns() - begin);
    report("rate", n / ns * 1e3, "M/s");
    report("cpu", (cpu_ns() - cpu) / n, "ns");
}
