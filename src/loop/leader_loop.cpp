#include "loop/leader_loop.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/probe.h"
#include "exec/task_runner.h"

namespace naio {

namespace {

thread_local const LeaderLoop* loop_here = nullptr;

}  // namespace

// A thread's place at the loop. As the thread's TaskRunner it keeps the tasks that are submitted on the thread while
// the thread leads.
class LeaderLoop::Participant final : public TaskRunner {
  public:
    explicit Participant(LeaderLoop& loop) noexcept : loop_(loop) {}

    bool take(TaskQueue& queue, TaskList& tasks) noexcept override {
        if (&queue != loop_.tasks_) return false;
        if (in_loop) return take_from_handler(tasks);
        Lock lock(loop_.mutex_);
        if (!runs_tasks() && !NAIO_FAULT(former_leader_submits_to_the_loop)) return false;
        others_wait = true;
        loop_.ready_.take(tasks);
        // If the round was a lone one, it is not any more.
        if (loop_.due_ == kNever && !loop_.vacant_ && !NAIO_FAULT(lone_round_leaves_tasks_unwatched)) loop_.guard();
        return true;
    }

    // Guarded by the loop's lock:
    Term term = 0;
    CallOut* call = nullptr;  // the thread's CallOut, while the thread runs tasks
    // False as soon as another thread may take the lead. The thread reads it without the lock; what it reads may be out
    // of date, as if it had been asked a moment before.
    Relaxed<bool> leads;

    const ThreadCounts& counts = CallOut::counts();
    const Thread::Clock clock;
    // Used by the thread alone:
    bool in_loop = false;      // the thread is in the loop, or in a handler
    bool others_wait = false;  // tasks wait in the list, or have waited there since the thread took its present task

  private:
    bool take_from_handler(TaskList& tasks) noexcept {
        if (CallOut::any() && !NAIO_FAULT(called_out_tasks_wait_for_the_handler)) return false;
        loop_.submitted_.take(tasks);
        return true;
    }

    bool runs_tasks() const noexcept NAIO_REQUIRES(loop_.mutex_) { return term == loop_.term_ && loop_.running_; }

    // Gives up the lead, and hands the other tasks to the workers. Without this, the tasks would wait until the
    // watchdog wakes the follower.
    void begin_wait() noexcept override {
        Lock lock(loop_.mutex_);
        if (!runs_tasks() || loop_.vacant_) return;
        loop_.mark_over_budget(*call);
        leads.set(false);
        loop_.vacant_ = true;
        loop_.watchdog_.set(Watchdog::kNow);
        loop_.hand_over();
    }

    // A handler is not a task: most handlers complete only one operation for which a thread may wait.
    [[nodiscard]] bool is_in_task() const noexcept override { return !in_loop; }

