#include "io/opening.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/system_error.h"
#include "io/polled_file.h"
#include "io/system_calls.h"
#include "io/threaded_file.h"

namespace naio {

namespace {

constexpr int kEffects = O_CREAT | O_EXCL | O_TRUNC;

}  // namespace

Opening::Opening(Files& files, Aio& aio, int flags, mode_t mode, std::size_t path_size) noexcept
    : files_(files),
      aio_(aio),
      flags_(flags),
      mode_(mode),
      path_size_(path_size),
      look_(*this, files.services().queue, look),
      wait_(*this, files.services().openings, wait) {}

Opening* Opening::create(Files& files, Aio& aio, const char* path, int flags, mode_t mode) noexcept {
    const Allocator& allocator = files.services().allocator;
    const std::size_t size = std::strlen(path) + 1;
    auto* opening = allocator.create_with_room<Opening>(size, files, aio, flags, mode, size);
    if (opening == nullptr) return nullptr;
    std::memcpy(opening->path(), path, size);
    opening->file_ = allocator.create<ThreadedFile>(files.services().queue, allocator);
    if (opening->file_ != nullptr) return opening;
    opening->destroy();
    return nullptr;
}

void Opening::start() noexcept {
    const Cancellation cancellation{
        .guarantee = kTotal, .cancel = cancel, .release = release, .argument = this, .own = true};
    if (aio_.start(cancellation)) return look_.queue.submit(look_);
    destroy();
}

void Opening::destroy() noexcept {
    if (file_ != nullptr) file_->free();
    files_.services().allocator.destroy_with_room(this, path_size_);
}

void Opening::release(void* self) noexcept {
    auto& opening = *static_cast<Opening*>(self);
    if (opening.references_.release()) opening.destroy();
}

// Abandons both steps and finishes the operation, unless the operation is committed or over. A step that is abandoned
// before it is submitted ends as soon as it is submitted.
bool Opening::cancel(Aio* aio, void* self, Types, nng_err reason) noexcept {
    auto& opening = *static_cast<Opening*>(self);
    if (!opening.leave(State::kOpen, State::kOver)) return false;
    for (Step* const step : {&opening.look_, &opening.wait_}) static_cast<void>(step->queue.abandon(*step));
    aio->finish({reason});
    return true;
}

// ---- on a thread of the queues

void Opening::look(BlockingQueue::Job& job) noexcept {
    Opening& self = static_cast<Step&>(job).opening;
    self.waits_ = self.may_hang();
    if (self.waits_) return;
    self.has_effects() ? self.open_with_effects() : self.open(self.flags_);
}

void Opening::wait(BlockingQueue::Job& job) noexcept {
    Opening& self = static_cast<Step&>(job).opening;
    const int harmless = self.flags_ & ~kEffects;
    self.open(harmless);
    if (harmless != self.flags_ && self.has_been_replaced()) self.open_with_effects();
}

bool Opening::may_hang() noexcept {
    struct stat status;
    if ((flags_ & O_EXCL) != 0) return false;
    return system_calls.stat(path(), &status) == 0 && is_stream(status);
}

// True if the open has found no file, or has opened a file that is neither a FIFO nor a character device. In the second
// case closes that file.
bool Opening::has_been_replaced() noexcept {
    struct stat status;
    if (descriptor_ < 0) return error_ == NNG_ENOENT;
    if (system_calls.fstat(descriptor_, &status) == 0 && is_stream(status)) return false;
    close_file(std::exchange(descriptor_, -1));
    return true;
}

bool Opening::has_effects() const noexcept { return (flags_ & kEffects) != 0; }

void Opening::open_with_effects() noexcept {
    if (leave(State::kOpen, State::kCommitted)) open(flags_);
}

void Opening::open(int flags) noexcept {
    descriptor_ = uninterrupted([&] { return system_calls.open(path(), flags, mode_); });
    error_ = descriptor_ < 0 ? system_error(errno) : NNG_OK;
}

void Opening::Step::ended(Job& job, BlockingQueue::End how) noexcept {
    Step& self = static_cast<Step&>(job);
    Opening& opening = self.opening;
    if (how == BlockingQueue::End::kNoThread) opening.error_ = NNG_ENOMEM;
    const bool more = how == BlockingQueue::End::kReturned && opening.waits_ && &self == &opening.look_;
    if (more) return opening.wait_.queue.submit(opening.wait_);
    opening.finish();
    Opening::release(&opening);
}

void Opening::finish() noexcept {
    if (!end()) {
        if (descriptor_ >= 0) close_file(descriptor_);
        return;
    }
    File* file = nullptr;
    if (error_ == NNG_OK) error_ = files_.adopt(descriptor_, flags_, file_, file);
    if (error_ == NNG_OK) static_cast<void>(aio_.set_output(0, file));
    aio_.finish({error_});
}

}  // namespace naio
