// Tests nng_mtx_*, nng_cv_* and nng_thread_*.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>

#include "library.h"
#include "support/no_threads.h"
#include "support/thread_name.h"

namespace naio {
namespace {

using namespace support;

constexpr nng_time kLong = 60'000;

nng_time now() {
    using std::chrono::milliseconds;
    const auto time = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<nng_time>(std::chrono::duration_cast<milliseconds>(time).count());
}

// Threads wait in pass() until `may_pass` lets them through.
struct Gate {
    nng_mtx* mutex = nullptr;
    nng_cv* opened = nullptr;
    nng_cv* changed = nullptr;  // signalled when `waiting` or `passed` changes
    nng_time deadline = kLong;
    int waiting = 0;
    int may_pass = 0;
    int passed = 0;

    Gate() {
        EXPECT_EQ(nng_mtx_alloc(&mutex), NNG_OK);
        EXPECT_EQ(nng_cv_alloc(&opened, mutex), NNG_OK);
        EXPECT_EQ(nng_cv_alloc(&changed, mutex), NNG_OK);
    }
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    ~Gate() {
        nng_cv_free(changed);
        nng_cv_free(opened);
        nng_mtx_free(mutex);
    }

    static void pass(void* self) {
        auto& gate = *static_cast<Gate*>(self);
        nng_mtx_lock(gate.mutex);
        ++gate.waiting;
        nng_cv_wake(gate.changed);
        while (gate.may_pass == 0 && nng_cv_until(gate.opened, gate.deadline) == NNG_OK) continue;
        EXPECT_GT(gate.may_pass, 0) << "was not woken";
        --gate.may_pass;
        ++gate.passed;
        nng_cv_wake(gate.changed);
        nng_mtx_unlock(gate.mutex);
    }
};

class Threads {
  public:
    Threads(int number, void (*function)(void*), void* argument) : number_(number) {
        for (int i = 0; i < number_; ++i) EXPECT_EQ(nng_thread_create(&threads_[i], function, argument), NNG_OK);
    }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;
    ~Threads() {
        for (int i = 0; i < number_; ++i) nng_thread_destroy(threads_[i]);
    }

