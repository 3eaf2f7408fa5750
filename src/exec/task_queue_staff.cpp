// The part of TaskQueue that starts workers, and lets them wait inside the library and leave.
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/fault.h"
#include "base/order.h"
#include "exec/worker.h"

namespace naio {

namespace {

unsigned count_processors() noexcept { return static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN))); }

}  // namespace

bool TaskQueue::start(const Allocator& allocator, Limits limits, const char* name) noexcept {
    allocator_ = &allocator;
    name_ = name;
    processors_ = count_processors();
    {
        Lock lock(mutex_);
        limits_ = limits;  // a dump may read the limits now
        stopping_ = false;
        asked_ = false;
        next_burst_ = 1;
    }
    inbox_.open();
    for (unsigned i = 0; i < limits.min; ++i) {
        if (start_worker()) continue;
        stop();
        return false;
    }
    return true;
}

void TaskQueue::stop() noexcept {
    {
        Lock lock(mutex_);
        stopping_ = true;
        while (Worker* worker = resting_.pop_front()) {
            rouse(*worker).wake.notify_one();
            if (NAIO_FAULT(stop_wakes_one_worker)) break;
        }
    }
    // From here on no worker leaves. Each worker that has left, except last_gone_, was joined or is being joined by
    // another worker. There is no monitor any more, so no thread adds slots.
    for (Worker* worker = first_; worker != nullptr; worker = worker->next.load(std::memory_order_relaxed)) {
        mutex_.lock();
        const bool mine = worker->state != State::kGone || worker == last_gone_;
        mutex_.unlock();
        if (mine) worker->thread.join();
    }

    TaskList late;  // tasks that were submitted after the last worker had ended
    Worker* slot = nullptr;
    {
        Lock lock(mutex_);
        Condition notifiers_gone;
        // Pairs with the release in notify; otherwise a slot could be freed while a thread still notifies its worker.
        while (notifiers_.load(NAIO_ORDER(notifiers_gone, acquire)) != 0 && !NAIO_FAULT(stop_ignores_notifiers))
            notifiers_gone.wait_for(mutex_, std::chrono::microseconds(50));
        late.take(queue_);
        inbox_.close(late);
        for (unsigned& each : counts_) each = 0;
        while (free_.pop_front() != nullptr) {
        }
        slot = std::exchange(first_, nullptr);
        last_ = last_gone_ = nullptr;
        unattended_.store(false, std::memory_order_relaxed);
    }
    while (slot != nullptr) {
        Worker* const next = slot->next.load(std::memory_order_relaxed);
        allocator_->destroy(slot);
        slot = next;
    }
    run_all(late);
}

// ---- starting

// Returns a slot without a thread; its worker counts as looking from here on. nullptr if there is no memory.
TaskQueue::Worker* TaskQueue::claim_slot() noexcept {
    Worker* slot = nullptr;
    {
        Lock lock(mutex_);
        slot = free_.pop_front();
    }
    const bool is_new = slot == nullptr;
    if (is_new) slot = allocator_->create<Worker>(*this);  // without the lock: the allocator may call the program
    if (slot == nullptr) return nullptr;
    Lock lock(mutex_);
    if (is_new) {
        if (first_ == nullptr) first_ = slot;
        if (last_ != nullptr) last_->next.store(slot, NAIO_ORDER(new_worker, release));  // see TaskQueue::after
        last_ = slot;
        slot->watched = first_;
        ++count(State::kGone);
    }
    become(*slot, State::kLooks);
    return slot;
}

bool TaskQueue::start_worker() noexcept {
    Worker* const slot = claim_slot();
    if (slot == nullptr) return false;
    if (slot->thread.start(name_, work, slot)) return true;
    Lock lock(mutex_);
    become(*slot, State::kGone);
    free_.push_front(*slot);
    return false;
}

unsigned TaskQueue::staff() noexcept {
    return count(State::kRuns) + count(State::kLooks) + count(State::kNaps) + count(State::kSleeps);
}

void TaskQueue::arrive(Worker& self, CallOut& call) noexcept {
    Lock lock(mutex_);
    self.call = &call;
    self.counts = &CallOut::counts();
    self.clock = Thread::Clock();
    self.used_then = 0;
    ++workers_started_;
}

// ---- leaving

// Marks the worker as gone. REQUIRES: the worker's batch is empty. The thread ends soon, and another worker joins it.
void TaskQueue::leave(Worker& self) noexcept {
    become(self, State::kGone);
    self.former = std::exchange(last_gone_, &self);
    if (NAIO_FAULT(slot_is_free_before_its_thread_ends)) free_.push_front(self);
}

// Called when the worker's thread is about to end. Dumps and statistics must not read the thread's stack any more.
void TaskQueue::show_no_more(Worker& self) noexcept {
    ended_.add(*self.counts);
    self.call = nullptr;
    self.counts = nullptr;
}

// Joins the worker that has left before this one, unless a worker that stays has done so.
void TaskQueue::join_former(Worker& self) noexcept {
    Worker* const former = self.former;
    if (former == nullptr) return;
    self.former = nullptr;
    former->thread.join();
    Lock lock(mutex_);
    free_.push_front(*former);
}

// Joins the worker that has left last. Unlocks in between, so the caller has to look for tasks again. The thread may
// still run the destructors of the program's thread_local objects, which may block; so the caller counts as waiting.
void TaskQueue::join_last_gone(Worker& self) noexcept {
    Worker* const gone = std::exchange(last_gone_, nullptr);
    joins_ = true;
    become(self, State::kWaits);
    Worker* const wake = owe_wake_up();
    mutex_.unlock();
    notify(wake);
    gone->thread.join();
    mutex_.lock();
    become(self, State::kLooks);
    joins_ = false;
    free_.push_front(*gone);
}

// ---- waiting inside the library

void TaskQueue::begin_wait(Worker& self) noexcept {
    if (NAIO_FAULT(waiting_worker_counts)) return;
    Worker* wake = nullptr;
    {
        Lock lock(mutex_);
        if (!NAIO_FAULT(waiting_worker_keeps_its_budget)) self.call->mark_over_budget();
        self.batch.give_back(queue_);
        backlog_.store(!queue_.empty(), std::memory_order_relaxed);
        become(self, State::kWaits);
        if (!NAIO_FAULT(waiting_worker_wakes_no_other)) wake = owe_wake_up();
        // The monitor was asked to check only after the delay, because a worker ran that could have taken the tasks.
        // If no worker runs any more, ask the monitor to check at once.
        if (asked_ && count(State::kRuns) == 0 && !attended() && anything_waits()) ask_monitor();
    }
    notify(wake);
}

void TaskQueue::end_wait(Worker& self) noexcept {
    if (NAIO_FAULT(waiting_worker_counts)) return;
    Lock lock(mutex_);
    become(self, State::kRuns);
}

}  // namespace naio
