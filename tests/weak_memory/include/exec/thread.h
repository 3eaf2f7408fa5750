// Takes the place of src/exec/thread.h: a thread that was started runs when a thread of the test calls run.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/mutex.h"

namespace naio {

class Thread {
  public:
    // No thread takes processor time.
    class Clock {
      public:
        [[nodiscard]] Nanoseconds used() const noexcept { return 0; }
    };

    using Function = void (*)(void*);
    using Id = std::uintptr_t;

    [[nodiscard]] bool start(const char*, Function function, void* argument) noexcept {
        function_ = function;
        argument_ = argument;
        return true;
    }
    void run() noexcept {
        function_(argument_);
        Lock lock(ends_);
        function_ = nullptr;
        ended_.notify_all();
    }
    void join() noexcept {
        Lock lock(ends_);
        while (function_ != nullptr) ended_.wait(ends_);
    }
    void detach() noexcept {}
    void set_name(const char*) const noexcept {}
    static void set_own_name(const char*) noexcept {}
    [[nodiscard]] static Id current() noexcept { return static_cast<Id>(rl::ctx().threadx_->index_) + 1; }

  private:
    // ends_ and ended_ are static, because the object may be destroyed as soon as the thread has ended.
    static inline Mutex ends_;
    static inline Condition ended_;

    Function function_ = nullptr;
    void* argument_ = nullptr;
};

}  // namespace naio
