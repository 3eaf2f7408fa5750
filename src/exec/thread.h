// A POSIX thread with a name, in which the signals that are meant for the program are blocked.
//
// One owner starts, names and joins the thread. The system provides the memory for the thread itself.
//
// Invariants:
//  1. A signal that the thread's mask blocks is never unblocked in the thread, not even when it starts. The starting
//     thread blocks all signals while it creates the thread; the new thread inherits this mask, and then sets its own.
//  2. The function begins after the object is complete, so that the new thread may use the object at once, for example
//     to name itself.
//  3. The object does not move between start and join or detach.
//  4. A child that the thread forks has the signal mask of the program's thread that started this one, unless the
//     thread has changed its own mask before the fork.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/mutex.h"
#include "base/now.h"

namespace naio {

class Thread {
  public:
    using Function = void (*)(void*);
    static constexpr std::size_t kNameSize = 16;  // the limit of Linux; longer names are cut

    Thread() noexcept = default;
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    // Starts a thread of the library. The thread blocks all signals, with two exceptions: it does not block those that
    // a thread raises by its own fault, and blocks SIGABRT, SIGPROF and SIGVTALRM only if the caller does. The thread
    // has its name before `function` runs. False if the system has no thread to give. In this case nothing is left
    // behind, and the owner may call start again.
    [[nodiscard]] bool start(const char* name, Function function, void* argument) noexcept;

    // Starts a thread of the program. The thread has the caller's signal mask, with SIGPIPE blocked, and no name yet.
    // Returns false on the same condition as start.
    [[nodiscard]] bool start_for_program(Function function, void* argument) noexcept;

    // Blocks until the function has returned. Does nothing if there is no thread to join.
    void join() noexcept;

    // Detaches the thread: no thread joins it. After its function has begun, the thread does not use this object any
    // more.
    void detach() noexcept;

    // Name the thread, or the calling thread, if the system can. macOS can name only the calling thread.
    void set_name(const char* name) const noexcept;
    static void set_own_name(const char* name) noexcept;
    // Returns the calling thread's name. The name is empty if the system has no call that returns it.
    [[nodiscard]] static std::array<char, kNameSize> own_name() noexcept;

    // Returns the id of the calling thread, which may be a thread of the program. The id is not 0, and no other thread
    // ever has the same id.
    using Id = std::uintptr_t;
    [[nodiscard]] static Id current() noexcept;

    // The processor time that a thread has used.
    class Clock {
      public:
        // Takes the clock of the calling thread.
        Clock() noexcept;
        // Returns the time; 0 if the system cannot tell. Any thread. REQUIRES: the clock's thread has not ended.
        [[nodiscard]] Nanoseconds used() const noexcept { return known_ ? read_clock(clock_) : 0; }

      private:
        clockid_t clock_{};
        bool known_ = false;
    };

  private:
    using MaskFunction = sigset_t (*)(const sigset_t& starters);  // returns the new thread's mask

    static void* run(void* self) noexcept;
    bool start_with(MaskFunction mask_of, Function function, void* argument) noexcept;

    Mutex starting_;  // held until the object is complete
    pthread_t thread_{};
    bool running_ = false;
    Function function_ = nullptr;
    void* argument_ = nullptr;
    sigset_t mask_{};          // the thread's mask
    sigset_t program_mask_{};  // the mask of the program's thread that started it, directly or through other threads
    char name_[kNameSize] = {};
};

}  // namespace naio
