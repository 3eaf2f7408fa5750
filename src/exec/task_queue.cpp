#include "exec/task_queue.h"

#include "exec/spin.h"
#include "exec/task_runner.h"

namespace naio {

bool TaskQueue::start(const Allocator& allocator, unsigned workers, const char* name) noexcept {
    allocator_ = &allocator;
    started_ = 0;
    workers_ = static_cast<Worker*>(allocator.allocate(workers * sizeof(Worker)));
    if (workers_ == nullptr) return false;
    capacity_ = workers;
    {
        Lock lock(mutex_);
        stopping_ = down_ = false;
    }
    for (unsigned i = 0; i < workers; ++i) (new (&workers_[i]) Worker)->queue = this;
    while (started_ < workers) {
        if (!workers_[started_].thread.start(name, work, &workers_[started_])) {
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
    for (unsigned i = 0; i < started_; ++i) workers_[i].thread.join();
    for (unsigned i = 0; i < capacity_; ++i) workers_[i].~Worker();
    allocator_->release(workers_, capacity_ * sizeof(Worker));
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
    if (asleep_ == 0 || looking_ != 0 || !anything_waits()) return false;
    --asleep_;
    ++looking_;
    ++wake_ups_;
    return true;
}

bool TaskQueue::anything_waits() noexcept {
    bool waits = !queue_.empty();
    for (unsigned i = 0; !waits && i < capacity_; ++i) waits = !workers_[i].batch.empty();
    return waits;
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
    auto& worker = *static_cast<Worker*>(self);
    TaskQueue& queue = *worker.queue;
    CallOut from_here;
    Task* task = queue.next(worker);
    while (task != nullptr) {
        Task* again = from_here.run(*task);
        ++worker.runs;
        task = again != nullptr ? queue.next_after(worker, *again) : worker.batch.pop();
        if (task == nullptr) task = queue.next(worker);
    }
}

// The same task once more, but not before those who wait.
Task* TaskQueue::next_after(Worker& self, Task& again) noexcept {
    const bool alone = self.batch.empty();
    const bool due = alone || self.runs >= Batch::kSize;
    Batch* const stalled = stalled_one(self);
    if (stalled != nullptr || (due && backlog_.load(std::memory_order_relaxed))) return exchange(self, again, stalled);
    if (alone) return &again;
    self.batch.push(again);
    return self.batch.pop();  // nullptr if thieves were faster
}

// What the worker has goes behind those who wait; then it takes anew. No more tasks wait than before, so no wake-up is
// owed.
Task* TaskQueue::exchange(Worker& self, Task& again, Batch* stalled) noexcept {
    Lock lock(mutex_);
    self.batch.give_back(queue_);
    queue_.push(again);
    return take(self, stalled);
}

// Takes the next task, or sleeps until there is one; nullptr when the queue is stopped and empty.
Task* TaskQueue::next(Worker& self) noexcept {
    bool looking = false;
    bool looked = false;
    Task* task = nullptr;
    bool wake = false;
    {
        Lock lock(mutex_);
        while ((task = take(self, stalled_one(self))) == nullptr && !stopping_) {
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
        wake = owe_wake_up();
    }
    if (wake) woken_.notify_one();
    return task;
}

// Fills the worker's batch, which is empty, and takes its first task; nullptr if there is none anywhere.
Task* TaskQueue::take(Worker& self, Batch* stalled) noexcept {
    if (stalled != nullptr) self.batch.steal(*stalled);
    if (self.batch.empty()) self.batch.fill(queue_);
    backlog_.store(!queue_.empty(), std::memory_order_relaxed);
    for (unsigned i = 0; self.batch.empty() && i < capacity_; ++i) self.batch.steal(workers_[i].batch);
    return self.batch.pop();
}

// Now and then, the batch of somebody who has taken nothing since it was looked at before. Workers whose tasks keep
// coming would otherwise never get to what waits behind a blocked callback.
Batch* TaskQueue::stalled_one(Worker& self) noexcept {
    if (self.runs < Batch::kSize) return nullptr;
    self.runs = 0;
    Batch& batch = workers_[self.watched].batch;
    const bool stands = batch.taken() == self.had_taken && !batch.empty();
    self.watched = (self.watched + 1) % capacity_;
    self.had_taken = workers_[self.watched].batch.taken();
    return stands ? &batch : nullptr;
}

void TaskQueue::look_around() noexcept {
    static_cast<void>(
        spin_until([this] { return backlog_.load(std::memory_order_relaxed); }, std::chrono::microseconds(3)));
}

}  // namespace naio
