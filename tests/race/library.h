// The library around a test: brought up with memory that is counted, and down with nothing left behind.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

namespace race {

// What the library has allocated through its hooks and not given back.
struct Memory {
    long blocks;
    long bytes;
};
[[nodiscard]] Memory memory_in_use();

// Parameters with those hooks, and some number of workers.
[[nodiscard]] nng_init_params counted(unsigned workers);

// The open descriptors and the threads of this process.
struct Census {
    std::size_t descriptors;
    std::size_t threads;
    friend bool operator==(const Census&, const Census&) = default;
};

// Counts them until they are `expected`, for a while: the system forgets a thread that was joined only a moment later.
[[nodiscard]] Census settled_census(const Census& expected);
[[nodiscard]] Census census();

// Ends the program, with a message, if a test takes so long that something must hang.
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

    // The library is down: it has given everything back.
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
