#include "io/files.h"

#include <cerrno>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include "base/references.h"
#include "base/system_error.h"
#include "io/file.h"
#include "io/system_calls.h"

namespace naio {

namespace {

constexpr const char* kCall = "naio_file_open";

constexpr unsigned kAll =
    NAIO_FILE_READ | NAIO_FILE_WRITE | NAIO_FILE_CREATE | NAIO_FILE_EXCLUSIVE | NAIO_FILE_TRUNCATE | NAIO_FILE_APPEND;

// As open takes them; nothing if they make no sense.
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

// An operation that is under way; the path is behind the object. The operation refers to it, and so does the job.
class Files::Opening final : public BlockingQueue::Job {
  public:
    [[nodiscard]] static Opening* create(Files& files, Aio& aio, const char* path, int flags, mode_t mode) noexcept {
        const std::size_t size = std::strlen(path) + 1;
        void* memory = files.allocator_.allocate(sizeof(Opening) + size);
        if (memory == nullptr) return nullptr;
        auto* file = files.allocator_.make<naio_file>(files.queue_, files.allocator_, files.calls_);
        if (file == nullptr) {
            files.allocator_.release(memory, sizeof(Opening) + size);
            return nullptr;
        }
        auto* opening = new (memory) Opening(files, aio, file, flags, mode, size);
        std::memcpy(opening->path(), path, size);
        return opening;
    }

    [[nodiscard]] Aio::Cancellation cancellation() noexcept {
        return {.guarantee = kTotal, .cancel = cancel, .release = release, .argument = this};
    }

    void destroy() noexcept {
        if (file_ != nullptr) file_->release();
        const Allocator& allocator = files_.allocator_;
        const std::size_t size = sizeof(Opening) + path_size_;
        this->~Opening();
        allocator.release(this, size);
    }

  private:
    Opening(Files& files, Aio& aio, naio_file* file, int flags, mode_t mode, std::size_t path_size) noexcept
        : Job(call, ended), files_(files), aio_(aio), file_(file), flags_(flags), mode_(mode), path_size_(path_size) {}

    [[nodiscard]] char* path() noexcept { return reinterpret_cast<char*>(this + 1); }

    static void call(Job& job) noexcept {
        auto& self = static_cast<Opening&>(job);
        const int descriptor =
            uninterrupted([&] { return self.files_.calls_.open(self.path(), self.flags_, self.mode_); });
        if (descriptor >= 0) {
            self.file_->set_descriptor(descriptor);
        } else {
            self.error_ = system_error(errno);
        }
    }

    static void ended(Job& job, BlockingQueue::End how) noexcept {
        auto& self = static_cast<Opening&>(job);
        if (how == BlockingQueue::End::kReturned) self.finish(self.error_);
        if (how == BlockingQueue::End::kNoThread) self.finish(NNG_ENOMEM);
        release(&self);
    }

    void finish(nng_err error) noexcept {
        if (error == NNG_OK) static_cast<void>(aio_.set_output(0, std::exchange(file_, nullptr)));
        aio_.finish_unlocked(error, 0, kCall);
    }

    static bool cancel(Aio* aio, void* opening, Types, nng_err reason) noexcept {
        auto& self = *static_cast<Opening*>(opening);
        if (!self.files_.queue_.withdraw(self)) return false;
        aio->finish(reason, kCall);
        return true;
    }

    static void release(void* opening) noexcept {
        auto& self = *static_cast<Opening*>(opening);
        if (self.references_.drop()) self.destroy();
    }

    Files& files_;
    Aio& aio_;
    naio_file* file_;
    const int flags_;
    const mode_t mode_;
    const std::size_t path_size_;
    nng_err error_ = NNG_OK;
    References references_{2};
};

void Files::open(Aio& aio, const char* path, unsigned flags, unsigned mode) noexcept {
    const auto how = system_flags(flags);
    if (!how) return aio.complete_if_open(NNG_EINVAL, kCall);
    Opening* opening = Opening::create(*this, aio, path, *how, static_cast<mode_t>(mode));
    if (opening == nullptr) return aio.complete_if_open(NNG_ENOMEM, kCall);
    if (aio.start(opening->cancellation(), kCall)) return queue_.submit(*opening);
    opening->destroy();
}

}  // namespace naio
