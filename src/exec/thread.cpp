#include "exec/thread.h"

#if defined(__FreeBSD__) || defined(__OpenBSD__)
#include <pthread_np.h>
#endif

#include <atomic>
#include <cstdio>

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

// All but those that a thread raises by its own fault: POSIX leaves undefined what happens if they are blocked, and
// Linux kills the process without its handler, so that no crash reporter would see the crash of a callback.
sigset_t all_from_outside() noexcept {
    sigset_t signals;
    sigfillset(&signals);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigdelset(&signals, fault);
    return signals;
}

sigset_t only(int signal) noexcept {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, signal);
    return signals;
}

}  // namespace

bool Thread::start(const char* name, Function function, void* argument) noexcept {
    cut(name_, name);
    return start_blocking(all_from_outside(), function, argument);
}

bool Thread::start_for_program(Function function, void* argument) noexcept {
    name_[0] = '\0';
    return start_blocking(only(SIGPIPE), function, argument);
}

bool Thread::start_blocking(const sigset_t& signals, Function function, void* argument) noexcept {
    function_ = function;
    argument_ = argument;
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    Lock lock(starting_);
    running_ = pthread_create(&thread_, nullptr, run, this) == 0;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return running_;
}

void* Thread::run(void* self) noexcept {
    auto& thread = *static_cast<Thread*>(self);
    { Lock until_complete(thread.starting_); }
    if (thread.name_[0] != '\0') set_own_name(thread.name_);
    thread.function_(thread.argument_);
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
    static constinit std::atomic<Id> latest{0};
    constinit thread_local Id own = 0;
    if (own == 0) [[unlikely]]
        own = latest.fetch_add(1, std::memory_order_relaxed) + 1;
    return own;
}

void Thread::set_own_name(const char* name) noexcept {
    char short_name[kNameSize];
    cut(short_name, name);
    name_thread(pthread_self(), short_name);
}

}  // namespace naio
