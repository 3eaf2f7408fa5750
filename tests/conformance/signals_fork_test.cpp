// Tests what <nng/nng.h> promises about signals and forks.
//
// tests/streams/peer_test.cpp tests that no send raises SIGPIPE, because no operation here sends.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>
#include <pthread.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "support/event.h"
#include "support/forked_child.h"
#include "support/handle.h"
#include "support/library.h"
#include "support/operation.h"
#include "support/thread_name.h"

namespace conformance {
namespace {

using namespace support;

// --- signals ---------------------------------------------------------------------------------------------------

// Signals that a thread raises by its own fault. If they were blocked, they would kill the process without calling the
// program's handler.
constexpr std::array kFaults{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
// SIGABRT, which abort() sends to its own thread, and the signals that a profiler's timer sends to the running thread.
constexpr std::array kInherited{SIGABRT, SIGPROF, SIGVTALRM};

bool is_open(int signal) {
    return std::find(kFaults.begin(), kFaults.end(), signal) != kFaults.end() ||
           std::find(kInherited.begin(), kInherited.end(), signal) != kInherited.end();
}

// True if the mask has all signals except kFaults and kInherited. Signals that cannot be blocked do not matter:
// SIGKILL, SIGSTOP, and the two signals that the C library keeps for itself.
bool blocks_what_comes_from_outside(std::uint64_t blocked) {
    for (int signal = 1; signal <= 64; ++signal) {
        const bool cannot = signal == SIGKILL || signal == SIGSTOP || signal == 32 || signal == 33;
        if (!cannot && (blocked >> (signal - 1) & 1) != (is_open(signal) ? 0 : 1)) return false;
    }
    return true;
}

TEST(Signals, FromOutsideAreBlockedInTheLibrarysThreads) {
    Handle handle;
    nng_sleep_aio(1, handle);  // starts the threads that the library does not start before it needs them
    nng_aio_wait(handle);
    const auto threads = library_threads();
    EXPECT_GE(threads.size(), 2u);  // a worker and the timer at least
    for (const LibraryThread& thread : threads)
        EXPECT_TRUE(blocks_what_comes_from_outside(thread.blocked_signals)) << thread.name;
}

TEST(Signals, FromOutsideAreBlockedInCallbacks) {
    sigset_t blocked{};
    Handle handle([&](nng_aio*) { pthread_sigmask(SIG_SETMASK, nullptr, &blocked); });
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGCHLD, SIGALRM})
        EXPECT_EQ(sigismember(&blocked, signal), 1) << signal;
}

// Runs `body` in a callback, with a handler for `signal` that exits with 42.
void call_back_with_handler(int signal, void (*body)()) {
    ::signal(signal, [](int) { _exit(42); });
    Handle handle([&](nng_aio*) { body(); });
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    _exit(0);
}

class SignalsDeathTest : public testing::Test {
  protected:
    SignalsDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(SignalsDeathTest, OfACallbacksOwnFaultReachTheProgramsHandler) {
    EXPECT_EXIT(call_back_with_handler(SIGSEGV, [] { raise(SIGSEGV); }), testing::ExitedWithCode(42), "");
    EXPECT_EXIT(call_back_with_handler(SIGABRT, [] { std::abort(); }), testing::ExitedWithCode(42), "");
}

#if defined(__x86_64__) || defined(__i386__)
TEST_F(SignalsDeathTest, OfABreakpointInACallbackReachTheProgramsHandler) {
    EXPECT_EXIT(call_back_with_handler(SIGTRAP, [] { __asm__ volatile("int3"); }), testing::ExitedWithCode(42), "");
}
#endif

#if defined(__linux__)
// Makes the system trap getppid in the calling thread, as sandboxes trap calls that they do not allow, and calls it.
void trap_getppid() {
    std::array<sock_filter, 4> program{sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                       sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
                                       sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
                                       sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog filter{program.size(), program.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        _exit(42);  // the system does not allow the filter
    syscall(SYS_getppid);
}

TEST_F(SignalsDeathTest, OfASystemCallThatIsTrappedReachTheProgramsHandler) {
    EXPECT_EXIT(call_back_with_handler(SIGSYS, trap_getppid), testing::ExitedWithCode(42), "");
}
#endif

// A profiler's timer interrupts the thread that is running.
TEST(Signals, OfAProfilerReachWhatRunsInACallback) {
    static std::atomic<int> samples;
    static thread_local volatile bool in_callback = false;
    samples = 0;
    struct sigaction action {};
    struct sigaction old {};
    action.sa_handler = [](int) {
        if (in_callback) ++samples;
    };
    ASSERT_EQ(sigaction(SIGPROF, &action, &old), 0);
    const itimerval every{.it_interval = {0, 1'000}, .it_value = {0, 1'000}};
    ASSERT_EQ(setitimer(ITIMER_PROF, &every, nullptr), 0);
    Handle handle([](nng_aio*) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        in_callback = true;
        while (samples == 0 && std::chrono::steady_clock::now() < deadline) {
        }
        in_callback = false;
    });
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    const itimerval never{};
    setitimer(ITIMER_PROF, &never, nullptr);
    EXPECT_GE(samples, 1);
    sigaction(SIGPROF, &old, nullptr);
}

TEST(Signals, OfTheCallerAreLeftAsTheyAre) {
    sigset_t before{};
    sigset_t after{};
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    {
        const Restarted library(two_workers());
        Handle handle;
        nng_sleep_aio(1, handle);
        nng_aio_wait(handle);
        pthread_sigmask(SIG_SETMASK, nullptr, &after);
        for (int signal = 1; signal < 32; ++signal)
            EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal)) << signal;
    }
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    for (int signal = 1; signal < 32; ++signal)
        EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal)) << signal;
}

