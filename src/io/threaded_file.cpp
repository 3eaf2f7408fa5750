#include "io/threaded_file.h"

#include <utility>

#include "base/fault.h"

namespace naio {

namespace {

// The max number of bytes of a piece. Smaller pieces would reduce the throughput; with larger pieces a request would
// take effect later.
constexpr std::size_t kPiece = std::size_t{1} << 20;

}  // namespace

// An operation on the file. Its release function destroys it, after the last call of its cancel function.
struct ThreadedFile::Operation final : ListNode {
    Operation(ThreadedFile& target, Aio& handle, const Task& what) noexcept : file(target), aio(handle), task(what) {}

    static bool cancel(Aio* aio, void* operation, Types, nng_err reason) noexcept;
    static void release(void* operation) noexcept;
    [[nodiscard]] bool may_go_on(std::size_t moved) noexcept;
    [[nodiscard]] Pieces pieces(std::size_t size) noexcept;
    void finish() noexcept { aio.finish({result.error, result.count}); }

    ThreadedFile& file;
    Aio& aio;
    const Task task;
    bool in_line = true;  // guarded by the file's lock
    FileResult result;
};

// Ends the operation if it waits in line. Otherwise the job has taken the operation, and notices the request before the
// next piece. If no piece follows, the request has no effect.
bool ThreadedFile::Operation::cancel(Aio* aio, void* operation, Types, nng_err reason) noexcept {
    auto& self = *static_cast<Operation*>(operation);
    {
        Lock lock(self.file.mutex_);
        if (!self.in_line) return true;
        self.unlink();
        self.in_line = false;
    }
    aio->finish({reason});
    return true;
}

// Narrows the guarantee for the next piece. False if an accepted request ends the operation before that piece.
bool ThreadedFile::Operation::may_go_on(std::size_t moved) noexcept {
    if (aio.permit(task.guarantee) == 0) return true;
    if (moved == 0) aio.permit(kTotal);
    return false;
}

Pieces ThreadedFile::Operation::pieces(std::size_t size) noexcept {
    const auto go_on = [](void* self, std::size_t moved) { return static_cast<Operation*>(self)->may_go_on(moved); };
    return {.size = size, .go_on = go_on, .argument = this};
}

void ThreadedFile::Operation::release(void* operation) noexcept {
    auto& self = *static_cast<Operation*>(operation);
    ThreadedFile& file = self.file;
    file.allocator_.destroy(&self);
    file.release();
}

void ThreadedFile::read(Aio& aio, Offset offset) noexcept {
    const auto perform = [](ThreadedFile& file, Operation& operation) {
        return read_file(file.descriptor_, Vectors(operation.aio), operation.task.offset, operation.pieces(kPiece));
    };
    start(aio, {.perform = perform, .guarantee = kPartial, .offset = offset});
}

// Bytes that are appended are written in one piece, because the system keeps the bytes of one call together.
void ThreadedFile::write(Aio& aio, Offset offset) noexcept {
    const auto perform = [](ThreadedFile& file, Operation& operation) {
        return write_file(
            file.descriptor_, Vectors(operation.aio), operation.task.offset,
            operation.pieces(file.appends_ || NAIO_FAULT(file_is_written_in_one_piece) ? Pieces::kAll : kPiece));
    };
    start(aio, {.perform = perform, .guarantee = kPartial, .offset = offset});
}

void ThreadedFile::sync(Aio& aio) noexcept {
    const auto perform = [](ThreadedFile& file, Operation&) { return sync_file(file.descriptor_); };
    start(aio, {.perform = perform});
}

void ThreadedFile::status(Aio& aio, naio_file_status& to) noexcept {
    const auto perform = [](ThreadedFile& file, Operation& operation) {
        return status_of_file(file.descriptor_, *operation.task.status);
    };
    start(aio, {.perform = perform, .status = &to});
}

void ThreadedFile::close(Aio& aio) noexcept {
    const auto perform = [](ThreadedFile& file, Operation&) {
        const FileResult result = close_file(file.descriptor_);
        file.descriptor_ = -1;
        file.release();  // the reference of the handle; the job has its own reference
        return result;
    };
    start(aio, {.perform = perform, .closes = true});
}

void ThreadedFile::start(Aio& aio, const Task& task) noexcept {
    auto* operation = allocator_.create<Operation>(*this, aio, task);
    if (operation == nullptr) {
        const bool closes = task.closes && !NAIO_FAULT(file_left_open);
        return closes ? close_unseen(aio) : aio.complete(NNG_ENOMEM);
    }
    Started started;
    bool schedule = false;
    {
        Lock lock(mutex_);
        started = aio.try_start({.guarantee = kTotal,
                                 .cancel = Operation::cancel,
                                 .release = Operation::release,
                                 .argument = operation,
                                 .own = true});
        if (started.in_flight) {
            line_.push_back(*operation);
            schedule = !scheduled_;
            scheduled_ = true;
            references_.retain(schedule ? 2 : 1);
        }
    }
    if (schedule) return queue_.submit(*this);
    if (started.in_flight) return;
    allocator_.destroy(operation);
    if (started.refused) aio.report(started);
}

// Closes the file if there is no memory for an operation in the line. The program must not use the file after
// naio_file_close, so it could not call naio_file_close again.
void ThreadedFile::close_unseen(Aio& aio) noexcept {
    if (!aio.start(Cancellation{.guarantee = 0})) return;
    release();
    aio.finish({NNG_ENOMEM});
}

void ThreadedFile::call(Job& job) noexcept {
    auto& file = static_cast<ThreadedFile&>(job);
    {
        Lock lock(file.mutex_);
        file.current_ = file.line_.pop_front();
        if (file.current_ == nullptr) return;  // a request has ended the operation that waited
        file.current_->in_line = false;
    }
    Operation& operation = *file.current_;
    const bool goes_on = operation.task.guarantee != 0 || operation.may_go_on(0);
    if (goes_on) operation.result = operation.task.perform(file, operation);
    if (!goes_on || operation.result.stopped) operation.result.error = operation.aio.reason();
}

void ThreadedFile::ended(Job& job, BlockingQueue::End how) noexcept {
    auto& file = static_cast<ThreadedFile&>(job);
    if (how == BlockingQueue::End::kReturned) {
        file.end_current();
    } else {
        file.end_all();
    }
}

void ThreadedFile::end_current() noexcept {
    if (Operation* done = std::exchange(current_, nullptr)) done->finish();
    bool more = false;
    {
        Lock lock(mutex_);
        more = scheduled_ = !line_.empty();
    }
    more ? queue_.submit(*this) : release();
}

// Ends all operations with NNG_ENOMEM, because the queue has no thread.
void ThreadedFile::end_all() noexcept {
    List<Operation> all;
    {
        Lock lock(mutex_);
        for (Operation* each = line_.front(); each != nullptr; each = line_.after(*each)) {
            each->in_line = false;
            each->result = {NNG_ENOMEM};
        }
        all.take(line_);
        scheduled_ = false;
    }
    while (Operation* each = all.pop_front()) {
        // Gives up the reference of the handle, as close does when it is performed.
        if (each->task.closes) release();
        each->finish();
    }
    release();
}

void ThreadedFile::release() noexcept {
    if (references_.release()) allocator_.destroy(this);
}

ThreadedFile::~ThreadedFile() {
    if (descriptor_ >= 0) close_file(descriptor_);
}

}  // namespace naio
