// A POSIX thread with a name, and with the program's signals kept away from it.
//
// One owner starts, names and joins. Memory for the thread itself comes from the system.
//
// Invariants:
//  1. The thread never runs, not for an instant, with a signal unblocked that is kept away from it: the starting thread
//     blocks all signals meanwhile, and the new one inherits that, until it sets its own mask.
//  2. The function begins when the object is complete: the new thread may use it at once, to name itself for one.
//  3. The object stays where it is from start to join or detach.
//  4. A child that the thread forks has the mask of the program's thread that started it, unless the thread has changed
//     its own mask before the fork.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <cstddef>
#include <cstdint>

#include "base/mutex.h"

namespace naio {

class Thread {
  public:
    using Function = void (*)(void*);
    static constexpr std::size_t kNameSize = 16;  // what Linux takes; longer names are cut

    Thread() noexcept = default;
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    // A thread of the library: blocks the signals that come from outside, but not those of its own faults, and SIGABRT,
    // SIGPROF and SIGVTALRM only if the caller blocks them. It has its name before `function` runs. False when the
    // system has no thread to give: nothing is left behind, and start may be tried again.
    [[nodiscard]] bool start(const char* name, Function function, void* argument) noexcept;

    // Starts a thread of the program: it has the caller's signal mask, with SIGPIPE blocked, and no name yet.
    [[nodiscard]] bool start_for_program(Function function, void* argument) noexcept;

    // Waits until the function has returned. Does nothing if there is no thread to wait for.
    void join() noexcept;

    // No thread will wait for this one. Once its function runs, it does not use the object any more.
    void detach() noexcept;

    // As far as the system can: macOS names only the calling thread.
    void set_name(const char* name) const noexcept;
    static void set_own_name(const char* name) noexcept;

    // Names the calling thread, also one of the program's. No other thread ever has the same. Not 0.
    using Id = std::uintptr_t;
    [[nodiscard]] static Id current() noexcept;

  private:
    using MaskFunction = sigset_t (*)(const sigset_t& starters);  // of the new thread

    static void* run(void* self) noexcept;
    bool start_with(MaskFunction mask_of, Function function, void* argument) noexcept;

    Mutex starting_;  // held until the object is complete
    pthread_t thread_{};
    bool running_ = false;
    Function function_ = nullptr;
    void* argument_ = nullptr;
    sigset_t mask_{};          // of the thread
    sigset_t program_mask_{};  // of the program's thread that started it, directly or through other threads
    char name_[kNameSize] = {};
};

}  // namespace naio
