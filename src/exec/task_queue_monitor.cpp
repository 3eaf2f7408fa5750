// The part of TaskQueue that the monitor calls. It finds out whether tasks wait although workers run, starts workers
// for them, and takes tasks from workers that stall.
#include <algorithm>

#include "base/fault.h"
#include "base/notice.h"
#include "exec/worker.h"

namespace naio {

namespace {

constexpr std::int64_t kCheckDelay = 2'000'000;  // nanoseconds from asking the monitor until it checks the workers
// A worker that has used less processor time than this between two checks has been blocked for most of the time.
constexpr Nanoseconds kBusy = kCheckDelay / 8;
constexpr std::size_t kMaxCounted = 256;  // the largest number of waiting tasks that is counted
constexpr unsigned kMaxBurst = 16;        // max workers that the monitor starts in one check

}  // namespace

void TaskQueue::set_monitor(TaskMonitor* monitor) noexcept {
    Worker* wake = nullptr;
    {
        Lock lock(mutex_);
        monitor_ = monitor;
        asked_ = false;
        publish();
        wake = owe_wake_up();
    }
    notify(wake);
}

// Asks the monitor to check the workers after the delay, or at once if no worker runs that could take the tasks in that
// time.
void TaskQueue::ask_monitor() noexcept {
    asked_ = true;
    publish();
    waiting_then_ = count_waiting();
    for (Worker* worker = first_; worker != nullptr; worker = worker->next.load(std::memory_order_relaxed))
        worker->taken_then = worker->batch.taken();
    monitor_->check_in(count(State::kRuns) != 0 ? kCheckDelay : 0);
}

void TaskQueue::check_workers(TaskList* help) noexcept {
    Finding found;
    {
        Lock lock(mutex_);
        found = find();
    }
    unsigned started = 0;
    while (started < found.wanted && start_worker()) ++started;
    Worker* wake = nullptr;
    {
        Lock lock(mutex_);
        // This block is needed even if the monitor was removed in the meantime. A new slot counts as looking until the
        // system refuses it a thread. In that time a submitter may have relied on the slot and woken no worker.
        next_burst_ = started != 0 ? std::min(2 * next_burst_, kMaxBurst) : 1;
        const bool blocked = found.stalled && started == 0;
        if (blocked && help != nullptr && !NAIO_FAULT(timer_lends_no_hand)) lend(*help);
        if (blocked && help != nullptr && !notice_due_ && notice_.gate.pass()) {
            notice_due_ = true;
            help->push(notice_);
        }
        asked_ = false;
        publish();
        wake = owe_wake_up();
    }
    notify(wake);
}

Task* TaskQueue::BlockedNotice::post(Task& task) noexcept {
    TaskQueue& queue = static_cast<BlockedNotice&>(task).queue;
    unsigned workers = 0;
    {
        Lock lock(queue.mutex_);
        workers = queue.staff();
    }
    Notices::post(NNG_LOG_WARN, "NAIO-BLOCKED",
                  "all %u workers are inside callbacks that have not returned for 2 ms, and no more can be started; "
                  "other callbacks wait (naio_dump shows which run)",
                  workers);
    Lock lock(queue.mutex_);
    queue.notice_due_ = false;
    return nullptr;
}

// Decides what the monitor does. Some of the tasks that waited when the monitor was asked still wait if fewer tasks
// than these have been taken after that time.
TaskQueue::Finding TaskQueue::find() noexcept {
    if (stopping_ || attended() || !resting_.empty()) return {};
    const std::size_t waiting = count_waiting();
    std::size_t taken = 0;
    unsigned proceed = 0;
    unsigned busy = 0;
    for (Worker* worker = first_; worker != nullptr; worker = worker->next.load(std::memory_order_relaxed)) {
        const std::size_t by_this = worker->batch.taken() - worker->taken_then;
        taken += by_this;
        if (worker->state != State::kRuns) continue;
        if (by_this != 0) {
            ++proceed;
            if (worker->has_been_busy()) ++busy;
        } else if (!NAIO_FAULT(blocked_worker_keeps_its_budget)) {
            worker->call->mark_over_budget();  // so that no leader has to block before it finds out
        }
    }
    if (waiting == 0 || (taken >= waiting_then_ && waiting_then_ < kMaxCounted)) return {};
    const unsigned room = limits_.max - std::min(limits_.max, staff());
    const auto needed = static_cast<unsigned>(std::min<std::size_t>({next_burst_, waiting, room}));
    if (NAIO_FAULT(no_worker_on_need)) return {.wanted = 0, .stalled = proceed == 0};
    return {.wanted = busy < processors_ ? needed : 0, .stalled = proceed == 0};
}

// True if the worker has used a processor for kBusy since the last call of this function, or if the system does not
// say. A worker whose callbacks block also takes a task now and then, but leaves the processor to other workers.
bool TaskQueue::Worker::has_been_busy() noexcept {
    const Nanoseconds used = clock.used();
    const Nanoseconds since = used - used_then;
    used_then = used;
    return used == 0 || since >= kBusy || NAIO_FAULT(worker_that_blocks_counts_as_busy);
}

std::size_t TaskQueue::count_waiting() noexcept {
    inbox_.take(queue_);
    backlog_.store(!queue_.empty(), std::memory_order_relaxed);
    std::size_t waiting = queue_.count(kMaxCounted);
    for (Worker* worker = first_; worker != nullptr; worker = worker->next.load(std::memory_order_relaxed))
        waiting += worker->batch.size();
    return std::min(waiting, kMaxCounted);
}

// Moves up to Batch::kSize tasks to `help`. This takes them from the batch of a worker, where they wait behind a
// stalled task, or from the queue if all batches are empty.
void TaskQueue::lend(TaskList& help) noexcept {
    for (Worker* worker = first_; worker != nullptr; worker = worker->next.load(std::memory_order_relaxed))
        if (lent_.empty()) lent_.steal_all(worker->batch);
    if (lent_.empty()) lent_.fill(queue_);
    backlog_.store(!queue_.empty(), std::memory_order_relaxed);
    while (Task* task = lent_.pop()) help.push(*task);
}

}  // namespace naio
