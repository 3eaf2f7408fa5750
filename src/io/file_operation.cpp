#include "io/file_operation.h"

#include <cerrno>
#include <limits>

#include "base/clock.h"
#include "base/system_error.h"
#include "io/system_calls.h"

namespace naio {

namespace {

FileResult result_of(int returned) noexcept { return {returned < 0 ? system_error(errno) : NNG_OK}; }

struct Errors {
    nng_err at_end;
    nng_err not_open_for_it;
};

// Calls transfer(piece, position) until nothing is left of the vectors, transfer fails or moves nothing, or go_on
// returns false.
template <class Transfer>
FileResult transfer_all(Vectors vectors, Offset offset, const Pieces& pieces, const Errors& errors,
                        Transfer transfer) noexcept {
    FileResult result;
    constexpr std::uint64_t kLast = std::numeric_limits<off_t>::max();
    if (offset > kLast) return {NNG_EINVAL};
    while (!vectors.empty()) {
        if (!pieces.go_on(pieces.argument, result.count)) {
            result.stopped = true;
            break;
        }
        const Vectors piece = vectors.first(pieces.size);
        const ssize_t done =
            uninterrupted([&] { return transfer(piece, static_cast<off_t>(offset.value_or(0) + result.count)); });
        if (done <= 0) {
            result.error = done == 0 ? errors.at_end : errno == EBADF ? errors.not_open_for_it : system_error(errno);
            break;
        }
        result.count += static_cast<std::size_t>(done);
        vectors.advance(static_cast<std::size_t>(done));
    }
    return result;
}

std::uint32_t kind_of(mode_t mode) noexcept {
    return S_ISREG(mode) ? NAIO_FILE_REGULAR : S_ISDIR(mode) ? NAIO_FILE_DIRECTORY : NAIO_FILE_OTHER;
}

std::int64_t modified(const struct stat& status) noexcept {
#if defined(__APPLE__)
    const timespec& time = status.st_mtimespec;
#else
    const timespec& time = status.st_mtim;
#endif
    return static_cast<Nanoseconds>(time.tv_sec) * kSecond + time.tv_nsec;
}

}  // namespace

FileResult read_file(int file, Vectors to, Offset offset, const Pieces& pieces) noexcept {
    return transfer_all(to, offset, pieces, {NNG_OK, NNG_EWRITEONLY}, [&](const Vectors& rest, off_t at) {
        return offset ? system_calls.preadv(file, rest.data(), rest.count(), at)
                      : system_calls.readv(file, rest.data(), rest.count());
    });
}

// If a write moves nothing and returns no error, the file takes no more bytes, so the result is NNG_ENOSPC.
FileResult write_file(int file, Vectors from, Offset offset, const Pieces& pieces) noexcept {
    return transfer_all(from, offset, pieces, {NNG_ENOSPC, NNG_EREADONLY}, [&](const Vectors& rest, off_t at) {
        return offset ? system_calls.pwritev(file, rest.data(), rest.count(), at)
                      : system_calls.writev(file, rest.data(), rest.count());
    });
}

FileResult sync_file(int file) noexcept {
    return result_of(uninterrupted([&] { return system_calls.fsync(file); }));
}

FileResult status_of_file(int file, naio_file_status& to) noexcept {
    struct stat status;
    if (system_calls.fstat(file, &status) < 0) return {system_error(errno)};
    to = {.size = static_cast<std::uint64_t>(status.st_size),
          .modified = modified(status),
          .kind = kind_of(status.st_mode),
          .mode = status.st_mode & 07777u};
    return {};
}

// Does not call close(2) again after EINTR. On most systems the interrupted call has closed the descriptor, and a
// second call could close a descriptor that another thread has opened in the meantime.
FileResult close_file(int file) noexcept {
    if (system_calls.close(file) == 0 || errno == EINTR) return {};
    return {system_error(errno)};
}

}  // namespace naio
