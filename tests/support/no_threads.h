// While a NoThreads exists, the system creates no thread, because the default size of a stack is larger than what is
// free of the address space.
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
        // Half of a 32-bit address space can be free, so this is 15 of 16 parts of the address space.
        pthread_attr_setstacksize(&huge, std::size_t{15} << (sizeof(void*) * 8 - 4));
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
