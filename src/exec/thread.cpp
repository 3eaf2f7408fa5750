#include "exec/thread.h"

#if defined(__FreeBSD__) || defined(__OpenBSD__)
#include <pthread_np.h>
#endif

#include <array>
#include <cstdio>

#include "base/atomic.h"
#include "base/fault.h"
#include "base/panic.h"

namespace naio {

namespace {

// Linux refuses names that are too long, so they are cut.
void cut(char (&short_name)[Thread::kNameSize], const char* name) noexcept {
    std::snprintf(short_name, sizeof(short_name), "%s", name);
}

void name_thread(pthread_t thread, const char* name) noexcept {
#if defined(__APPLE__)
    if (pthread_equal(thread, pthread_self())) pthread_setname_np(name);
#elif defined(__NetBSD__)
    pthread_setname_np(thread, "%s", const_cast<char*>(name));
#elif defined(__FreeBSD__) || defined(__OpenBSD__)
    pthread_set_name_np(thread, name);
#elif defined(__linux__)
    pthread_setname_np(thread, name);
#else
    static_cast<void>(thread), static_cast<void>(name);
#endif
}

// Removes from the mask the signals that a thread raises by its own fault. If such a signal is blocked, POSIX leaves
// the behaviour undefined; Linux kills the process without calling a handler, so that no crash reporter or sandbox of
// the program learns of the fault of a callback.
void unblock_faults(sigset_t& mask) noexcept {
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS}) sigdelset(&mask, signal);
#if defined(SIGEMT)
    sigdelset(&mask, SIGEMT);
#endif
}

// Signals that abort() and profilers send to the running thread. A program that waits for them with sigwait blocks them
// in all of its threads. Therefore a thread of the library blocks each of these that its starting thread blocks.
constexpr std::array kInherited{SIGABRT, SIGPROF, SIGVTALRM};

sigset_t all_signals() noexcept {
    sigset_t mask;
    sigfillset(&mask);
    return mask;
}

// Returns the signal mask of a thread of the library whose starting thread has the mask `starters`.
sigset_t library_mask(const sigset_t& starters) noexcept {
    sigset_t mask = all_signals();
    unblock_faults(mask);
    for (const int signal : kInherited)
        if (sigismember(&starters, signal) == 0) sigdelset(&mask, signal);
    return mask;
}

sigset_t program_mask(const sigset_t& starters) noexcept {
    sigset_t mask = starters;
    sigaddset(&mask, SIGPIPE);
    return mask;
}

sigset_t current_mask() noexcept {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    return mask;
}

bool same_mask(const sigset_t& one, const sigset_t& other) noexcept {
    constexpr int kAtLeastTheHighest = 128;
    for (int signal = 1; signal <= kAtLeastTheHighest; ++signal)
        if (sigismember(&one, signal) != sigismember(&other, signal)) return false;
    return true;
}

struct Masks {
    sigset_t own;      // the mask that the thread began with
    sigset_t program;  // the mask of the program's thread that started it, directly or through other threads
};
thread_local const Masks* masks_here = nullptr;  // nullptr in a thread that this class has not started

// Returns the signal mask for a process that the calling thread forks: that of the program's thread that started this
// one, directly or through other threads. If the calling thread has changed its mask since its start, a callback has
// chosen the mask; in this case returns the present mask.
sigset_t mask_for_programs() noexcept {
    const sigset_t current = current_mask();
    const bool untouched = masks_here != nullptr && same_mask(current, masks_here->own);
    return untouched && !NAIO_FAULT(fork_keeps_the_librarys_mask) ? masks_here->program : current;
}

// Runs in the child of each fork. The child often executes another program next. If that program inherited the
// library's mask, SIGTERM would be blocked in it and could not end it.
void restore_mask_in_child() noexcept {
    if (masks_here == nullptr) return;
    const sigset_t mask = mask_for_programs();
    pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

void watch_forks() noexcept {
    [[maybe_unused]] static const int registered = pthread_atfork(nullptr, nullptr, restore_mask_in_child);
}

}  // namespace

bool Thread::start(const char* name, Function function, void* argument) noexcept {
    cut(name_, name);
    return start_with(library_mask, function, argument);
}

bool Thread::start_for_program(Function function, void* argument) noexcept {
    name_[0] = '\0';
    return start_with(program_mask, function, argument);
}

bool Thread::start_with(MaskFunction mask_of, Function function, void* argument) noexcept {
    watch_forks();
    function_ = function;
    argument_ = argument;
    sigset_t before;
    const sigset_t all = all_signals();
    program_mask_ = mask_for_programs();
    pthread_sigmask(SIG_SETMASK, &all, &before);
    mask_ = mask_of(before);
    Lock lock(starting_);
    running_ = pthread_create(&thread_, nullptr, run, this) == 0;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return running_;
}

void* Thread::run(void* self) noexcept {
    auto& thread = *static_cast<Thread*>(self);
    { Lock until_complete(thread.starting_); }
    pthread_sigmask(SIG_SETMASK, &thread.mask_, nullptr);
    const Masks masks{.own = current_mask(), .program = thread.program_mask_};
    masks_here = &masks;
    if (thread.name_[0] != '\0') set_own_name(thread.name_);
    thread.function_(thread.argument_);
    masks_here = nullptr;
    return nullptr;
}

void Thread::join() noexcept {
    if (!running_) return;
    if (pthread_equal(thread_, pthread_self())) panic("a thread waits for its own end");
    if (pthread_join(thread_, nullptr) != 0) panic("a thread cannot be joined");
    running_ = false;
}

void Thread::detach() noexcept {
    if (!running_) return;
    if (pthread_detach(thread_) != 0) panic("a thread cannot be detached");
    running_ = false;
}

void Thread::set_name(const char* name) const noexcept {
    char short_name[kNameSize];
    cut(short_name, name);
    if (running_) name_thread(thread_, short_name);
}

Thread::Id Thread::current() noexcept {
    static constinit Atomic<Id> latest{0};
    constinit thread_local Id own = 0;
    if (own == 0) [[unlikely]]
        own = latest.fetch_add(1, std::memory_order_relaxed) + 1;
    return own;
}

#if defined(__APPLE__)
Thread::Clock::Clock() noexcept = default;
#else
Thread::Clock::Clock() noexcept : known_(pthread_getcpuclockid(pthread_self(), &clock_) == 0) {}
#endif

void Thread::set_own_name(const char* name) noexcept {
    char short_name[kNameSize];
    cut(short_name, name);
    name_thread(pthread_self(), short_name);
}

std::array<char, Thread::kNameSize> Thread::own_name() noexcept {
    std::array<char, kNameSize> name{};
#if defined(__linux__) || defined(__APPLE__)
    pthread_getname_np(pthread_self(), name.data(), name.size());
#endif
    return name;
}

}  // namespace naio