std::atomic<int> handled{0};
std::atomic<int> handled_elsewhere{0};
std::atomic<pthread_t> tests_thread;

TEST(Signals, OfTheProcessNeverReachTheLibrarysThreads) {
    Handle handle([](nng_aio* aio) { nng_sleep_aio(1, aio); });
    nng_sleep_aio(1, handle);
    tests_thread = pthread_self();
    handled = 0;
    handled_elsewhere = 0;
    struct sigaction action {};
    struct sigaction old {};
    action.sa_handler = [](int) {
        ++handled;
        if (pthread_equal(pthread_self(), tests_thread) == 0) ++handled_elsewhere;
    };
    ASSERT_EQ(sigaction(SIGUSR1, &action, &old), 0);
    for (int i = 0; i < 100; ++i)
        kill(getpid(), SIGUSR1);  // the signal is delivered before kill returns, because all other threads block it
    EXPECT_EQ(handled, 100);
    EXPECT_EQ(handled_elsewhere, 0);
    sigaction(SIGUSR1, &old, nullptr);
    nng_aio_stop(handle);
}

TEST(Threads, OfTheLibraryAreNamedForIt) {
    std::string name;
    Handle handle([&](nng_aio*) { name = thread_name(); });
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_TRUE(name.starts_with("naio:")) << name;
}

TEST(Threads, ThatHaveNoSuchNameAreNotTheLibrarys) {
    { const Restarted once(two_workers()); }  // a sanitizer starts its own thread when the first thread starts
    bring_library_down();
    ASSERT_EQ(settled_threads(0), 0u);
    const std::size_t before = library_threads("").size();
    const Restarted library(two_workers());
    const std::size_t all = library_threads("").size() - before;
    EXPECT_EQ(settled_threads(all), all);
}

// --- fork ------------------------------------------------------------------------------------------------------

void exec_true() {
    execl("/bin/true", "true", static_cast<char*>(nullptr));
    _exit(1);
}

// In each test the library has operations in flight when the test forks.
class Fork : public testing::Test {
  protected:
    Fork() : timer_([](nng_aio* aio) { nng_sleep_aio(1, aio); }) {
        nng_sleep_aio(1, timer_);
        nng_sleep_aio(NNG_DURATION_INFINITE, sleeper_);
        EXPECT_TRUE(timer_.called_back());
    }

    ~Fork() override { expect_the_parent_to_go_on(); }

    void expect_the_parent_to_go_on() {
        EXPECT_TRUE(timer_.called_back(timer_.callbacks() + 2));
        Handle handle;
        nng_sleep_aio(1, handle);
        nng_aio_wait(handle);
        EXPECT_EQ(handle.results(), Results{NNG_OK});
    }

    nng_aio* sleeper() { return sleeper_; }

  private:
    // Ends the threads, after the handles. Otherwise ThreadSanitizer reports a worker that has left during a long test.
    struct Library {
        ~Library() { nng_fini(); }
    };
    Library library_;
    Handle timer_;
    Handle sleeper_;
};

TEST_F(Fork, LetsTheChildExit) {
    const Child child = in_a_forked_child([] { std::exit(0); });
    EXPECT_TRUE(child.exited()) << child.status << ' ' << child.said;
    EXPECT_EQ(child.said, "");
}

TEST_F(Fork, LetsTheChildExitAtOnce) {
    const Child child = in_a_forked_child([] { _exit(0); });
    EXPECT_TRUE(child.exited()) << child.status << ' ' << child.said;
}

TEST_F(Fork, LetsTheChildExec) {
    const Child child = in_a_forked_child(exec_true);
    EXPECT_TRUE(child.exited()) << child.status << ' ' << child.said;
}

