// The fixtures of the race tests, and the counts that they check: after the last nng_fini no memory, descriptor or
// thread may be left.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

namespace race {

// The numbers of blocks and bytes that the library has allocated with the memory functions of counted() and not
// released.
struct Memory {
    long blocks;
    long bytes;
};
[[nodiscard]] Memory memory_in_use();

// Returns parameters with memory functions that count, and with this number of workers.
[[nodiscard]] nng_init_params counted(unsigned workers);

// The numbers of open descriptors and of threads of this process.
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

// A test that runs while the library is up. The constructor calls nng_init. The destructor calls nng_fini and checks
// that nothing is left.
class RaceTest : public BareTest {
  protected:
    RaceTest();
    ~RaceTest() override;
};

}  // namespace race
