// Tests Thread: the names, signal masks and ends of threads of the library and of threads of the program.
#include "exec/thread.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <span>
#include <string>

#include "support/no_threads.h"
#include "support/thread_name.h"

namespace naio {
namespace {

using namespace support;

// The properties of a thread when its function begins.
struct Observed {
    bool ran = false;
    std::string name;
    sigset_t blocked{};

    static void observe(void* self) {
        auto& observed = *static_cast<Observed*>(self);
        observed.name = support::thread_name();
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
    // The C library uses the signals between 31 and SIGRTMIN itself.
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

constexpr std::array kFaults{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
constexpr std::array kInherited{SIGABRT, SIGPROF, SIGVTALRM};

bool contains(std::span<const int> signals, int signal) {
    return std::find(signals.begin(), signals.end(), signal) != signals.end();
}

// While an OwnMask exists, the thread that has constructed it has the signal mask `mask`.
class OwnMask {
  public:
    explicit OwnMask(const sigset_t& mask) { pthread_sigmask(SIG_SETMASK, &mask, &before_); }
    ~OwnMask() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    OwnMask(const OwnMask&) = delete;
    OwnMask& operator=(const OwnMask&) = delete;

    static sigset_t none() {
        sigset_t mask;
        sigemptyset(&mask);
        return mask;
    }
    static sigset_t all() {
        sigset_t mask;
        sigfillset(&mask);
        return mask;
    }
    static sigset_t only(int signal) {
        sigset_t mask = none();
        sigaddset(&mask, signal);
        return mask;
    }

  private:
    sigset_t before_;
};

void expect_same(const sigset_t& got, const sigset_t& wanted) {
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        if (!can_be_blocked(signal)) continue;
        EXPECT_EQ(sigismember(&got, signal), sigismember(&wanted, signal)) << signal;
    }
}

sigset_t mask_of_a_thread() {
    Observed observed;
    Thread thread;
    EXPECT_TRUE(thread.start("naio:test", Observed::observe, &observed));
    thread.join();
    return observed.blocked;
}

TEST(Thread, BlocksEverySignalExceptThoseOfItsOwnFaultsAndOfProfilers) {
    const OwnMask mask(OwnMask::none());
    const sigset_t blocked = mask_of_a_thread();
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        if (!can_be_blocked(signal)) continue;
        const bool open = contains(kFaults, signal) || contains(kInherited, signal);
        EXPECT_EQ(sigismember(&blocked, signal), open ? 0 : 1) << signal;
    }
    expect_same(own_mask(), OwnMask::none());
}

// The program may wait for a profiler's signal with sigwait, which requires that every thread blocks the signal.
TEST(Thread, BlocksAProfilersSignalThatTheProgramBlocks) {
    const OwnMask mask(OwnMask::all());
    const sigset_t blocked = mask_of_a_thread();
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        if (!can_be_blocked(signal)) continue;
        EXPECT_EQ(sigismember(&blocked, signal), contains(kFaults, signal) ? 0 : 1) << signal;
    }
}

class ThreadDeathTest : public testing::TestWithParam<int> {
  protected:
    ThreadDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_P(ThreadDeathTest, LetsTheProgramsHandlerSeeTheThreadsOwnSignal) {
    EXPECT_EXIT(
        {
            static int raised;
            raised = GetParam();
            ::signal(raised, [](int) { _exit(42); });
            Thread thread;
            (void)thread.start(
                "naio:test", [](void*) { raise(raised); }, nullptr);
            thread.join();
            _exit(0);
        },
        testing::ExitedWithCode(42), "");
}

INSTANTIATE_TEST_SUITE_P(, ThreadDeathTest,
                         testing::Values(SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT, SIGPROF, SIGVTALRM),
                         [](const auto& tested) { return std::string("SIG") + sigabbrev_np(tested.param); });

// Forks on the calling thread, and returns the child's signal mask, which the child writes to a pipe.
sigset_t mask_of_a_forked_child() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        const sigset_t mask = own_mask();
        _exit(write(ends[1], &mask, sizeof(mask)) == sizeof(mask) ? 0 : 1);
    }
    sigset_t mask;
    sigemptyset(&mask);
    EXPECT_EQ(read(ends[0], &mask, sizeof(mask)), static_cast<ssize_t>(sizeof(mask)));
    for (const int end : ends) close(end);
    EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
    return mask;
}

// Calls `find` on a thread of the library, and returns its result.
sigset_t found_on_a_thread(sigset_t (*find)()) {
    struct Finding {
        sigset_t (*find)();
        sigset_t found;
    } finding{find, OwnMask::none()};
    Thread thread;
    const auto run = [](void* self) {
        auto& there = *static_cast<Finding*>(self);
        there.found = there.find();
    };
    EXPECT_TRUE(thread.start("naio:test", run, &finding));
    thread.join();
    return finding.found;
}

TEST(ThreadsForkedChild, HasTheMaskOfTheThreadsStarter) {
    const OwnMask mask(OwnMask::only(SIGUSR2));
    expect_same(found_on_a_thread(mask_of_a_forked_child), OwnMask::only(SIGUSR2));
    expect_same(mask_of_a_forked_child(), OwnMask::only(SIGUSR2));
}

TEST(ThreadsForkedChild, HasTheProgramsMaskAlsoIfTheLibraryHasStartedTheThread) {
    const OwnMask mask(OwnMask::only(SIGUSR2));
    const auto on_one_more = [] { return found_on_a_thread(mask_of_a_forked_child); };
    expect_same(found_on_a_thread(on_one_more), OwnMask::only(SIGUSR2));
}

// Some programs block all signals around a fork. The child sets its signal handlers before it restores the mask.
TEST(ThreadsForkedChild, HasTheMaskThatTheThreadHasSetItself) {
    const OwnMask mask(OwnMask::none());
    const auto with_all_blocked = [] {
        const OwnMask all(OwnMask::all());
        return mask_of_a_forked_child();
    };
    expect_same(found_on_a_thread(with_all_blocked), OwnMask::all());
}

TEST(ThreadsForkedChild, HasNoSigpipeBlockedByAThreadOfTheProgram) {
    const OwnMask mask(OwnMask::none());
    sigset_t found = OwnMask::all();
    Thread thread;
    const auto run = [](void* to) { *static_cast<sigset_t*>(to) = mask_of_a_forked_child(); };
    ASSERT_TRUE(thread.start_for_program(run, &found));
    thread.join();
    expect_same(found, OwnMask::none());
}

TEST(Thread, OfTheProgramInheritsTheSignalMaskExceptForSigpipe) {
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

TEST(ThreadEndDeathTest, CannotJoinItself) {
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

// The Thread object is complete when the function begins, so the function may name the thread at once.
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
