// Has a function called at the end of each thread that asks for it, after the thread's own objects have been destroyed.
// The main thread does not end when it leaves main.
#pragma once

#include <pthread.h>

#include "base/atomic.h"

namespace naio {

class ThreadEnd {
  public:
    // If the system has no more keys, no end is noticed. `ends` is called with the value that the thread gave.
    explicit ThreadEnd(void (*ends)(void* value)) noexcept : works_(::pthread_key_create(&key_, ends) == 0) {}
    ThreadEnd(const ThreadEnd&) = delete;
    ThreadEnd& operator=(const ThreadEnd&) = delete;

    // Has the function called with `value`, which is not null, when the calling thread ends. False if it will not be.
    [[nodiscard]] bool notice_this_thread(void* value) const noexcept {
        return works_.load(std::memory_order_relaxed) && ::pthread_setspecific(key_, value) == 0;
    }

    // No later end is noticed. Must come before the function is unloaded.
    void ignore() noexcept {
        if (works_.exchange(false, std::memory_order_relaxed)) ::pthread_key_delete(key_);
    }

  private:
    pthread_key_t key_{};
    Atomic<bool> works_;
};

}  // namespace naio
