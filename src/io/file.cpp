#include "io/file.h"

#include <utility>

using naio::BlockingQueue;
using naio::FileResult;
using naio::List;
using naio::Lock;

// Destroyed by its release, when nobody can ask it to end any more.
struct naio_file::Operation final : naio::ListNode {
    Operation(naio_file& target, nng_aio& handle, const Task& what, const char* name) noexcept
        : file(target), aio(handle), task(what), call(name) {}

    static bool cancel(nng_aio* aio, void* operation, naio_cancel, nng_err reason) noexcept;
    static void release(void* operation) noexcept;
    void finish() noexcept { aio.finish_unlocked(result.error, result.count, call); }

    naio_file& file;
    nng_aio& aio;
    const Task task;
    const char* const call;
    bool in_line = true;  // guarded by the file's lock
    FileResult result;
};

// Only while it waits.
bool naio_file::Operation::cancel(nng_aio* aio, void* operation, naio_cancel, nng_err reason) noexcept {
    auto& self = *static_cast<Operation*>(operation);
    {
        Lock lock(self.file.mutex_);
        if (!self.in_line) return false;
        self.unlink();
        self.in_line = false;
    }
    aio->finish(reason, self.call);
    return true;
}

void naio_file::Operation::release(void* operation) noexcept {
    auto& self = *static_cast<Operation*>(operation);
    naio_file& file = self.file;
    file.allocator_.destroy(&self);
    file.release();
}

void naio_file::read(nng_aio& aio, naio::Offset offset, const char* call) noexcept {
    const auto perform = [](naio_file& file, const Operation& operation) {
        return naio::read_file(file.calls_, file.descriptor_, naio::Vectors(operation.aio), operation.task.offset);
    };
    start(aio, {.perform = perform, .offset = offset}, call);
}

void naio_file::write(nng_aio& aio, naio::Offset offset, const char* call) noexcept {
    const auto perform = [](naio_file& file, const Operation& operation) {
        return naio::write_file(file.calls_, file.descriptor_, naio::Vectors(operation.aio), operation.task.offset);
    };
    start(aio, {.perform = perform, .offset = offset}, call);
}

void naio_file::sync(nng_aio& aio, const char* call) noexcept {
    const auto perform = [](naio_file& file, const Operation&) {
        return naio::sync_file(file.calls_, file.descriptor_);
    };
    start(aio, {.perform = perform}, call);
}

void naio_file::status(nng_aio& aio, naio_file_status& to, const char* call) noexcept {
    const auto perform = [](naio_file& file, const Operation& operation) {
        return naio::status_of_file(file.calls_, file.descriptor_, *operation.task.status);
    };
    start(aio, {.perform = perform, .status = &to}, call);
}

void naio_file::close(nng_aio& aio, const char* call) noexcept {
    const auto perform = [](naio_file& file, const Operation&) {
        const FileResult result = naio::close_file(file.calls_, file.descriptor_);
        file.descriptor_ = -1;
        file.release();  // the handle; the job has its own
        return result;
    };
    start(aio, {.perform = perform}, call);
}

void naio_file::start(nng_aio& aio, const Task& task, const char* name) noexcept {
    auto* operation = allocator_.make<Operation>(*this, aio, task, name);
    if (operation == nullptr) return aio.complete_if_open(NNG_ENOMEM, name);
    nng_aio::Start started;
    bool schedule = false;
    {
        Lock lock(mutex_);
        started = aio.try_start({.guarantee = naio::kTotal,
                                 .cancel = Operation::cancel,
                                 .release = Operation::release,
                                 .argument = operation},
                                name);
        if (started.in_flight) {
            line_.push_back(*operation);
            schedule = !scheduled_;
            scheduled_ = true;
            references_.add(schedule ? 2 : 1);
        }
    }
    if (schedule) return queue_.submit(*this);
    if (started.in_flight) return;
    allocator_.destroy(operation);
    if (started.refused) aio.report(started, name);
}

void naio_file::call(Job& job) noexcept {
    auto& file = static_cast<naio_file&>(job);
    {
        Lock lock(file.mutex_);
        file.current_ = file.line_.pop_front();
        if (file.current_ == nullptr) return;  // it was cancelled
        file.current_->in_line = false;
    }
    file.current_->result = file.current_->task.perform(file, *file.current_);
}

void naio_file::ended(Job& job, BlockingQueue::End how) noexcept {
    auto& file = static_cast<naio_file&>(job);
    if (how == BlockingQueue::End::kReturned) {
        file.end_current();
    } else {
        file.end_all();
    }
}

void naio_file::end_current() noexcept {
    if (Operation* done = std::exchange(current_, nullptr)) done->finish();
    bool more = false;
    {
        Lock lock(mutex_);
        more = scheduled_ = !line_.empty();
    }
    more ? queue_.submit(*this) : release();
}

// There is no thread to be had.
void naio_file::end_all() noexcept {
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
    while (Operation* each = all.pop_front()) each->finish();
    release();
}

void naio_file::release() noexcept {
    if (references_.drop()) allocator_.destroy(this);
}

naio_file::~naio_file() {
    if (descriptor_ >= 0) naio::close_file(calls_, descriptor_);
}