  private:
    int number_;
    nng_thread* threads_[4] = {};
};

TEST(Mutex, LetsOneThreadInAtATime) {
    constexpr int kRounds = 20'000;
    struct Counter {
        nng_mtx* mutex = nullptr;
        int count = 0;
    } counter;
    ASSERT_EQ(nng_mtx_alloc(&counter.mutex), NNG_OK);
    {
        const auto count = [](void* argument) {
            auto& shared = *static_cast<Counter*>(argument);
            for (int i = 0; i < kRounds; ++i) {
                nng_mtx_lock(shared.mutex);
                ++shared.count;
                nng_mtx_unlock(shared.mutex);
            }
        };
        Threads threads(3, count, &counter);
    }
    EXPECT_EQ(counter.count, 3 * kRounds);
    nng_mtx_free(counter.mutex);
}

TEST(Condition, WakeWakesAllWaiters) {
    Gate gate;
    gate.deadline = now() + kLong;
    Threads threads(4, Gate::pass, &gate);
    nng_mtx_lock(gate.mutex);
    while (gate.waiting < 4) nng_cv_wait(gate.changed);
    gate.may_pass = 4;
    nng_cv_wake(gate.opened);
    nng_mtx_unlock(gate.mutex);
}

TEST(Condition, Wake1WakesOneAfterTheOther) {
    Gate gate;
    gate.deadline = now() + kLong;
    Threads threads(4, Gate::pass, &gate);
    nng_mtx_lock(gate.mutex);
    while (gate.waiting < 4) nng_cv_wait(gate.changed);
    for (int i = 1; i <= 4; ++i) {
        gate.may_pass = 1;
        nng_cv_wake1(gate.opened);
        while (gate.passed < i) nng_cv_wait(gate.changed);
        EXPECT_EQ(gate.passed, i);
    }
    nng_mtx_unlock(gate.mutex);
}

TEST(Condition, UntilATimeThatHasPassedDoesNotWait) {
    Gate gate;
    nng_mtx_lock(gate.mutex);
    for (const nng_time when : {nng_time{1}, now()}) EXPECT_EQ(nng_cv_until(gate.opened, when), NNG_ETIMEDOUT);
    nng_mtx_unlock(gate.mutex);  // nng_cv_until has locked the mutex again before it returned
}

TEST(Condition, UntilZeroPollsAndKeepsTheMutex) {
    Gate gate;
    nng_mtx_lock(gate.mutex);
    std::atomic<bool> locked{false};
    std::thread other([&] {
        nng_mtx_lock(gate.mutex);
        locked = true;
        nng_mtx_unlock(gate.mutex);
    });
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(nng_cv_until(gate.opened, 0), NNG_EAGAIN);
        std::this_thread::yield();
        EXPECT_FALSE(locked) << "nng_cv_until has released the mutex";
    }
    nng_mtx_unlock(gate.mutex);
    other.join();
}

TEST(Condition, UntilIsNotEarly) {
    Gate gate;
    nng_mtx_lock(gate.mutex);
    const nng_time when = now() + 3;
    while (nng_cv_until(gate.opened, when) != NNG_ETIMEDOUT) continue;
    EXPECT_GE(now(), when);
    nng_mtx_unlock(gate.mutex);
}

TEST(Condition, UntilATimeThatNeverComesWaitsUntilWoken) {
    constexpr auto kLast = static_cast<nng_time>(std::numeric_limits<std::int64_t>::max() / 1'000'000);
    for (const nng_time when : {kLast, kLast + 1, UINT64_MAX / 1'000'000, UINT64_MAX - 1, UINT64_MAX}) {
        Gate gate;
        gate.deadline = when;
        Threads threads(1, Gate::pass, &gate);
        nng_mtx_lock(gate.mutex);
        while (gate.waiting < 1) nng_cv_wait(gate.changed);
        gate.may_pass = 1;
        nng_cv_wake(gate.opened);
        nng_mtx_unlock(gate.mutex);
    }
}

TEST(ThreadCalls, TheHandleIsThereWhenTheFunctionBegins) {
    static nng_thread* handle;
    static nng_thread* seen;
    for (int i = 0; i < 200; ++i) {
        handle = seen = nullptr;
        ASSERT_EQ(nng_thread_create(
                      &handle, [](void*) { seen = handle; }, nullptr),
                  NNG_OK);
        nng_thread_destroy(handle);
        ASSERT_EQ(seen, handle);
    }
}

TEST(ThreadCalls, NameTheThreadOrTheCaller) {
    struct Names {
        std::string own;
        static void rename(void* self) {
            nng_thread_set_name(nullptr, "a name that is too long");
            static_cast<Names*>(self)->own = support::thread_name();
        }
    } names;
    const std::string mine = support::thread_name();
    nng_thread* thread = nullptr;
    ASSERT_EQ(nng_thread_create(&thread, Names::rename, &names), NNG_OK);
    nng_thread_destroy(thread);
    EXPECT_EQ(names.own, "a name that is ");
    EXPECT_EQ(support::thread_name(), mine);
}

TEST(ThreadCalls, WithoutAFunctionItIsOverAtOnce) {
    nng_thread* thread = nullptr;
    ASSERT_EQ(nng_thread_create(&thread, nullptr, nullptr), NNG_OK);
    nng_thread_set_name(thread, "nothing");
    nng_thread_destroy(thread);
}

TEST(SyncWithoutMemory, IsReportedAndNothingLeaks) {
    CountedLibrary library;
    const auto function = [](void*) {};
    library.fail(true);
    nng_mtx* mutex = nullptr;
    nng_thread* thread = nullptr;
    EXPECT_EQ(nng_mtx_alloc(&mutex), NNG_ENOMEM);
    EXPECT_EQ(nng_thread_create(&thread, function, nullptr), NNG_ENOMEM);
    library.fail(false);
    ASSERT_EQ(nng_mtx_alloc(&mutex), NNG_OK);
    library.fail(true);
    nng_cv* cv = nullptr;
    EXPECT_EQ(nng_cv_alloc(&cv, mutex), NNG_ENOMEM);
    EXPECT_EQ(cv, nullptr);
    EXPECT_EQ(thread, nullptr);
    library.fail(false);
    nng_mtx_free(mutex);
}

#if defined(__GLIBC__)
TEST(SyncWithoutMemory, AThreadThatCannotBeCreatedLeavesNoHandle) {
    CountedLibrary library;
    NoThreads none;
    const std::size_t before = library.in_use();
    int something = 0;
    auto* thread = reinterpret_cast<nng_thread*>(&something);
    const auto function = [](void*) {};
    EXPECT_EQ(nng_thread_create(&thread, function, nullptr), NNG_ENOMEM);
    EXPECT_EQ(thread, nullptr);
    EXPECT_EQ(library.in_use(), before);
}
#endif

TEST(SyncCalls, ReleaseNull) {
    nng_mtx_free(nullptr);
    nng_cv_free(nullptr);
    nng_thread_destroy(nullptr);
}

TEST(SyncDeathTest, NullStopsTheProgramByName) {
    EXPECT_DEATH(nng_mtx_lock(nullptr), "nng_mtx_lock");
    EXPECT_DEATH(nng_mtx_unlock(nullptr), "nng_mtx_unlock");
    EXPECT_DEATH(nng_cv_wait(nullptr), "nng_cv_wait");
    EXPECT_DEATH(nng_cv_until(nullptr, 0), "nng_cv_until");
    EXPECT_DEATH(nng_cv_wake(nullptr), "nng_cv_wake");
    EXPECT_DEATH(nng_cv_wake1(nullptr), "nng_cv_wake1");
    nng_cv* cv = nullptr;
    EXPECT_DEATH(nng_cv_alloc(&cv, nullptr), "nng_cv_alloc");
}

}  // namespace
}  // namespace naio
