// Calls a function at the end of each thread that has asked for the call, after the thread's own objects have been
// destroyed. The main thread does not end when it leaves main, so the function is not called at that moment.
#pragma once

#include <pthread.h>

#include "base/atomic.h"

namespace naio {

class ThreadEnd {
  public:
    // `ends` is called with the value that the thread has passed. If the system has no more keys, `ends` is never
    // called.
    explicit ThreadEnd(void (*ends)(void* value)) noexcept : works_(::pthread_key_create(&key_, ends) == 0) {}
    ThreadEnd(const ThreadEnd&) = delete;
    ThreadEnd& operator=(const ThreadEnd&) = delete;

    // Arranges that the function is called with `value`, which is not null, when the calling thread ends. False if the
    // system refuses.
    [[nodiscard]] bool notice_this_thread(void* value) const noexcept {
        return works_.load(std::memory_order_relaxed) && ::pthread_setspecific(key_, value) == 0;
    }

    // Stops calling the function at the ends of threads. Must be called before the function is unloaded.
    void ignore() noexcept {
        if (works_.exchange(false, std::memory_order_relaxed)) ::pthread_key_delete(key_);
    }

  private:
    pthread_key_t key_{};
    Atomic<bool> works_;
};

}  // namespace naio
