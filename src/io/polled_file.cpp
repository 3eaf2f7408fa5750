#include "io/polled_file.h"

#include <cerrno>

#include "base/fault.h"
#include "base/system_error.h"
#include "io/system_calls.h"
#include "io/vectors.h"
#include "io/without_signal.h"

namespace naio {

namespace {

bool has_bytes(const Aio& aio) noexcept { return !Vectors(aio).empty(); }

}  // namespace

// Calls use(fd), and completes the operation with the FileResult that the call returns, or with NNG_ECLOSED if the file
// is closed.
template <class Use>
void PolledFile::do_at_once(Aio& aio, Use use) noexcept {
    if (!aio.attempt_or_report()) return;
    FileResult result;
    const nng_err error = Descriptor::use([&](int fd) {
        result = use(fd);
        return result.error;
    });
    aio.finish({error, result.count});
}

// An operation without bytes does not wait in the queue, because readiness does not tell when such an operation is
// done.
void PolledFile::read(Aio& aio, Offset offset) noexcept {
    if (!offset && has_bytes(aio))
        return submit(Direction::kIn, NAIO_FAULT(pipe_read_waits_for_all) ? Kind::kWhole : Kind::kSingle, kTotal, aio);
    do_at_once(aio, [&](int fd) { return offset ? read_file(fd, Vectors(aio), offset) : FileResult{}; });
}

void PolledFile::write(Aio& aio, Offset offset) noexcept {
    if (!offset && has_bytes(aio)) return submit(Direction::kOut, Kind::kWhole, kTotal, aio);
    do_at_once(aio, [&](int fd) { return offset ? write_file(fd, Vectors(aio), offset) : FileResult{}; });
}

void PolledFile::sync(Aio& aio) noexcept {
    do_at_once(aio, [&](int fd) { return sync_file(fd); });
}

void PolledFile::status(Aio& aio, naio_file_status& to) noexcept {
    do_at_once(aio, [&](int fd) { return status_of_file(fd, to); });
}

Descriptor::Attempt PolledFile::take(Descriptor& self, Aio& aio) noexcept {
    auto& file = static_cast<PolledFile&>(self);
    Vectors into(aio);
    const ssize_t got = uninterrupted([&] { return system_calls.readv(file.fd(), into.data(), into.count()); });
    const auto count = static_cast<std::size_t>(got);
    if (got >= 0) return {.done = true, .count = count, .last = count < into.size()};
    if (errno == EBADF) return {.done = true, .result = NNG_EWRITEONLY};
    return failed_or_waiting(errno);
}

Descriptor::Attempt PolledFile::put(Descriptor& self, Aio& aio) noexcept {
    auto& file = static_cast<PolledFile&>(self);
    Vectors from(aio);
    const ssize_t done = without_sigpipe(
        [&] { return uninterrupted([&] { return system_calls.writev(file.fd(), from.data(), from.count()); }); });
    if (done >= 0) return {.done = true, .count = static_cast<std::size_t>(done)};
    if (errno == EBADF) return {.done = true, .result = NNG_EREADONLY};
    return failed_or_waiting(errno);
}

// ---- the end

void PolledFile::close(Aio& aio) noexcept {
    if (!aio.start(Cancellation{.guarantee = 0})) return;
    closer_ = &aio;
    free();
}

void PolledFile::free() noexcept {
    Descriptor::close();
    release();
}

void PolledFile::close_descriptor(int) noexcept {
    retain();
    if (how_ == Close::kOnQueue) return services_.closings.submit(closing_);
    Closing::call(closing_);
    Closing::ended(closing_, BlockingQueue::End::kReturned);
}

void PolledFile::Closing::call(Job& job) noexcept {
    auto& self = static_cast<Closing&>(job);
    self.result = close_file(self.file.fd());
}

// If the queue has not made the call, this thread closes the descriptor.
void PolledFile::Closing::ended(Job& job, BlockingQueue::End how) noexcept {
    auto& self = static_cast<Closing&>(job);
    if (how != BlockingQueue::End::kReturned) call(job);
    if (self.file.closer_ != nullptr) self.file.closer_->finish({self.result.error});
    self.file.release();
}

}  // namespace naio
