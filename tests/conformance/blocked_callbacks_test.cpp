// Tests that many callbacks that block at once delay no other callback. Workers start up to their limit. Timeouts and
// another stream's callback come even when all workers are blocked.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "init_fini.h"
#include "support/checkpoint.h"
#include "support/handle.h"
#include "support/library.h"
#include "support/operation.h"
#include "support/stream_pair.h"

#if defined(__GLIBC__)
#include "support/no_threads.h"
#endif

namespace conformance {
namespace {

using namespace support;

// The time that a test waits for a callback: much longer than the library needs, and much shorter than a test may take.
constexpr std::chrono::seconds kSoon{10};

nng_init_params limited_to(std::int16_t num, std::int16_t max) {
    nng_init_params params{};
    params.num_task_threads = num;
    params.max_task_threads = max;
    return params;
}

// Callbacks that block until this object is destroyed. The test's thread finishes their operations, so that the
// callbacks run on workers.
class BlockedCallbacks {
  public:
    explicit BlockedCallbacks(int count) {
        for (int i = 0; i < count; ++i) handles_.emplace_back([this](nng_aio*) { inside_.pass(); });
        for (const Handle& handle : handles_) nng_aio_finish(handle, NNG_OK);
    }
    ~BlockedCallbacks() {
        inside_.open();
        for (Handle& handle : handles_) EXPECT_TRUE(handle.called_back());
    }
    BlockedCallbacks(const BlockedCallbacks&) = delete;
    BlockedCallbacks& operator=(const BlockedCallbacks&) = delete;

    [[nodiscard]] bool inside(int count) { return inside_.reached_within(kSoon, count); }
    [[nodiscard]] bool no_more_than(int count) { return inside_.stays_unreached(count + 1); }

