#include "io/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/clock.h"
#include "base/fault.h"
#include "base/os.h"
#include "base/system_error.h"
#include "io/system_calls.h"

namespace naio {

namespace {

void pause_for_a_millisecond() noexcept {
    constexpr timespec kPause = timespec_of(kMillisecond);
    os::nanosleep(&kPause, nullptr);
}

// Opens the directory of the file at `path`. Returns -1 and sets errno if the directory cannot be opened.
int open_directory_of(const char* path) noexcept {
    constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    const char* const slash = std::strrchr(path, '/');
    if (slash == nullptr) return os::open(".", kFlags);
    if (slash == path) return os::open("/", kFlags);
    char directory[sizeof(nng_sockaddr_path::sa_path)] = "";
    std::memcpy(directory, path, static_cast<std::size_t>(slash - path));
    return os::open(directory, kFlags);
}

bool is_lack_of_resources(int error) noexcept { return error == EMFILE || error == ENFILE || error == ENOMEM; }

}  // namespace

DirectoryLock::DirectoryLock(const char* path, nng_duration patience) noexcept : fd_(open_directory_of(path)) {
    if (fd_ >= 0) {
        state_ = acquire(patience);
    } else if (is_lack_of_resources(errno)) {
        error_ = system_error(errno);
        state_ = State::kNoResources;
    }
}

DirectoryLock::State DirectoryLock::acquire(nng_duration patience) noexcept {
    if (NAIO_FAULT(directory_is_not_locked)) return State::kHeld;
    for (nng_duration waited = 0;; ++waited) {
        if (uninterrupted([this] { return system_calls.flock(fd_, LOCK_EX | LOCK_NB); }) == 0) return State::kHeld;
        if (errno != EWOULDBLOCK) return State::kNotThere;
        if (waited >= patience) return State::kBusy;
        pause_for_a_millisecond();
    }
}

// Unlocks before it closes the descriptor, because a process that was forked in the meantime shares the open file
// description. If the destructor only closed its descriptor, that process would still hold the lock.
DirectoryLock::~DirectoryLock() {
    if (state_ == State::kHeld) system_calls.flock(fd_, LOCK_UN);
    if (fd_ >= 0) os::close(fd_);
}

}  // namespace naio
