#include "io/files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "base/system_error.h"
#include "io/opening.h"
#include "io/polled_file.h"
#include "io/system_calls.h"
#include "io/threaded_file.h"
#include "loop/watchable.h"

namespace naio {

namespace {

constexpr unsigned kAll =
    NAIO_FILE_READ | NAIO_FILE_WRITE | NAIO_FILE_CREATE | NAIO_FILE_EXCLUSIVE | NAIO_FILE_TRUNCATE | NAIO_FILE_APPEND;

// Returns the flags for open(2), or std::nullopt if the NAIO_FILE flags are not valid.
std::optional<int> system_flags(unsigned flags) noexcept {
    const auto has = [flags](unsigned one) { return (flags & one) != 0; };
    const bool reads = has(NAIO_FILE_READ), writes = has(NAIO_FILE_WRITE);
    if ((flags & ~kAll) != 0 || !(reads || writes)) return std::nullopt;
    if (has(NAIO_FILE_EXCLUSIVE) && !has(NAIO_FILE_CREATE)) return std::nullopt;
    if (has(NAIO_FILE_TRUNCATE | NAIO_FILE_APPEND) && !writes) return std::nullopt;
    return (reads && writes ? O_RDWR
            : writes        ? O_WRONLY
                            : O_RDONLY) |
           (has(NAIO_FILE_CREATE) ? O_CREAT : 0) | (has(NAIO_FILE_EXCLUSIVE) ? O_EXCL : 0) |
           (has(NAIO_FILE_TRUNCATE) ? O_TRUNC : 0) | (has(NAIO_FILE_APPEND) ? O_APPEND : 0) | O_CLOEXEC | O_NOCTTY;
}

}  // namespace

void Files::open(Aio& aio, const char* path, unsigned flags, unsigned mode) noexcept {
    const auto how = system_flags(flags);
    if (!how) return aio.complete(NNG_EINVAL);
    Opening* opening = Opening::create(*this, aio, path, *how, static_cast<mode_t>(mode));
    if (opening == nullptr) return aio.complete(NNG_ENOMEM);
    opening->start();
}

nng_err Files::adopt(int descriptor, int flags, ThreadedFile*& prepared, File*& to) noexcept {
    struct stat status;
    bool polled = false;
    nng_err error = NNG_OK;
    if (system_calls.fstat(descriptor, &status) == 0 && is_stream(status)) error = is_watchable(descriptor, polled);
    if (error == NNG_OK && polled) error = adopt_polled(descriptor, status, to);
    if (error != NNG_OK) {
        close_file(descriptor);
    } else if (!polled) {
        prepared->set_descriptor(descriptor, (flags & O_APPEND) != 0);
        to = std::exchange(prepared, nullptr);
    }
    return error;
}

nng_err Files::adopt_polled(int descriptor, const struct stat& status, File*& to) noexcept {
    if (!set_nonblocking(descriptor)) return system_error(errno);
    Poller* poller = nullptr;
    const nng_err error = services_.pollers.next(poller);
    if (error != NNG_OK) return error;
    const auto how = S_ISFIFO(status.st_mode) ? PolledFile::Close::kOnPoller : PolledFile::Close::kOnQueue;
    const PolledFile::Services services{.closings = services_.openings, .allocator = services_.allocator};
    to = services_.allocator.create<PolledFile>(services, *poller, descriptor, how);
    return to != nullptr ? NNG_OK : NNG_ENOMEM;
}

}  // namespace naio
