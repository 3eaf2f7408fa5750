#include "exec/thread.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "no_threads.h"

namespace naio {
namespace {

// What a thread finds when its function begins.
struct Observed {
    bool ran = false;
    std::string name;
    sigset_t blocked{};

    static void observe(void* self) {
        auto& observed = *static_cast<Observed*>(self);
        char name[64] = {};
        pthread_getname_np(pthread_self(), name, sizeof(name));
        observed.name = name;
        pthread_sigmask(SIG_BLOCK, nullptr, &observed.blocked);
        observed.ran = true;
    }
};

sigset_t own_mask() {
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, nullptr, &mask);
    return mask;
}

bool can_be_blocked(int signal) {
    // The C library keeps the two after the traditional ones for itself.
    return signal != SIGKILL && signal != SIGSTOP && (signal < 32 || signal >= SIGRTMIN);
}

TEST(Thread, RunsItsFunctionUntilJoined) {
    Observed observed;
    Thread thread;
    ASSERT_TRUE(thread.start("naio:test", Observed::observe, &observed));
    thread.join();
    EXPECT_TRUE(observed.ran);
}

TEST(Thread, HasItsNameWhenItsFunctionBegins) {
    Observed observed;
    Thread thread;
    ASSERT_TRUE(thread.start("naio:test", Observed::observe, &observed));
    thread.join();
    EXPECT_EQ(observed.name, "naio:test");
}

TEST(Thread, CutsNamesThatAreTooLong) {
    Observed observed;
    Thread thread;
    ASSERT_TRUE(thread.start("naio:a name far too long", Observed::observe, &observed));
    thread.join();
    EXPECT_EQ(observed.name, "naio:a name far");
}

TEST(Thread, BlocksEverySignalButThoseOfItsOwnFaults) {
    sigset_t before;
    sigemptyset(&before);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    Observed observed;
    Thread thread;
    ASSERT_TRUE(thread.start("naio:test", Observed::observe, &observed));
    thread.join();
    const sigset_t after = own_mask();
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        if (!can_be_blocked(signal)) continue;
        const bool fault = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
        EXPECT_EQ(sigismember(&observed.blocked, signal), fault ? 0 : 1) << signal;
        EXPECT_EQ(sigismember(&after, signal), sigismember(&before, signal)) << signal;
    }
}

TEST(ThreadDeathTest, LetsTheProgramsHandlerSeeItsCrash) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            ::signal(SIGSEGV, [](int) { _exit(42); });
            Thread thread;
            (void)thread.start("naio:test", [](void*) { raise(SIGSEGV); }, nullptr);
            thread.join();
        },
        testing::ExitedWithCode(42), "");
}

TEST(Thread, OfTheProgramInheritsSignalsButForSigpipe) {
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &usr1, &before);
    Observed observed;
    Thread thread;
    ASSERT_TRUE(thread.start_for_program(Observed::observe, &observed));
    thread.join();
    const sigset_t after = own_mask();
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        if (!can_be_blocked(signal)) continue;
        const bool expected = signal == SIGPIPE || signal == SIGUSR1 || sigismember(&before, signal) == 1;
        EXPECT_EQ(sigismember(&observed.blocked, signal), expected ? 1 : 0) << signal;
    }
    EXPECT_EQ(sigismember(&after, SIGUSR1), 1);
    EXPECT_EQ(sigismember(&after, SIGPIPE), sigismember(&before, SIGPIPE));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(ThreadDeathTest, CannotJoinItself) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            Thread thread;
            (void)thread.start(
                "naio:test", [](void* self) { static_cast<Thread*>(self)->join(); }, &thread);
            thread.join();
        },
        "a thread waits for its own end");
}

// The object is complete when the function begins, so it can be named, however early that is.
TEST(Thread, CanBeNamedByItself) {
    struct Self {
        Thread thread;
        std::string name;
    };
    for (int i = 0; i < 200; ++i) {
        Self self;
        const auto rename = [](void* argument) {
            auto& me = *static_cast<Self*>(argument);
            me.thread.set_name("renamed");
            Observed observed;
            Observed::observe(&observed);
            me.name = observed.name;
        };
        ASSERT_TRUE(self.thread.start_for_program(rename, &self));
        self.thread.join();
        ASSERT_EQ(self.name, "renamed");
    }
}

#if !defined(__APPLE__)
TEST(Thread, CanBeNamedByOthers) {
    struct Waiting {
        std::atomic<bool> named{false};
        std::string name;
    } waiting;
    Thread thread;
    const auto wait = [](void* argument) {
        auto& self = *static_cast<Waiting*>(argument);
        self.named.wait(false);
        Observed observed;
        Observed::observe(&observed);
        self.name = observed.name;
    };
    ASSERT_TRUE(thread.start_for_program(wait, &waiting));
    thread.set_name("a name given from outside");
    waiting.named = true;
    waiting.named.notify_one();
    thread.join();
    EXPECT_EQ(waiting.name, "a name given fr");
}
#endif

#if defined(__GLIBC__)
TEST(Thread, ThatTheSystemCannotGiveLeavesNothingBehind) {
    const sigset_t before = own_mask();
    Observed observed;
    Thread thread;
    {
        NoThreads none;
        EXPECT_FALSE(thread.start("naio:test", Observed::observe, &observed));
        EXPECT_FALSE(thread.start_for_program(Observed::observe, &observed));
        thread.join();
    }
    const sigset_t after = own_mask();
    for (int signal = 1; signal <= SIGRTMAX; ++signal)
        EXPECT_EQ(sigismember(&after, signal), sigismember(&before, signal)) << signal;
    EXPECT_FALSE(observed.ran);
    ASSERT_TRUE(thread.start("naio:test", Observed::observe, &observed));
    thread.join();
    EXPECT_TRUE(observed.ran);
}
#endif

TEST(Thread, JoinsOnceAndCanStartAgain) {
    Thread thread;
    thread.join();
    for (int i = 0; i < 3; ++i) {
        Observed observed;
        ASSERT_TRUE(thread.start("naio:test", Observed::observe, &observed));
        thread.join();
        thread.join();
        EXPECT_TRUE(observed.ran);
    }
}

}  // namespace
}  // namespace naio