  private:
    Checkpoint inside_;
    std::deque<Handle> handles_;
};

// Starts `count` operations that time out together, and expects their callbacks to run with NNG_ETIMEDOUT.
void expect_timeouts(int count) {
    std::deque<Operation> operations(static_cast<std::size_t>(count));
    std::deque<Handle> handles(operations.size());
    const nng_time at = nng_clock() + 20;
    for (std::size_t i = 0; i < handles.size(); ++i) {
        nng_aio_set_expire(handles[i], at);
        // On a busy machine the time may have come before the start, which then has the same result.
        static_cast<void>(operations[i].start(handles[i]));
    }
    const auto latest = std::chrono::steady_clock::now() + kSoon;
    for (const Handle& handle : handles) {
        while (handle.callbacks() == 0 && std::chrono::steady_clock::now() < latest)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        EXPECT_EQ(handle.results(), (Results{NNG_ETIMEDOUT}));
    }
}

void send_byte(const StreamPair& streams) {
    const OneByte sending;
    nng_stream_send(streams.far(), sending);
    EXPECT_EQ(sending.wait(), NNG_OK);
}

// Expects the callback of a stream to run while the callbacks of `blocked` other streams block.
void expect_another_streams_callback(int blocked) {
    Checkpoint inside;
    std::deque<StreamPair> streams(static_cast<std::size_t>(blocked));
    std::deque<Handle> receiving;
    std::deque<char> bytes(static_cast<std::size_t>(blocked) + 1);
    const auto receive = [&](nng_stream* stream, const Handle& handle, char& byte) {
        const nng_iov vector{&byte, 1};
        EXPECT_EQ(nng_aio_set_iov(handle, 1, &vector), NNG_OK);
        nng_stream_recv(stream, handle);
    };
    for (std::size_t i = 0; i < streams.size(); ++i) {
        receiving.emplace_back([&](nng_aio*) { inside.pass(); });
        receive(streams[i].near(), receiving.back(), bytes[i]);
    }
    Handle other;
    StreamPair others;
    receive(others.near(), other, bytes.back());
    for (const StreamPair& each : streams) send_byte(each);
    EXPECT_TRUE(inside.reached_within(kSoon, blocked));
    send_byte(others);
    const auto latest = std::chrono::steady_clock::now() + kSoon;
    while (other.callbacks() == 0 && std::chrono::steady_clock::now() < latest)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(other.results(), (Results{NNG_OK}));
    inside.open();
    for (Handle& each : receiving) EXPECT_TRUE(each.called_back());
}

using Blocked = InitFini;

TEST_F(Blocked, FiveOfThemDoNotDelayAnotherStream) { expect_another_streams_callback(5); }

TEST_F(Blocked, TwelveOfThemDoNotDelayAnotherStream) { expect_another_streams_callback(12); }

TEST_F(Blocked, WorkersStartOnNeed) {
    BlockedCallbacks callbacks(30);
    EXPECT_TRUE(callbacks.inside(30));
}

TEST_F(Blocked, WorkersStartUpToTheMaximum) {
    const Restarted library(limited_to(0, 3));
    BlockedCallbacks callbacks(10);
    // The fourth callback blocks a thread of the timer. The timer's other thread then runs no callback that could block
    // it.
    EXPECT_TRUE(callbacks.inside(4));
    EXPECT_TRUE(callbacks.no_more_than(4));
    EXPECT_EQ(settled_threads(3, "naio:task"), 3u);
}

TEST_F(Blocked, ANumberOfWorkersAndAMaximumAreBothTrue) {
    const Restarted library(limited_to(2, 4));
    EXPECT_EQ(settled_threads(2, "naio:task"), 2u);
    BlockedCallbacks callbacks(10);
    EXPECT_TRUE(callbacks.inside(5));
    EXPECT_EQ(settled_threads(4, "naio:task"), 4u);
}

TEST_F(Blocked, ANumberOfWorkersGivenAloneStaysExact) {
    const Restarted library(limited_to(3, 0));
    BlockedCallbacks callbacks(10);
    EXPECT_TRUE(callbacks.inside(4));
    EXPECT_EQ(settled_threads(3, "naio:task"), 3u);
}

TEST_F(Blocked, TimeoutsComeWhileAllWorkersOfAFixedNumberAreBlocked) {
    const Restarted library(limited_to(4, 0));
    BlockedCallbacks callbacks(4);
    ASSERT_TRUE(callbacks.inside(4));
    expect_timeouts(5);
    expect_timeouts(50);
    expect_timeouts(300);
}

TEST_F(Blocked, TimeoutsComeWhileManyCallbacksAreBlocked) {
    BlockedCallbacks callbacks(16);
    ASSERT_TRUE(callbacks.inside(16));
    expect_timeouts(5);
    expect_timeouts(50);
}

TEST_F(Blocked, AStreamsCallbackComesWhileAllWorkersOfAFixedNumberAreBlocked) {
    const Restarted library(two_workers());
    BlockedCallbacks callbacks(2);
    ASSERT_TRUE(callbacks.inside(2));
    // The first stream's callback blocks a thread of the poller, so the timer's thread runs the other stream's
    // callback.
    expect_another_streams_callback(1);
}

#if defined(__GLIBC__)
TEST_F(Blocked, AThreadThatTheSystemRefusesIsAskedForAgain) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    ASSERT_EQ(settled_threads(1, "naio:task"), 1u);
    std::deque<BlockedCallbacks> callbacks;
    {
        const NoThreads none;
        callbacks.emplace_back(5);
        EXPECT_TRUE(callbacks.front().inside(2));  // one callback on the worker, and one on the timer's thread
        EXPECT_TRUE(callbacks.front().no_more_than(2));
    }
    EXPECT_TRUE(callbacks.front().inside(5));
}
#endif

// Returns the number of times that threads of the library have gone to sleep.
std::uint64_t sleeps_so_far() {
    std::uint64_t sum = 0;
    for (const std::filesystem::directory_entry& task : std::filesystem::directory_iterator("/proc/self/task")) {
        if (!read_thread(task.path()).name.starts_with("naio:")) continue;
        std::ifstream status(task.path() / "status");
        for (std::string line; std::getline(status, line);) {
            const std::string key = "voluntary_ctxt_switches:";
            if (line.starts_with(key)) sum += std::stoull(line.substr(key.size()));
        }
    }
    return sum;
}

TEST_F(Blocked, AfterwardsAnIdleLibraryDoesNotWake) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    { BlockedCallbacks callbacks(8); }
    std::uint64_t fewest = 1000;
    for (int i = 0; i < 20 && fewest != 0; ++i) {
        const std::uint64_t before = sleeps_so_far();
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        fewest = std::min(fewest, sleeps_so_far() - before);
    }
    EXPECT_EQ(fewest, 0u);
}

}  // namespace
}  // namespace conformance
