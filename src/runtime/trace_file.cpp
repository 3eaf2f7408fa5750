#include "runtime/trace_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/dump.h"
#include "base/now.h"
#include "base/os.h"
#include "base/probe.h"
#include "io/without_signal.h"

namespace naio::trace {

bool File::open(const char* path) noexcept {
    Lock lock(mutex_);
    const int error = open_locked(path);
    if (error == 0) return true;
    close_locked();
    refusal_.store(error, std::memory_order_relaxed);
    return false;
}

// Returns 0, or the errno that says why the file cannot be written.
int File::open_locked(const char* path) noexcept {
    // O_NONBLOCK: the open of a FIFO without a reader fails, and does not block nng_init.
    fd_ = os::open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
    if (fd_ < 0) return errno;
    // A program that this one starts has NAIO_TRACE, too. The lock keeps it from writing into this trace. A file system
    // may have no locks, so only a lock of another process is an error.
    if (os::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return EBUSY;
    full_ = false;
    // Begins a new array if the file of an earlier trace is gone.
    struct stat status {};
    if (os::fstat(fd_, &status) != 0 || status.st_size < position_) position_ = 0;
    truncate();
    if (position_ != 0) return 0;
    if (begin_ == 0) begin_ = now();
    return append(
        "[\n{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"threads\"}},"
        "\n{\"ph\":\"M\",\"pid\":2,\"name\":\"process_name\",\"args\":{\"name\":\"handles\"}}");
}

void File::close() noexcept {
    Lock lock(mutex_);
    const off_t end = position_;
    if (end != 0) static_cast<void>(append("\n]\n"));
    position_ = end;
    close_locked();
}

// Unlocks the file explicitly, because a forked child may have the descriptor, too, and would keep the lock.
void File::close_locked() noexcept {
    if (fd_ < 0) return;
    os::flock(fd_, LOCK_UN);
    os::close(fd_);
    fd_ = -1;
}

void File::put(std::string_view text) noexcept {
    Lock lock(mutex_);
    put_locked(text);
}

bool File::put_soon(std::string_view text) noexcept {
    if (!Dump::lock_soon(mutex_)) return false;
    put_locked(text);
    mutex_.unlock();
    return true;
}

void File::put_locked(std::string_view text) noexcept {
    if (full_) return;
    const int error = append(text);
    if (error == 0) return;
    full_ = true;
    Trace::set(nullptr);
    refusal_.store(error, std::memory_order_relaxed);
}

int File::take_refusal() noexcept {
    if (refusal_.load(std::memory_order_relaxed) == 0) return 0;
    return refusal_.exchange(0, std::memory_order_relaxed);
}

// Writes the text at the end of the file. Returns 0, or the errno of the write that has failed; then none of the text
// is in the file, so that the file keeps whole events only, and has room for the end of the array.
int File::append(std::string_view text) noexcept {
    const off_t begin = position_;
    const int error = write(text);
    if (error == 0) return 0;
    position_ = begin;
    truncate();
    return error;
}

// Removes what the file has after position_. A device has nothing to remove.
void File::truncate() noexcept { [[maybe_unused]] const int done = os::ftruncate(fd_, position_); }

int File::write(std::string_view text) noexcept {
    while (!text.empty()) {
        iovec piece{const_cast<char*>(text.data()), text.size()};
        const ssize_t count =
            without_sigxfsz([&piece, fd = fd_, at = position_] { return os::pwritev(fd, &piece, 1, at); });
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return count < 0 ? errno : ENOSPC;
        text.remove_prefix(static_cast<std::size_t>(count));
        position_ += count;
    }
    return 0;
}

}  // namespace naio::trace
