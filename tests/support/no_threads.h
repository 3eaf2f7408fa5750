// While a NoThreads exists, the system creates no thread, because the default size of a stack is larger than the
// address space.
#pragma once

#include <pthread.h>

#include <cstddef>

#if defined(__GLIBC__)
namespace support {

class NoThreads {
  public:
    NoThreads() {
        pthread_getattr_default_np(&before_);
        pthread_attr_t huge;
        pthread_attr_init(&huge);
        pthread_attr_setstacksize(&huge, std::size_t{1} << (sizeof(void*) * 8 - 1));
        pthread_setattr_default_np(&huge);
        pthread_attr_destroy(&huge);
    }
    NoThreads(const NoThreads&) = delete;
    NoThreads& operator=(const NoThreads&) = delete;
    ~NoThreads() {
        pthread_setattr_default_np(&before_);
        pthread_attr_destroy(&before_);
    }

  private:
    pthread_attr_t before_;
};

}  // namespace support
#endif
