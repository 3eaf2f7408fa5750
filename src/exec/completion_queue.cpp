#include "exec/completion_queue.h"

#include <new>

#include "exec/thread.h"

using naio::Lock;
using naio::Task;

naio_queue* naio_queue::create(const naio::Allocator& allocator) noexcept {
    void* memory = allocator.allocate(sizeof(naio_queue));
    return memory != nullptr ? new (memory) naio_queue(allocator) : nullptr;
}

naio_queue::naio_queue(const naio::Allocator& allocator) noexcept
    : allocator_(allocator), runner_(naio::Thread::current()) {}

void naio_queue::release() noexcept {
    if (references_.drop()) allocator_.destroy(this);
}

bool naio_queue::is_runner() const noexcept {
    return runner_.load(std::memory_order_relaxed) == naio::Thread::current();
}

bool naio_queue::empty() noexcept {
    Lock lock(mutex_);
    return waiting_ == 0;
}

int naio_queue::descriptor() noexcept {
    Lock lock(mutex_);
    return ready_.open(waiting_ != 0);
}

// The runner may free the queue as soon as it has run the task: so notify under the lock.
void naio_queue::push(Task& task) noexcept {
    Lock lock(mutex_);
    tasks_.push(task);
    if (waiting_++ == 0) ready_.raise();
    changed_.notify_all();
}

void naio_queue::interrupt() noexcept {
    Lock lock(mutex_);
    ++interruptions_;
    changed_.notify_all();
}

std::uint64_t naio_queue::interruptions() noexcept {
    Lock lock(mutex_);
    return interruptions_;
}

void naio_queue::become_runner() noexcept { runner_.store(naio::Thread::current(), std::memory_order_relaxed); }

Task* naio_queue::pop() noexcept {
    Task* task = tasks_.pop();
    if (task != nullptr && --waiting_ == 0) ready_.lower();
    return task;
}

// The callback may give up the queue: whoever runs it has a reference.
void naio_queue::run_popped(Task& task) noexcept {
    if (Task* again = task.run()) push(*again);
}

bool naio_queue::run_one(std::int64_t deadline, std::uint64_t interruptions) noexcept {
    become_runner();
    Task* task = nullptr;
    {
        Lock lock(mutex_);
        while (waiting_ == 0 && interruptions_ == interruptions && changed_.wait_until(mutex_, deadline)) {
        }
        task = pop();
        if (task == nullptr) return interruptions_ != interruptions;
    }
    refer();
    run_popped(*task);
    release();
    return true;
}

std::size_t naio_queue::run(std::int64_t deadline) noexcept {
    become_runner();
    std::size_t most = 0;
    {
        Lock lock(mutex_);
        while (waiting_ == 0 && changed_.wait_until(mutex_, deadline)) {
        }
        most = waiting_;
    }
    refer();
    std::size_t count = 0;
    while (count < most) {
        Task* task = nullptr;
        {
            Lock lock(mutex_);
            task = pop();
        }
        if (task == nullptr) break;  // a callback has waited, and the others were run meanwhile
        ++count;
        run_popped(*task);
    }
    release();
    return count;
}