TEST_F(Fork, LetsTheChildExitHoweverBusyTheParentIs) {
    Handle spinner([](nng_aio* aio) { nng_sleep_aio(0, aio); });
    nng_sleep_aio(0, spinner);
    for (int i = 0; i < 20; ++i) {
        const Child child = in_a_forked_child([] { std::exit(0); });
        ASSERT_TRUE(child.exited()) << child.status << ' ' << child.said;
    }
}

TEST_F(Fork, InACallbackLetsTheChildExitAndExec) {
    Handle handle([](nng_aio*) {
        const Child exited = in_a_forked_child([] { std::exit(0); });
        EXPECT_TRUE(exited.exited()) << exited.status << ' ' << exited.said;
        const Child executed = in_a_forked_child(exec_true);
        EXPECT_TRUE(executed.exited()) << executed.status << ' ' << executed.said;
    });
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.callbacks(), 1);
}

// Executes a program that prints its signal mask, and returns the text.
std::string mask_of_an_executed_program() {
    const Child child = in_a_forked_child([] {
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execl("/bin/grep", "grep", "SigBlk", "/proc/self/status", static_cast<char*>(nullptr));
        _exit(1);
    });
    EXPECT_TRUE(child.exited()) << child.status << ' ' << child.said;
    return child.said;
}

// A program that inherited the signal mask of the callback's thread could not be ended with SIGTERM.
TEST(ForkInACallback, ExecutesAProgramWithTheSignalsOfTheOneThatStartedTheLibrary) {
    sigset_t usr2{};
    sigset_t before{};
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &usr2, &before), 0);
    std::string found;
    {
        const Restarted library(two_workers());
        Handle handle([&](nng_aio*) { found = mask_of_an_executed_program(); });
        nng_aio_finish(handle, NNG_OK);
        nng_aio_wait(handle);
    }
    EXPECT_EQ(found, mask_of_an_executed_program());
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_F(Fork, RefusesTheChildANewHandle) {
    expect_refusal(in_a_forked_child([] { make_silent_handle().release(); }), "nng_aio_alloc");
}

TEST_F(Fork, RefusesTheChildAnInit) {
    expect_refusal(in_a_forked_child([] { nng_init(nullptr); }), "nng_init");
}

TEST_F(Fork, RefusesTheChildAStart) {
    Handle handle;
    expect_refusal(in_a_forked_child([&] { nng_aio_start(handle, nullptr, nullptr); }), "nng_aio_start");
}

TEST_F(Fork, RefusesTheChildAFinish) {
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    expect_refusal(in_a_forked_child([&] { operation.finish(); }), "nng_aio_finish");
    operation.finish();
}

TEST_F(Fork, RefusesTheChildASleep) {
    Handle handle;
    expect_refusal(in_a_forked_child([&] { nng_sleep_aio(1, handle); }), "nng_sleep_aio");
}

TEST_F(Fork, RefusesTheChildACancel) {
    expect_refusal(in_a_forked_child([&] { nng_aio_cancel(sleeper()); }), "nng_aio_cancel");
}

TEST_F(Fork, RefusesTheChildAWaitThatWouldNeverEnd) {
    expect_refusal(in_a_forked_child([&] { nng_aio_wait(sleeper()); }), "nng_aio_wait");
}

TEST_F(Fork, RefusesTheChildAnEmission) {
    naio_signal* signal = nullptr;
    ASSERT_EQ(naio_signal_alloc(&signal, 0), NNG_OK);
    expect_refusal(in_a_forked_child([&] { naio_signal_emit(signal, NAIO_CANCEL_TOTAL); }), "naio_signal_emit");
    naio_signal_free(signal);
}

TEST_F(Fork, RefusesTheChildTheForwardingOfARequest) {
    expect_refusal(in_a_forked_child([&] { naio_aio_forward(sleeper(), NAIO_CANCEL_TOTAL, NNG_ECANCELED); }),
                   "naio_aio_forward");
}

TEST_F(Fork, RefusesTheChildARunOfAQueue) {
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    expect_refusal(in_a_forked_child([&] { naio_queue_run(queue, 0); }), "naio_queue_run");
    naio_queue_free(queue);
}

TEST_F(Fork, RefusesTheChildTheSealOfAGroup) {
    Handle outer;
    naio_group* group = nullptr;
    ASSERT_EQ(naio_group_alloc(&group, 1), NNG_OK);
    ASSERT_TRUE(naio_group_start(group, outer, 1, 0, NAIO_CANCEL_TOTAL));
    expect_refusal(in_a_forked_child([&] { naio_group_seal(group); }), "naio_group_seal");
    naio_aio_finish(naio_group_aio(group, 0), NNG_OK, 0);
    naio_group_seal(group);
    nng_aio_wait(outer);
    naio_group_free(group);
}

