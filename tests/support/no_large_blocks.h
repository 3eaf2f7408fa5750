// While a NoLargeBlocks exists, malloc has no memory for blocks of 128 KiB and more. Smaller blocks come from memory
// that malloc has already.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NAIO_SANITIZER_HAS_ITS_OWN_MALLOC
#endif
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(NAIO_SANITIZER_HAS_ITS_OWN_MALLOC)
#define NAIO_CAN_REFUSE_LARGE_BLOCKS

#include <malloc.h>
#include <sys/resource.h>

namespace support {

class NoLargeBlocks {
  public:
    NoLargeBlocks() {
        mallopt(M_MMAP_THRESHOLD, 128 * 1024);  // malloc no longer raises the threshold when a block is freed
        malloc_trim(64 * 1024);
        getrlimit(RLIMIT_DATA, &before_);
        rlimit none = before_;
        none.rlim_cur = 1024 * 1024;  // less data than the process has already
        setrlimit(RLIMIT_DATA, &none);
    }
    ~NoLargeBlocks() { setrlimit(RLIMIT_DATA, &before_); }
    NoLargeBlocks(const NoLargeBlocks&) = delete;
    NoLargeBlocks& operator=(const NoLargeBlocks&) = delete;

  private:
    rlimit before_{};
};

}  // namespace support

#endif
