// The lock on the directory of a socket's file. A listener holds the lock while it examines the file, replaces the file
// and listens, and while it removes its own file. Without the lock it could remove a file that another listener has
// just made.
//
// Each DirectoryLock opens the directory and locks it with flock(2). The lock belongs to the open file description, so
// it excludes other processes and other listeners of this process. The system releases it when the process dies. A wait
// for the lock has a limit, because other programs may take the lock, too, and keep it.
#pragma once

#include <nng/nng.h>

namespace naio {

class DirectoryLock {
  public:
    enum class State : unsigned char {
        kHeld,
        kBusy,        // another listener or program has held the lock during the whole wait
        kNotThere,    // the directory cannot be opened, or flock(2) does not work on it
        kNoResources  // the system lacks descriptors or memory; error() says which
    };

    // Locks the directory of the file at `path`. Blocks for `patience` milliseconds at most.
    DirectoryLock(const char* path, nng_duration patience) noexcept;
    ~DirectoryLock();
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;

    [[nodiscard]] State state() const noexcept { return state_; }
    [[nodiscard]] nng_err error() const noexcept { return error_; }

  private:
    [[nodiscard]] State acquire(nng_duration patience) noexcept;

    int fd_ = -1;
    State state_ = State::kNotThere;
    nng_err error_ = NNG_OK;
};

}  // namespace naio