    LeaderLoop& loop_;
};

nng_err LeaderLoop::start(TaskQueue& tasks, const char* name) noexcept {
    tasks_ = &tasks;
    nng_err error = loop_.open();
    if (error != NNG_OK) return error;
    error = watchdog_.open();
    if (error == NNG_OK) {
        error = watchdog_.watch_alarms(loop_);
        if (error == NNG_OK && !start_threads(name)) error = NNG_ENOMEM;
        if (error != NNG_OK) watchdog_.close();
    }
    if (error != NNG_OK) loop_.close();
    return error;
}

// Starts both threads, or none.
bool LeaderLoop::start_threads(const char* name) noexcept {
    {
        Lock lock(mutex_);
        stopping_ = false;
        vacant_ = true;
        due_ = kNever;
    }
    if (!threads_[0].start(name, main, this)) return false;
    if (threads_[1].start(name, main, this)) return true;
    {
        Lock lock(mutex_);
        stopping_ = true;
    }
    loop_.interrupt();
    threads_[0].join();
    after_last_iteration();  // because the thread may have begun to lead
    return false;
}

void LeaderLoop::stop() noexcept {
    {
        Lock lock(mutex_);
        stopping_ = true;
        watchdog_.set(Watchdog::kNow);
    }
    loop_.interrupt();
    for (Thread& thread : threads_) thread.join();
    {
        Lock lock(mutex_);
        hand_over();
    }
    after_last_iteration();
    watchdog_.close();
    loop_.close();
    tasks_->submit(submitted_);
}

bool LeaderLoop::has_follower() noexcept {
    Lock lock(mutex_);
    return followers_ != 0;
}

bool LeaderLoop::is_here() const noexcept { return loop_here == this; }

void LeaderLoop::main(void* argument) noexcept {
    auto& loop = *static_cast<LeaderLoop*>(argument);
    loop_here = &loop;
    Participant self(loop);
    Lock lock(loop.mutex_);
    loop.begin_counting(self);
    for (;;) {
        loop.follow();
        if (loop.stopping_) return loop.end_counting(self);
        self.term = ++loop.term_;
        self.leads.set(true);
        loop.leader_ = &self;
        loop.lead(self);
    }
}

// ---- the follower

// Blocks until the loop has no leader or its leader is overdue. On return the caller must take the lead.
void LeaderLoop::follow() noexcept {
    ++followers_;
    while (!stopping_ && !vacant_) {
        mutex_.unlock();
        watchdog_.wait();
        mutex_.lock();
        if (stopping_ || vacant_ || !overdue()) continue;
        mark_over_budget(*leader_->call);
        leader_->leads.set(false);
        break;
    }
    --followers_;
    vacant_ = running_ = false;
    due_ = kNever;  // the watchdog was set for the former leader
}

// Called when the watchdog or an alarm has woken the follower. True if the leader has been in the same round of tasks
// for the round limit. Otherwise makes sure that the watchdog is set if the leader runs tasks.
bool LeaderLoop::overdue() noexcept {
    if (due_ != kNever && now() < due_) return false;
    due_ = kNever;
    if (!running_) return false;
    if (guarded_ == round_ && !NAIO_FAULT(overdue_leader_stays)) return true;
    guard();
    return false;
}

// ---- the leader

void LeaderLoop::lead(Participant& self) noexcept {
    // Hands over the tasks that the former leader has left, because the next iteration may take long.
    hand_over();
    while (!stopping_) {
        iterate(self);
        if (followers_ != 0)
            run_ready(self);
        else
            hand_over();
        if ((self.term != term_ && !NAIO_FAULT(former_leader_stays_in_the_loop)) || vacant_) return;
    }
}

// Runs one iteration of the loop. Does not sleep in it if there are tasks to run.
void LeaderLoop::iterate(Participant& self) noexcept {
    self.in_loop = true;
    before_iteration();
    has_end_ = false;
    sleeping_ = ready_.empty() && submitted_.empty();
    const bool may_sleep = sleeping_;
    ++turns_;
    mutex_.unlock();
    self.notify_due();
    {
        const Turn turn(this);
        loop_.turn(may_sleep);
    }
    mutex_.lock();
    sleeping_ = false;
    self.in_loop = false;
    ready_.take(submitted_);
}

// Does not read the clock for some rounds after dense ones. If these rounds are rare after all, the watchdog, which is
// set, wakes the follower once without need. A round in which the watchdog was set always ends with a reading, so rare
// rounds disarm it.
[[gnu::always_inline]] inline void LeaderLoop::end_round(Nanoseconds lone_end) noexcept {
    running_ = false;
    has_end_ = true;
    if (unread_ends_ != 0 && guarded_ != round_ && lone_end == kNever) {
        --unread_ends_;
        return;
    }
    const Nanoseconds end = now();
    if (end > lone_end) ++over_budget_;
    const Nanoseconds gap = end - last_end_;
    last_end_ = end;
    if (gap < kDense) unread_ends_ = kUnreadEnds;
    if (gap <= kRoundLimit || stopping_ || due_ == kNever) return;
    due_ = kNever;
    watchdog_.set(due_);
}

void LeaderLoop::run_ready(Participant& self) noexcept {
    if (ready_.empty()) return;
    running_ = true;
    ++round_;
    CallOut call;
    self.call = &call;
    const Nanoseconds lone_end = watch_round();
    if (lone_end != kNever) call.set_budget_end(lone_end);
    for (unsigned left = kTasksPerIteration; left != 0; --left) {
        Task* const task = ready_.pop();
        if (task == nullptr) break;
        self.others_wait = !ready_.empty();
        mutex_.unlock();
        Task* again = call.run(*task);
        // A task that is to run again, and before which no other one waits, need not go through the list.
        if (again != nullptr && !self.others_wait && self.leads.get()) again = call.run(*again);
        mutex_.lock();
        const bool leads = self.term == term_ && !vacant_;
        if (again != nullptr) ready_.push(*again);
        if (leads) continue;
        // The new leader runs the tasks of the list, or hands them over. Perhaps the new leader has handed the list
        // over before `again` was added.
        if (again != nullptr && !NAIO_FAULT(former_leader_keeps_its_task)) hand_over();
        self.call = nullptr;
        self.notify_due();
        return;
    }
    self.call = nullptr;
    end_round(lone_end);
}

// Makes sure that the follower will notice if the round that begins takes too long. If the round is a lone one, returns
// the end of its budget, otherwise kNever.
Nanoseconds LeaderLoop::watch_round() noexcept {
    if (due_ != kNever && last_end_ <= due_ - kRoundLimit / 2) return kNever;
    // If the watchdog is set, it is set again: otherwise it would wake the follower.
    if (due_ == kNever && loop_.can_share_alarms() && ready_.count(2) == 1) {
        const Nanoseconds begin = now();
        if (begin - last_end_ > kRareGap || loop_.next_alarm() - begin > kRareGap) {
            if (!NAIO_FAULT(lone_round_sets_no_alarm)) loop_.set_alarms();
            return begin + kRoundLimit;
        }
    }
    guard();
    return kNever;
}

// Sets the watchdog to now plus the round limit.
void LeaderLoop::guard() noexcept {
    if (stopping_) return;
    guarded_ = round_;
    due_ = now() + kRoundLimit;
    watchdog_.set(due_);
}

void LeaderLoop::give_to_workers() noexcept {
    Lock lock(mutex_);
    ready_.take(submitted_);
    hand_over();
}

// Gives the tasks in ready_ to the workers. Drops the lock while it enqueues them.
void LeaderLoop::hand_over() noexcept {
    TaskList tasks;
    tasks.take(ready_);
    if (tasks.empty()) return;
    mutex_.unlock();
    tasks_->enqueue(tasks);
    mutex_.lock();
}

void LeaderLoop::dump(Dump& dump, const char* what) noexcept {
    if (!dump.lock(mutex_, what)) return;
    const bool sleeps = sleeping_, vacant = vacant_;
    std::array<const Task*, 2> tasks{};
    for (std::size_t i = 0; i < tasks.size(); ++i)
        if (participants_[i] != nullptr && participants_[i]->call != nullptr) tasks[i] = participants_[i]->call->task();
    mutex_.unlock();
    DumpLine line;
    line.add("%s: %s", what, sleeps ? "waits for events" : vacant ? "no thread leads" : "handles events");
    for (const Task* const task : tasks) {
        if (task == nullptr) continue;
        line.add("; a thread runs ");
        dump.add_task(line, task);
    }
    dump.line(line);
}

// ---- statistics

void LeaderLoop::begin_counting(const Participant& self) noexcept {
    participants_[participants_[0] == nullptr ? 0 : 1] = &self;
}

void LeaderLoop::end_counting(const Participant& self) noexcept {
    participants_[participants_[0] == &self ? 0 : 1] = nullptr;
    counted_.add(self.counts);
    used_ += self.clock.used();
}

void LeaderLoop::mark_over_budget(CallOut& call) noexcept {
    call.mark_over_budget();
    ++over_budget_;
}

void LeaderLoop::count_into(Stats& stats) noexcept {
    Lock lock(mutex_);
    stats.over_budget += over_budget_;
    counted_.count_into(stats);
    for (const Participant* const each : participants_)
        if (each != nullptr) each->counts.count_into(stats);
}

void LeaderLoop::count_poller_into(Stats& stats) noexcept {
    Lock lock(mutex_);
    Nanoseconds used = used_;
    for (const Participant* const each : participants_)
        if (each != nullptr) used += each->clock.used();
    stats.poller_turns += turns_;
    stats.poller_busy += static_cast<std::uint64_t>(used);
}

}  // namespace naio
