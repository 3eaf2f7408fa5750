// Writes to pipes and files without the signal that a failed write raises in the calling thread. write(2) raises
// SIGPIPE if no reader has the pipe open, and SIGXFSZ if the file would become larger than the process may make it
// (RLIMIT_FSIZE). For sockets a flag prevents SIGPIPE (MSG_NOSIGNAL); for pipes and files there is no such flag.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <sys/types.h>

#include <cerrno>

#include "base/os.h"

namespace naio {

// Calls write(), which returns as write(2) does, and returns its result. Blocks the signal during the call. If the call
// fails with `failure` and raises the signal, this function removes the pending signal. If the signal was pending
// before, it stays pending.
template <class Write>
[[nodiscard]] ssize_t without_signal(int signal, int failure, Write write) noexcept {
    sigset_t blocked, before, pending;
    sigemptyset(&blocked);
    sigaddset(&blocked, signal);
    os::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    sigpending(&pending);
    const ssize_t done = write();
    const int error = errno;
    if (done < 0 && error == failure && sigismember(&pending, signal) == 0) {
        int taken = 0;
        sigpending(&pending);
        if (sigismember(&pending, signal) == 1) sigwait(&blocked, &taken);
    }
    os::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return done;
}

template <class Write>
[[nodiscard]] ssize_t without_sigpipe(Write write) noexcept {
    return without_signal(SIGPIPE, EPIPE, write);
}

template <class Write>
[[nodiscard]] ssize_t without_sigxfsz(Write write) noexcept {
    return without_signal(SIGXFSZ, EFBIG, write);
}

}  // namespace naio
