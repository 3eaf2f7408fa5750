#include "exec/blocking_queue.h"

#include "base/fault.h"

namespace naio {

BlockingQueue::~BlockingQueue() {
    Lock lock(mutex_);
    while (lost_ != 0) found_.wait(mutex_);
}

void BlockingQueue::start(const Allocator& allocator, unsigned limit, const char* name, unsigned max_lost,
                          Calls calls) noexcept {
    Lock lock(mutex_);
    allocator_ = &allocator;
    limit_ = limit;
    max_lost_ = max_lost;
    calls_ = calls;
    name_ = name;
    up_ = true;
}

void BlockingQueue::stop() noexcept {
    Lock lock(mutex_);
    up_ = false;
    changed_.notify_all();
    List<Worker> remaining;
    while (Worker* worker = workers_.pop_front()) {
        if (!worker->lost) {
            remaining.push_back(*worker);
        } else {
            worker->forgotten = true;
            worker->thread.detach();
        }
    }
    mutex_.unlock();
    while (Worker* worker = remaining.pop_front()) {
        worker->thread.join();
        allocator_->destroy(worker);
    }
    mutex_.lock();
    active_ = waiting_ = 0;
    List<Job> left_over;  // is empty, unless all threads were lost
    left_over.take(jobs_);
    for (Job* job = left_over.front(); job != nullptr; job = left_over.after(*job)) job->state_ = Job::State::kOver;
    mutex_.unlock();
    while (Job* job = left_over.pop_front()) job->ended_(*job, End::kNoThread);
    mutex_.lock();
}

void BlockingQueue::submit(Job& job) noexcept {
    End how = End::kWithdrawn;
    {
        Lock lock(mutex_);
        if (job.state_ != Job::State::kWithdrawn) {
            how = End::kNoThread;
            job.state_ = Job::State::kWaiting;
            jobs_.push_back(job);
            ++waiting_;
            if (up_ && staff()) return;
            job.unlink();
            if (!NAIO_FAULT(refused_job_counts_as_waiting)) --waiting_;
        }
        job.state_ = Job::State::kOver;
    }
    job.ended_(job, how);
}

// Notifies an idle thread, or starts a new one, to take the waiting jobs. If limit_ or max_lost_ forbids a new thread,
// does neither and returns true: the jobs wait. False if a new thread is needed but cannot be started, and either there
// is no active thread or calls may hang.
bool BlockingQueue::staff() noexcept {
    if (waiting_ <= idle_) {
        changed_.notify_one();
        return true;
    }
    if (active_ >= limit_ || lost_ >= max_lost_) return true;
    auto* worker = allocator_->create<Worker>(*this);
    if (worker == nullptr || !worker->thread.start(name_, work, worker)) {
        allocator_->destroy(worker);
        return active_ != 0 && (calls_ == Calls::kReturn || NAIO_FAULT(hanging_call_waited_for));
    }
    workers_.push_back(*worker);
    ++active_;
    return true;
}

bool BlockingQueue::withdraw(Job& job) noexcept {
    Answer answer;
    {
        Lock lock(mutex_);
        answer = withdraw_from_queue(job);
    }
    return follow(answer, job);
}

bool BlockingQueue::abandon(Job& job) noexcept {
    Answer answer = Answer::kYes;
    Job* stranded = nullptr;
    {
        Lock lock(mutex_);
        if (give_up(job)) {
            stranded = take_stranded();
        } else {
            answer = withdraw_from_queue(job);
        }
    }
    if (stranded != nullptr) stranded->ended_(*stranded, End::kNoThread);
    return follow(answer, job);
}

BlockingQueue::Answer BlockingQueue::withdraw_from_queue(Job& job) noexcept {
    if (job.state_ == Job::State::kNew) {
        job.state_ = Job::State::kWithdrawn;
        return Answer::kYes;
    }
    if (job.state_ != Job::State::kWaiting) return Answer::kNo;
    job.unlink();
    --waiting_;
    job.state_ = Job::State::kOver;
    return Answer::kYesAndEnd;
}

bool BlockingQueue::give_up(Job& job) noexcept {
    if (job.state_ != Job::State::kRunning && !NAIO_FAULT(job_that_is_over_is_abandoned)) return false;
    job.state_ = Job::State::kAbandoned;
    job.worker_->lost = true;
    --active_;
    ++lost_;
    abandoned_any_ = true;
    return true;
}

// Starts a thread in place of one that has just been lost, if jobs wait for a thread. If no thread can be started and
// calls may hang, takes one job out of the queue and returns it for the caller to end, because perhaps no call returns.
// Otherwise returns nullptr; jobs that still wait are taken when the call of another thread returns.
BlockingQueue::Job* BlockingQueue::take_stranded() noexcept {
    if (waiting_ <= idle_ || NAIO_FAULT(lost_thread_is_not_replaced) || staff() || calls_ == Calls::kReturn)
        return nullptr;
    Job* const job = jobs_.pop_front();
    --waiting_;
    job->state_ = Job::State::kOver;
    return job;
}

bool BlockingQueue::follow(Answer answer, Job& job) noexcept {
    if (answer == Answer::kYesAndEnd) job.ended_(job, End::kWithdrawn);
    return answer != Answer::kNo;
}

void BlockingQueue::work(void* self) noexcept {
    auto& worker = *static_cast<Worker*>(self);
    BlockingQueue& queue = worker.queue;
    while (Job* job = queue.next(worker)) queue.run(*job);
}

// Sleeps until there is a job, and takes it. Returns nullptr if the thread must end; in this case `worker` may have
// been freed.
BlockingQueue::Job* BlockingQueue::next(Worker& worker) noexcept {
    Lock lock(mutex_);
    if (worker.lost && !take_back(worker)) return nullptr;
    while (waiting_ == 0 && up_) {
        ++idle_;
        changed_.wait(mutex_);
        --idle_;
    }
    Job* job = jobs_.pop_front();
    if (job == nullptr) return nullptr;
    --waiting_;
    job->worker_ = &worker;
    job->state_ = Job::State::kRunning;
    return job;
}

void BlockingQueue::run(Job& job) noexcept {
    job.call_(job);
    End how;
    {
        Lock lock(mutex_);
        how = job.state_ == Job::State::kAbandoned && !NAIO_FAULT(abandoned_job_ends_as_if_wanted) ? End::kAbandoned
                                                                                                   : End::kReturned;
        job.state_ = Job::State::kOver;
    }
    job.ended_(job, how);
}

// A lost thread calls this after its call has returned. Returns true if the thread is an active worker again. Returns
// false if the queue was stopped after the thread was lost, or has limit_ active threads. If the result is false, the
// thread has been detached, because no thread will join it, and `worker` has been freed.
bool BlockingQueue::take_back(Worker& worker) noexcept {
    worker.lost = false;
    --lost_;
    if (!worker.forgotten && active_ < limit_) {
        ++active_;
        return true;
    }
    if (!worker.forgotten) {
        worker.unlink();
        worker.thread.detach();
    }
    allocator_->destroy(&worker);
    found_.notify_all();
    return false;
}

void BlockingQueue::dump(Dump& dump, const char* what) noexcept {
    if (!dump.lock(mutex_, what)) return;
    const unsigned busy = active_ - idle_, idle = idle_, lost = lost_, waiting = waiting_, max = limit_;
    mutex_.unlock();
    if (busy + idle + lost + waiting == 0) return;
    dump.line("%s: %u threads in a call, %u without one, %u in a call that was abandoned, %u at most; %u calls wait",
              what, busy, idle, lost, max, waiting);
}

}  // namespace naio
