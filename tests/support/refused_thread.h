// While a RefusedThread exists, the system refuses one of the threads that are started. A program that includes this
// header is linked with --wrap=pthread_create, and includes it in one source only.
#pragma once

#if defined(NAIO_WRAPS_PTHREAD_CREATE)

#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>

namespace support {

class RefusedThread {
  public:
    // Refuses the `number`-th thread that is started from now on, counted from 1, after `delay`.
    RefusedThread(int number, std::chrono::nanoseconds delay) : left_(number), delay_(delay) { present = this; }
    ~RefusedThread() { present = nullptr; }
    RefusedThread(const RefusedThread&) = delete;
    RefusedThread& operator=(const RefusedThread&) = delete;

    static bool refuses() {
        RefusedThread* const self = present;
        if (self == nullptr || --self->left_ != 0) return false;
        std::this_thread::sleep_for(self->delay_);
        return true;
    }

  private:
    inline static std::atomic<RefusedThread*> present = nullptr;

    std::atomic<int> left_;
    const std::chrono::nanoseconds delay_;
};

}  // namespace support

extern "C" {

int __real_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

// The linker sends the library's calls of pthread_create here.
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* how, void* (*function)(void*), void* argument) {
    if (support::RefusedThread::refuses()) return EAGAIN;
    return __real_pthread_create(thread, how, function, argument);
}

}  // extern "C"

#endif
