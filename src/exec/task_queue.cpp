#include "exec/task_queue.h"

#include "exec/spin.h"
#include "exec/task_runner.h"

namespace naio {

bool TaskQueue::start(const Allocator& allocator, unsigned workers, const char* name) noexcept {
    allocator_ = &allocator;
    started_ = 0;
    workers_ = static_cast<Thread*>(allocator.allocate(workers * sizeof(Thread)));
    if (workers_ == nullptr) return false;
    capacity_ = workers;
    {
        Lock lock(mutex_);
        stopping_ = down_ = false;
    }
    for (unsigned i = 0; i < workers; ++i) new (&workers_[i]) Thread;
    while (started_ < workers) {
        if (!workers_[started_].start(name, work, this)) {
            stop();
            return false;
        }
        ++started_;
    }
    return true;
}

void TaskQueue::stop() noexcept {
    {
        Lock lock(mutex_);
        stopping_ = true;
        wake_ups_ += asleep_;
        looking_ += asleep_;
        asleep_ = 0;
        woken_.notify_all();
    }
    for (unsigned i = 0; i < started_; ++i) workers_[i].join();
    for (unsigned i = 0; i < capacity_; ++i) workers_[i].~Thread();
    allocator_->release(workers_, capacity_ * sizeof(Thread));
    workers_ = nullptr;
    started_ = capacity_ = 0;

    TaskList late;  // from threads that were about to submit when the last worker left
    {
        Lock lock(mutex_);
        down_ = true;
        late.take(queue_);
    }
    run_all(late);
}

void TaskQueue::run_all(TaskList& tasks) noexcept {
    while (Task* task = tasks.pop()) {
        if (Task* again = task->run()) tasks.push(*again);
    }
}

// Decides whether a sleeper has to be woken now; if so it counts as looking from here on.
bool TaskQueue::owe_wake_up() noexcept {
    if (queue_.empty() || asleep_ == 0 || looking_ != 0) return false;
    --asleep_;
    ++looking_;
    ++wake_ups_;
    return true;
}

void TaskQueue::submit(Task& task) noexcept {
    TaskList one;
    one.push(task);
    submit(one);
}

void TaskQueue::submit(TaskList& tasks) noexcept {
    if (tasks.empty()) return;
    TaskRunner* const runner = TaskRunner::current();
    if (runner != nullptr && runner->take(*this, tasks)) return;
    enqueue(tasks);
}

void TaskQueue::enqueue(Task& task) noexcept {
    TaskList one;
    one.push(task);
    enqueue(one);
}

void TaskQueue::enqueue(TaskList& tasks) noexcept {
    if (tasks.empty()) return;
    bool wake = false;
    bool down = false;
    {
        Lock lock(mutex_);
        down = down_;
        if (!down) {
            queue_.take(tasks);
            backlog_.store(true, std::memory_order_relaxed);
            wake = owe_wake_up();
        }
    }
    if (down) return run_all(tasks);
    // The queue outlives its users, so the notification need not keep the woken worker waiting for the lock.
    if (wake) woken_.notify_one();
}

void TaskQueue::work(void* self) noexcept {
    auto& queue = *static_cast<TaskQueue*>(self);
    CallOut from_here;
    Task* task = queue.next();
    while (task != nullptr) {
        Task* again = from_here.run(*task);
        task = again != nullptr ? queue.next_after(again) : queue.next();
    }
}

// The same task once more, but not before those who wait.
Task* TaskQueue::next_after(Task* again) noexcept {
    if (!backlog_.load(std::memory_order_relaxed)) return again;
    Lock lock(mutex_);
    queue_.push(*again);
    Task* task = queue_.pop();
    backlog_.store(!queue_.empty(), std::memory_order_relaxed);
    return task;
}

// Takes the next task, or sleeps until there is one; nullptr when the queue is stopped and empty.
Task* TaskQueue::next() noexcept {
    bool looking = false;
    bool looked = false;
    Task* task = nullptr;
    bool wake = false;
    {
        Lock lock(mutex_);
        while ((task = queue_.pop()) == nullptr && !stopping_) {
            if (!looking) {
                looking = true;
                ++looking_;
            }
            if (!looked) {
                looked = true;
                mutex_.unlock();
                look_around();
                mutex_.lock();
                continue;
            }
            --looking_;
            ++asleep_;
            while (wake_ups_ == 0) woken_.wait(mutex_);
            --wake_ups_;  // and whoever gave it has counted us as looking
        }
        if (looking) --looking_;
        backlog_.store(!queue_.empty(), std::memory_order_relaxed);
        wake = owe_wake_up();
    }
    if (wake) woken_.notify_one();
    return task;
}

void TaskQueue::look_around() noexcept {
    static_cast<void>(
        spin_until([this] { return backlog_.load(std::memory_order_relaxed); }, std::chrono::microseconds(3)));
}

}  // namespace naio
