#include "exec/task_queue.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/order.h"
#include "base/probe.h"
#include "exec/spin.h"
#include "exec/task_runner.h"
#include "exec/worker.h"

namespace naio {

// A worker that has run out of tasks spins for kLook. Often a callback submits more tasks within this time, or a
// callback ends and a thread that waited for its end submits some. kNap is the length of a nap.
constexpr std::chrono::microseconds kLook{3};
constexpr std::chrono::microseconds kNap{50};

namespace {

Nanoseconds now_and(std::chrono::nanoseconds later) noexcept { return now() + later.count(); }

}  // namespace

void TaskQueue::run_all(TaskList& tasks) noexcept {
    while (Task* task = tasks.pop()) {
        if (Task* again = task->run()) tasks.push(*again);
    }
}

void TaskQueue::become(Worker& worker, State state) noexcept {
    --count(worker.state);
    ++count(state);
    worker.state = state;
    publish();
}

bool TaskQueue::attended() noexcept {
    return count(State::kLooks) != 0 || (count(State::kNaps) != 0 && count(State::kRuns) != 0);
}

void TaskQueue::publish() noexcept {
    const bool can_be_told = !resting_.empty() || (monitor_ != nullptr && !asked_);
    const bool unattended = can_be_told && !attended();
    if (unattended != unattended_.load(std::memory_order_relaxed))
        unattended_.store(unattended, NAIO_ORDER(unattended_store, seq_cst));  // store-load pair: see Inbox::empty
}

// Returns a worker if one has to be woken now, for a task or to join a worker that has left; otherwise nullptr. The
// worker counts as looking from here on, and the caller must notify it. If no worker rests, asks the monitor instead,
// but only for a task.
TaskQueue::Worker* TaskQueue::owe_wake_up() noexcept {
    if (!unattended_.load(std::memory_order_relaxed)) return nullptr;
    const bool gone = last_gone_ != nullptr && !joins_ && !resting_.empty();
    if (!gone && !anything_waits()) return nullptr;
    if (resting_.empty()) {
        ask_monitor();
        return nullptr;
    }
    notifiers_.fetch_add(1, std::memory_order_relaxed);
    return &rouse(*resting_.pop_front());
}

TaskQueue::Worker& TaskQueue::rouse(Worker& worker) noexcept {
    worker.woken = true;
    become(worker, State::kLooks);
    return worker;
}

// Notifies a worker that rouse has marked as woken. The caller does not hold the lock, so that the worker need not wait
// for the lock. The release pairs with the acquire in stop; otherwise stop could free the worker's slot before this
// thread has notified the worker.
void TaskQueue::notify(Worker* worker) noexcept {
    if (worker == nullptr) return;
    worker->wake.notify_one();
    notifiers_.fetch_sub(1, NAIO_ORDER(notifier_leaves, release));
}

bool TaskQueue::anything_waits() noexcept {
    bool waits = !queue_.empty() || !inbox_.empty();
    for (Worker* worker = first_; !waits && worker != nullptr; worker = worker->next.load(std::memory_order_relaxed))
        waits = !worker->batch.empty();
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
    bool attended = false;
    if (NAIO_FAULT(submit_looks_before_it_pushes)) attended = !unattended_.load(std::memory_order_relaxed);
    if (!inbox_.push(tasks)) return run_all(tasks);
    if (attended || !unattended_.load(NAIO_ORDER(unattended_load, seq_cst))) return;  // see Inbox::empty
    Worker* wake = nullptr;
    {
        Lock lock(mutex_);
        wake = owe_wake_up();
    }
    notify(wake);
}

void TaskQueue::work(void* self) noexcept {
    auto& worker = *static_cast<Worker*>(self);
    TaskQueue& queue = worker.queue;
    Post post(worker);
    CallOut from_here;
    queue.arrive(worker, from_here);
    Task* task = queue.next(worker);
    while (task != nullptr) {
        Task* again = from_here.run(*task);
        ++worker.runs;
        task = again != nullptr ? queue.next_after(worker, *again) : worker.batch.pop();
        if (task == nullptr) task = queue.next(worker);
    }
    queue.join_former(worker);
}

// Returns the task to run after `again` has asked to run again: a task that waits, or `again` itself. nullptr if other
// workers have stolen the batch; the caller then calls next.
Task* TaskQueue::next_after(Worker& self, Task& again) noexcept {
    const bool looks = self.runs >= Batch::kSize;
    Batch* const stalled = looks ? stalled_one(self) : nullptr;
    const bool alone = self.batch.empty();
    if (stalled != nullptr || ((looks || alone) && backlog())) return exchange(self, again, stalled);
    if (alone) return &again;
    self.batch.push(again);
    return self.batch.pop();  // nullptr if other workers have stolen all
}

// Moves the worker's batch and `again` behind the tasks of the queue, and takes the next task as take does. The caller
// need not wake another worker, because no more tasks wait than before.
Task* TaskQueue::exchange(Worker& self, Task& again, Batch* stalled) noexcept {
    Lock lock(mutex_);
    inbox_.take(queue_);
    self.batch.give_back(queue_);
    queue_.push(again);
    return take(self, stalled);
}

// Takes the next task, and blocks until there is one. Returns nullptr when the queue is stopped and empty, or when the
// worker leaves.
Task* TaskQueue::next(Worker& self) noexcept {
    Task* task = nullptr;
    Worker* wake = nullptr;
    {
        Lock lock(mutex_);
        if (staff() > limits_.max && !stopping_) {
            leave(self);  // other workers have started while this one waited inside the library
        } else {
            task = take(self, self.runs >= Batch::kSize ? stalled_one(self) : nullptr);
            if (task == nullptr) task = wait(self);
            if (self.state == State::kLooks) become(self, State::kRuns);
        }
        if (task == nullptr) show_no_more(self);
        if (!NAIO_FAULT(worker_wakes_no_other)) wake = owe_wake_up();
    }
    notify(wake);
    return task;
}

// Fills the worker's batch, which is empty, and takes the first task. The batch gets all tasks of `stalled` if that is
// not nullptr and has any; otherwise tasks of inbox and queue; otherwise half of another batch. Returns nullptr if no
// task waits in any of them.
Task* TaskQueue::take(Worker& self, Batch* stalled) noexcept {
    if (stalled != nullptr && self.batch.steal_all(*stalled)) ++batches_stolen_;
    if (self.batch.empty()) {
        inbox_.take(queue_);
        self.batch.fill(queue_);
    }
    backlog_.store(!queue_.empty(), std::memory_order_relaxed);
    for (Worker* other = first_; self.batch.empty() && other != nullptr;
         other = other->next.load(std::memory_order_relaxed))
        if (self.batch.steal_half(other->batch)) ++batches_stolen_;
    return self.batch.pop();
}

Task* TaskQueue::wait(Worker& self) noexcept {
    become(self, State::kLooks);
    mutex_.unlock();
    TaskRunner::current()->notify_due();
    static_cast<void>(spin_until([this] { return backlog(); }, kLook));
    mutex_.lock();
    Task* task = take(self, nullptr);
    while (task == nullptr && !stopping_) {
        if (last_gone_ != nullptr && !joins_) {
            join_last_gone(self);
            task = take(self, nullptr);
            continue;
        }
        const bool rested_long = rest(self);
        task = take(self, nullptr);
        if (task != nullptr || !rested_long || stopping_ || staff() <= limits_.min) continue;
        leave(self);
        break;
    }
    return task;
}

// Sleeps until the worker is woken. While other workers run and take tasks, the worker only naps, because they would
// need more time to wake it than to run their tasks. True if the worker has slept for `idle` without being woken.
bool TaskQueue::rest(Worker& self) noexcept {
    const bool naps = others_proceed(self);
    self.woken = false;
    resting_.push_front(self);
    become(self, naps ? State::kNaps : State::kSleeps);
    bool in_time = true;
    if (anything_waits() && !NAIO_FAULT(rest_does_not_look_again)) {
        // A task was submitted before its submitter could see that this worker rests.
    } else if (naps) {
        self.wake.wait_for(mutex_, kNap);
    } else {
        const Parked parked(nullptr);
        const Nanoseconds deadline = staff() > limits_.min ? now_and(limits_.idle) : kNever;
        while (!self.woken && in_time) in_time = self.wake.wait_until(mutex_, deadline);
    }
    if (self.woken) return false;
    self.unlink();
    become(self, State::kLooks);
    return !in_time;
}

bool TaskQueue::others_proceed(Worker& self) noexcept {
    std::size_t taken = 0;
    for (Worker* worker = first_; worker != nullptr; worker = worker->next.load(std::memory_order_relaxed))
        taken += worker->batch.taken();
    const bool more = taken != self.had_taken_all;
    self.had_taken_all = taken;
    return more && count(State::kRuns) != 0;
}

// Looks at the batch of the watched worker, and chooses the worker to watch next. Returns the batch if it has tasks and
// none was taken from it since the last look; otherwise nullptr. Without these looks, workers that always have tasks of
// their own would never take the tasks that wait behind a blocked callback. Called once in Batch::kSize runs.
Batch* TaskQueue::stalled_one(Worker& self) noexcept {
    self.runs = 0;
    Batch& batch = self.watched->batch;
    const bool stands = batch.taken() == self.had_taken && !batch.empty();
    self.watched = next_to_watch(self);
    self.had_taken = self.watched->batch.taken();
    return stands ? &batch : nullptr;
}

// Returns the next worker, in the order of slots, that has tasks in its batch. Tries four workers at most, and returns
// the fourth if none has tasks, because a look at many workers takes longer than some tasks.
TaskQueue::Worker* TaskQueue::next_to_watch(const Worker& self) const noexcept {
    Worker* at = self.watched;
    for (int glances = 0; glances < 4; ++glances) {
        at = after(*at);
        if (at != &self && !at->batch.empty()) break;
    }
    return at;
}

// Returns the worker of the next slot. The first slot follows the last one. Needs no lock, because slots are freed only
// by stop(). The acquire load pairs with the release store in claim_slot; otherwise a worker could read a slot that is
// not yet constructed.
TaskQueue::Worker* TaskQueue::after(const Worker& worker) const noexcept {
    Worker* const next = worker.next.load(NAIO_ORDER(next_worker, acquire));
    return next != nullptr ? next : first_;
}

}  // namespace naio