TEST_F(Fork, RefusesTheChildTheEndOfAComposedOperation) {
    Handle outer;
    Child child{};
    const auto step = [](naio_op* op, void* arg, nng_err, std::size_t) {
        *static_cast<Child*>(arg) = in_a_forked_child([op] { naio_op_finish(op, NNG_OK, 0); });
        naio_op_finish(op, NNG_OK, 0);
    };
    ASSERT_EQ(naio_compose(outer, NAIO_CANCEL_TOTAL, step, nullptr, &child), NNG_OK);
    nng_aio_wait(outer);
    expect_refusal(child, "naio_op_finish");
}

TEST_F(Fork, LetsTheChildClearASlot) {
    naio_signal* signal = nullptr;
    ASSERT_EQ(naio_signal_alloc(&signal, 0), NNG_OK);
    int calls = 0;
    const auto count = [](void* arg, naio_cancel) {
        ++*static_cast<int*>(arg);
        return true;
    };
    naio_slot_assign(naio_signal_slot(signal), count, &calls);
    const Child child = in_a_forked_child([&] {
        alarm(10);
        naio_slot_clear(naio_signal_slot(signal));
        naio_signal_free(signal);
        std::exit(0);
    });
    EXPECT_TRUE(child.exited()) << child.status << ' ' << child.said;
    EXPECT_TRUE(naio_signal_emit(signal, NAIO_CANCEL_TOTAL));
    EXPECT_EQ(calls, 1);
    naio_signal_free(signal);
}

TEST_F(Fork, LetsTheChildGiveUpHandlesThatAreIdle) {
    Handle idle, reaped;
    const Child child = in_a_forked_child([&] {
        alarm(10);
        nng_aio_wait(idle);
        naio_aio_wait_until(idle, UINT64_MAX);
        naio_aio_close(idle);
        nng_aio_stop(idle);
        nng_aio_free(idle);
        nng_aio_reap(reaped);
        std::exit(0);
    });
    EXPECT_TRUE(child.exited()) << child.status << ' ' << child.said;
    EXPECT_EQ(child.said, "");
}

// When a child exits, destructors of static objects may stop and free handles that are busy in the parent.
TEST_F(Fork, LetsTheChildGiveUpHandlesThatAreBusyInTheParent) {
    const Child child = in_a_forked_child([&] {
        alarm(10);
        naio_aio_close(sleeper());
        nng_aio_stop(sleeper());
        nng_aio_free(sleeper());
        std::exit(0);
    });
    EXPECT_TRUE(child.exited()) << child.status << ' ' << child.said;
    EXPECT_EQ(child.said, "");
}

// The program's free function forks while the library goes down. At that moment some of the library's threads may have
// ended in the parent, and the child has none of them.
TEST(ForkOfALibraryThatGoesDown, RefusesTheChildAnInit) {
    static std::atomic<bool> goes_down;
    static std::atomic<int> forks;
    nng_init_params params = two_workers();
    params.malloc_fn = std::malloc;
    params.calloc_fn = std::calloc;
    params.free_fn = [](void* memory, std::size_t) {
        if (goes_down) {
            ++forks;
            const Child child = in_a_forked_child([] {
                alarm(10);
                nng_init(nullptr);
            });
            expect_refusal(child, "nng_init");
        }
        std::free(memory);
    };
    {
        const Restarted library(params);
        ASSERT_EQ(library.result(), NNG_OK);
        {
            Handle handle;
            nng_sleep_aio(0, handle);
            nng_aio_wait(handle);
        }
        goes_down = true;
    }
    goes_down = false;
    EXPECT_GE(forks, 1);
}

TEST(ForkOfALibraryThatIsDown, LetsTheChildUseIt) {
    {
        Handle handle;  // brings the library up, before the test brings it down
        nng_sleep_aio(0, handle);
        nng_aio_wait(handle);
    }
    bring_library_down();
    ASSERT_EQ(settled_threads(0), 0u);
    const Child child = in_a_forked_child([] {
        nng_aio* aio = nullptr;
        if (nng_aio_alloc(&aio, nullptr, nullptr) != NNG_OK) _exit(1);
        nng_sleep_aio(1, aio);
        nng_aio_wait(aio);
        if (nng_aio_result(aio) != NNG_OK) _exit(2);
        nng_aio_free(aio);
        nng_fini();
    });
    EXPECT_TRUE(child.exited()) << child.status << ' ' << child.said;
}

}  // namespace
}  // namespace conformance
