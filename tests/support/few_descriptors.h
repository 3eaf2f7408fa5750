// While a FewDescriptors exists, the process can open at most `more` further descriptors.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace support {

class FewDescriptors {
  public:
    explicit FewDescriptors(unsigned more) {
        getrlimit(RLIMIT_NOFILE, &before_);
        rlimit few = before_;
        few.rlim_cur = lowest_free() + more;
        setrlimit(RLIMIT_NOFILE, &few);
    }
    ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
    FewDescriptors(const FewDescriptors&) = delete;
    FewDescriptors& operator=(const FewDescriptors&) = delete;

  private:
    static rlim_t lowest_free() {
        const int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
        close(lowest);
        return static_cast<rlim_t>(lowest);
    }

    rlimit before_{};
};

}  // namespace support
