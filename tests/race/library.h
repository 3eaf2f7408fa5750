// For each race test: brings the library up with memory functions that count, and checks after the last nng_fini that
// no memory, descriptor or thread is left.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

namespace race {

// The blocks and bytes that the library has allocated through its hooks and not released.
struct Memory {
    long blocks;
    long bytes;
};
[[nodiscard]] Memory memory_in_use();

// Returns parameters with those hooks and this number of workers.
[[nodiscard]] nng_init_params counted(unsigned workers);

// The open descriptors and the threads of this process.
struct Census {
    std::size_t descriptors;
    std::size_t threads;
    friend bool operator==(const Census&, const Census&) = default;
};

// Counts descriptors and threads until the result is `expected`, for at most five seconds, because the system lists a
// joined thread for a moment. Returns the latest result.
[[nodiscard]] Census settled_census(const Census& expected);
[[nodiscard]] Census census();

// Ends the program with a message if a test takes 120 seconds, because such a test hangs.
class Watchdog {
  public:
    Watchdog() : thread_([this] { watch(); }) {}
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

  private:
    void watch();

    std::mutex mutex_;
    std::condition_variable over_changed_;
    bool over_ = false;
    std::thread thread_;
};

// A test that brings the library up and down itself.
class BareTest : public testing::Test {
  protected:
    BareTest();
    ~BareTest() override;

    // Checks that the library, which is down, has released everything.
    void expect_nothing_left() const;

  private:
    Watchdog watchdog_;
    const Census before_;
};

// A test that runs while the library is up.
class RaceTest : public BareTest {
  protected:
    RaceTest();
    ~RaceTest() override;
};

}  // namespace race
