// Tests DirectoryLock, which listeners hold while they replace a socket's file.
#include "io/directory_lock.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "io/system_calls.h"

namespace naio {
namespace {

using State = DirectoryLock::State;

class DirectoryLockTest : public testing::Test {
  protected:
    DirectoryLockTest() { std::filesystem::create_directories(folder_ / "other"); }
    ~DirectoryLockTest() override {
        system_calls = kSystemCalls;
        std::filesystem::remove_all(folder_);
    }
    [[nodiscard]] std::string path(const char* name) const { return folder_ / name; }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("naio-lock-" + std::to_string(::getpid()));
};

TEST_F(DirectoryLockTest, IsHeldByOneAtATime) {
    const DirectoryLock first(path("a").c_str(), 0);
    EXPECT_EQ(first.state(), State::kHeld);
    EXPECT_EQ(DirectoryLock(path("a").c_str(), 0).state(), State::kBusy);
    EXPECT_EQ(DirectoryLock(path("b").c_str(), 2).state(), State::kBusy);
    EXPECT_EQ(DirectoryLock(path("other/a").c_str(), 0).state(), State::kHeld);
}

TEST_F(DirectoryLockTest, IsFreeAfterwards) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(DirectoryLock(path("a").c_str(), 0).state(), State::kHeld);
}

TEST_F(DirectoryLockTest, IsFreeAlthoughAChildWasForkedWhileItWasHeld) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    pid_t child = -1;
    {
        const DirectoryLock lock(path("a").c_str(), 0);
        child = ::fork();
        if (child == 0) {
            char byte = 0;
            ::close(ends[1]);
            ::_exit(::read(ends[0], &byte, 1) == 0 ? 0 : 1);
        }
    }
    EXPECT_EQ(DirectoryLock(path("a").c_str(), 0).state(), State::kHeld);
    ::close(ends[0]);
    ::close(ends[1]);
    ::waitpid(child, nullptr, 0);
}

TEST_F(DirectoryLockTest, IsWaitedFor) {
    static std::atomic<int> tries;
    tries = 0;
    system_calls.flock = [](int number, int operation) { return ++tries, ::flock(number, operation); };
    std::atomic<State> state{State::kNotThere};
    std::thread waiter;
    {
        const DirectoryLock first(path("a").c_str(), 0);
        waiter = std::thread([&] { state = DirectoryLock(path("b").c_str(), 60'000).state(); });
        while (tries < 3) std::this_thread::yield();
    }
    waiter.join();
    EXPECT_EQ(state, State::kHeld);
}

TEST_F(DirectoryLockTest, OfADirectoryThatIsNotThere) {
    const DirectoryLock lock(path("none/a").c_str(), 60'000);
    EXPECT_EQ(lock.state(), State::kNotThere);
    EXPECT_EQ(lock.error(), NNG_OK);
}

TEST_F(DirectoryLockTest, WhereTheFileSystemHasNone) {
    system_calls.flock = [](int, int) { return errno = EOPNOTSUPP, -1; };
    EXPECT_EQ(DirectoryLock(path("a").c_str(), 60'000).state(), State::kNotThere);
}

TEST_F(DirectoryLockTest, OfThePlaceOfThisProcessAndOfTheRoot) {
    EXPECT_EQ(DirectoryLock("a", 1000).state(), State::kHeld);
    EXPECT_EQ(DirectoryLock("/a", 1000).state(), State::kHeld);
}

TEST_F(DirectoryLockTest, WithoutDescriptors) {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &none);
    const nng_err error = DirectoryLock(path("a").c_str(), 0).error();
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(error, NNG_ENOFILES);
}

}  // namespace
}  // namespace naio
