#include "library.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "random.h"
#include "support/ledger.h"
#include "verdict.h"

namespace race {

namespace {

std::size_t entries(const char* directory) {
    std::error_code error;
    std::size_t n = 0;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error))
        ++n;
    return n;
}

// Starts and stops the library once, and returns the census after that, because libuv keeps two descriptors from its
// first use to the end of the process. Waits until the library's threads are gone, because the system lists a joined
// thread for a moment.
Census use_once() {
    const std::size_t threads = census().threads;
    EXPECT_EQ(nng_init(nullptr), NNG_OK);
    nng_fini();
    return settled_census({census().descriptors, threads});
}

Census first_census() {
    static const Census after_first_use = use_once();
    return after_first_use;
}

}  // namespace

Memory memory_in_use() { return {support::Ledger::blocks, support::Ledger::bytes}; }

nng_init_params counted(unsigned workers) {
    nng_init_params params = support::Ledger::params();
    params.num_task_threads = static_cast<std::int16_t>(workers);
    params.max_task_threads = 0;
    return params;
}

Census census() { return {entries("/proc/self/fd"), entries("/proc/self/task")}; }

Census settled_census(const Census& expected) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    Census now = census();
    while (!(now == expected) && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        now = census();
    }
    return now;
}

Watchdog::~Watchdog() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        over_ = true;
        over_changed_.notify_one();
    }
    thread_.join();
}

void Watchdog::watch() {
    constexpr std::chrono::seconds kPatience{120};
    std::unique_lock<std::mutex> lock(mutex_);
    if (over_changed_.wait_for(lock, kPatience, [this] { return over_; })) return;
    std::fprintf(stderr, "this test hangs (seed %llu)\n", static_cast<unsigned long long>(seed()));
    std::abort();
}

BareTest::BareTest() : before_(first_census()) {
    forget_failures();
    std::printf("[   SEED   ] %llu\n", static_cast<unsigned long long>(seed()));
    std::fflush(stdout);
}

BareTest::~BareTest() = default;

void BareTest::expect_nothing_left() const {
    EXPECT_EQ(memory_in_use().blocks, 0) << "seed " << seed();
    EXPECT_EQ(memory_in_use().bytes, 0) << "seed " << seed();
    EXPECT_EQ(support::Ledger::wrong_sizes, 0) << "seed " << seed();
    const Census after = settled_census(before_);
    EXPECT_EQ(after.descriptors, before_.descriptors) << "seed " << seed();
    EXPECT_EQ(after.threads, before_.threads) << "seed " << seed();
}

RaceTest::RaceTest() {
    const nng_init_params params = counted(2 + static_cast<unsigned>(seed() % 4));
    EXPECT_EQ(nng_init(&params), NNG_OK);
}

RaceTest::~RaceTest() {
    nng_fini();
    expect_nothing_left();
}

}  // namespace race
