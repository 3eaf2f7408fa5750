#include "base/pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/fault.h"
#include "base/os.h"
#include "base/system_error.h"

namespace naio {

#if defined(__APPLE__)

namespace {

bool prepare(int end, PipeMode mode) noexcept {
    if (os::fcntl(end, F_SETFD, FD_CLOEXEC) != 0) return false;
    return mode == PipeMode::kBlocking || os::fcntl(end, F_SETFL, O_NONBLOCK) == 0;
}

}  // namespace

nng_err open_pipe(int (&ends)[2], PipeMode mode) noexcept {
    if (os::pipe(ends) != 0) return system_error(errno);
    if (prepare(ends[0], mode) && prepare(ends[1], mode)) return NNG_OK;
    const nng_err error = system_error(errno);
    for (const int end : ends) os::close(end);
    return error;
}

#else

nng_err open_pipe(int (&ends)[2], PipeMode mode) noexcept {
    const int flags =
        (NAIO_FAULT(pipes_are_inherited) ? 0 : O_CLOEXEC) | (mode == PipeMode::kNonBlocking ? O_NONBLOCK : 0);
    return os::pipe2(ends, flags) == 0 ? NNG_OK : system_error(errno);
}

#endif

}  // namespace naio
