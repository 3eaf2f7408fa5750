#include "loop/watchable.h"

#if defined(__linux__)
#include <sys/epoll.h>
#else
#include <sys/stat.h>
#endif
#include <unistd.h>

#include <cerrno>

#include "base/os.h"
#include "base/system_error.h"

namespace naio {

#if defined(__linux__)

nng_err is_watchable(int descriptor, bool& watchable) noexcept {
    const int epoll = os::epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) return system_error(errno);
    epoll_event event{};
    const int error = os::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : errno;
    os::close(epoll);
    watchable = error == 0;
    return error == EPERM ? NNG_OK : system_error(error);
}

#else

nng_err is_watchable(int descriptor, bool& watchable) noexcept {
    struct stat status;
    if (os::fstat(descriptor, &status) != 0) return system_error(errno);
    watchable = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || os::isatty(descriptor) != 0;
    return NNG_OK;
}

#endif

}  // namespace naio
