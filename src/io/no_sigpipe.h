// Writes to pipes without leaving a SIGPIPE behind. write(2) raises SIGPIPE in the calling thread if no reader has the
// pipe open. For sockets a flag prevents the signal (MSG_NOSIGNAL); for pipes there is no such flag.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <sys/types.h>

#include <cerrno>

#include "base/os.h"

namespace naio {

// Calls write(), which returns as write(2) does, and returns its result. Blocks SIGPIPE during the call. If the call
// raises the signal, this function removes the pending signal. A SIGPIPE that was pending before stays pending.
template <class Write>
[[nodiscard]] ssize_t without_sigpipe(Write write) noexcept {
    sigset_t sigpipe, before, pending;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    os::pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
    sigpending(&pending);
    const ssize_t done = write();
    const int error = errno;
    if (done < 0 && error == EPIPE && sigismember(&pending, SIGPIPE) == 0) {
        int taken = 0;
        sigpending(&pending);
        if (sigismember(&pending, SIGPIPE) == 1) sigwait(&sigpipe, &taken);
    }
    os::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return done;
}

}  // namespace naio
