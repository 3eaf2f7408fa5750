// A dump: text about what the library does at this moment, for a user whose program hangs.
//
// Each service writes its own lines. It copies its state while it holds its lock, and writes the lines after it has
// unlocked, because they go to a function of the program, which may block or call the library. A debugger may call a
// dump while all other threads are stopped, and one of them may hold a lock. So a dump tries each lock only for a
// limited time. If it does not get the lock, it writes the name of the part that it skips.
//
// A Dump allocates nothing. Only one thread uses it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/mutex.h"

namespace naio {

// A line of text that is put together from parts. Text that does not fit is cut off.
class DumpLine {
  public:
    DumpLine() noexcept { text_[0] = '\0'; }
    void add(const char* format, ...) noexcept __attribute__((format(printf, 2, 3)));
    // Adds the name of a function (base/function_name.h). If `names` is false, adds the function's address.
    void add_function(const void* function, bool names) noexcept;
    // Adds a time in seconds, with three decimals.
    void add_seconds(std::int64_t milliseconds) noexcept;
    [[nodiscard]] const char* text() const noexcept { return text_; }

  private:
    char text_[512];
    std::size_t length_ = 0;
};

// The first characters of an object's name. They are copied while the object exists, because the name need not live
// longer.
class DumpName {
  public:
    // `name` may be nullptr: the object has no name.
    void copy(const char* name) noexcept;
    [[nodiscard]] bool empty() const noexcept { return text_[0] == '\0'; }
    // Adds the name in quotation marks, if there is one.
    void add_to(DumpLine& line) const noexcept;

  private:
    char text_[32] = {};
};

class Dump {
  public:
    using Write = void (*)(void* argument, const char* line);
    // Returns the handle whose task has this address, or nullptr if there is none. The task need not exist any more.
    using HandleOf = const void* (*)(Dump& dump, const void* task) noexcept;

    // `names` says whether the dump may ask the dynamic loader for the names of functions. A dump for a debugger does
    // not ask, because a thread that the debugger has stopped may hold the lock of the loader's list.
    Dump(Write write, void* argument, bool names, HandleOf handle_of) noexcept
        : write_(write), argument_(argument), names_(names), handle_of_(handle_of) {}

    void line(const char* format, ...) noexcept __attribute__((format(printf, 2, 3)));
    void line(const DumpLine& line) noexcept { write_(argument_, line.text()); }

    // Locks the mutex. False if that takes longer than kPatience.
    [[nodiscard]] static bool lock_soon(Mutex& mutex) noexcept NAIO_TRY_ACQUIRE(true, mutex);
    // Locks the mutex. If that takes longer than kPatience, writes that `what` is skipped, and returns false.
    [[nodiscard]] bool lock(Mutex& mutex, const char* what) noexcept NAIO_TRY_ACQUIRE(true, mutex);
    // Writes that `what` is skipped.
    void skip(const char* what) noexcept { line("%s: skipped, because the lock was not free for 100 ms", what); }

    [[nodiscard]] bool names() const noexcept { return names_; }
    [[nodiscard]] Nanoseconds begin() const noexcept { return begin_; }
    // Adds the address of a task's handle, or the task's address if the task has no handle. The task may have ended
    // already.
    void add_task(DumpLine& line, const void* task) noexcept;

  private:
    static constexpr Nanoseconds kPatience = 100 * kMillisecond;

    const Write write_;
    void* const argument_;
    const bool names_;
    const HandleOf handle_of_;
    const Nanoseconds begin_ = now();
};

}  // namespace naio
