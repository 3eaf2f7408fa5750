#include "exec/completion_queue.h"

#include <optional>

#include "base/fault.h"
#include "exec/library_wait.h"
#include "exec/queues_in_wait.h"

using naio::Lock;
using naio::Task;
using naio::Thread;

naio_queue* naio_queue::create(const naio::Allocator& allocator) noexcept {
    auto* const queue = allocator.create<naio_queue>(allocator);
    if (queue != nullptr) naio::QueuesInWait::enlist(*queue);
    return queue;
}

namespace {

// True on a thread of the library. A callback on such a thread is a guest: the program does not choose the thread on
// which the callback runs a queue, so this thread does not remain the queue's runner.
bool is_guest() noexcept { return naio::TaskRunner::current() != nullptr; }

}  // namespace

naio_queue::naio_queue(const naio::Allocator& allocator) noexcept
    : allocator_(allocator), runner_(is_guest() ? kNone : Thread::current()) {}

void naio_queue::release(unsigned references) noexcept {
    if (!references_.release(references)) return;
    naio::QueuesInWait::strike(*this);
    allocator_.destroy(this);
}

void naio_queue::free() noexcept {
    if (name_.get() != nullptr) naio::QueuesInWait::forget_name(*this);
    release();
}

std::size_t naio_queue::size() noexcept {
    Lock lock(mutex_);
    return waiting_;
}

int naio_queue::descriptor() noexcept {
    Lock lock(mutex_);
    has_descriptor_ = true;
    choose_poller();
    return ready_.open(waiting_ != 0);
}

// Notifies the runner under the lock, because the runner may free the queue as soon as it has run the task.
void naio_queue::push(Task& task) noexcept {
    if (NAIO_FAULT(queue_notifies_unlocked)) {
        {
            Lock lock(mutex_);
            tasks_.push(task);
            if (waiting_++ == 0) ready_.raise();
        }
        call_runner();
        return;
    }
    Lock lock(mutex_);
    push_locked(task);
}

void naio_queue::push_locked(Task& task) noexcept {
    tasks_.push(task);
    if (waiting_++ == 0) ready_.raise();
    call_runner();
}

void naio_queue::call_runner() noexcept {
    changed_.notify_all();
    if (!NAIO_FAULT(push_leaves_the_runner_asleep)) polls_.interrupt();
    if (bell_ != nullptr) bell_->ring();
    if (inside_bell_ != nullptr && inside_bell_ != bell_) inside_bell_->ring();
}

void naio_queue::call_candidates() noexcept {
    for (Candidate* each = candidates_.front(); each != nullptr; each = candidates_.after(*each)) each->bell.ring();
}

Task* naio_queue::pop() noexcept {
    Task* task = tasks_.pop();
    if (task != nullptr && --waiting_ == 0 && !NAIO_FAULT(queue_descriptor_stays_readable)) ready_.lower();
    return task;
}

// ---- the runner

// The release pairs with the acquire of QueuesInWait::for_each_of. There a runner that another thread has replaced
// finds that out without the lock, and then destroys its bell. Otherwise that could overlap an earlier push, which
// rings the bell.
void naio_queue::set_runner(ThreadId thread) noexcept { runner_.store(thread, NAIO_ORDER(runner_set, release)); }

void naio_queue::become_runner(ThreadId thread, naio::Bell* bell) noexcept {
    set_runner(thread);
    has_run_ = true;
    bell_ = bell;
    choose_poller();
}

void naio_queue::give_up(ThreadId thread) noexcept {
    Lock lock(mutex_);
    if (runner_.load(std::memory_order_relaxed) == thread) give_up_locked();
}

// Leaves the queue without a runner, and wakes the candidates, so that one of them adopts it.
void naio_queue::give_up_locked() noexcept {
    set_runner(kNone);
    has_run_ = false;
    bell_ = nullptr;
    choose_poller();
    if (!NAIO_FAULT(given_up_queue_calls_no_candidate)) call_candidates();
}

// Gives the queue up after a guest's run. Exception: if the guest has called run inside a task of the queue, the run or
// the wait that runs this task gives the queue up later. A wait gives the queue up only if has_run_ is false, so
// end_as_guest restores the value that has_run_ had before the guest's run.
void naio_queue::end_as_guest(ThreadId thread, bool had_run) noexcept {
    if (runner_.load(std::memory_order_relaxed) != thread) return;
    if (inside_.load(std::memory_order_relaxed) == thread)
        has_run_ = had_run;
    else
        give_up_locked();
}

void naio_queue::answer_to(ThreadId thread, naio::Bell* bell) noexcept {
    Lock lock(mutex_);
    if (runner_.load(std::memory_order_relaxed) == thread) {
        bell_ = bell;
        choose_poller();
    }
    if (inside_.load(std::memory_order_relaxed) == thread) inside_bell_ = bell;
}

void naio_queue::line_up(Candidate& candidate, ThreadId thread) noexcept {
    Lock lock(mutex_);
    candidates_.push_back(candidate);
    if (runner_.load(std::memory_order_relaxed) == thread) bell_ = &candidate.bell;
}

void naio_queue::leave(Candidate& candidate, ThreadId thread, naio::Bell* outer) noexcept {
    Lock lock(mutex_);
    candidate.unlink();
    if (runner_.load(std::memory_order_relaxed) != thread) return;
    if (!NAIO_FAULT(left_queue_keeps_the_bell)) bell_ = outer;
    if (candidate.adopted && !has_run_ && !NAIO_FAULT(adopter_keeps_the_queue)) give_up_locked();
}

// ---- running

// True if a wait further out on the thread's stack is for a handle of the queue. That wait may have run a task of
// another queue, inside which the thread now waits.
bool naio_queue::is_waited_for_by(ThreadId thread) noexcept {
    for (Candidate* each = candidates_.front(); each != nullptr; each = candidates_.after(*each))
        if (each->thread == thread) return true;
    return false;
}

bool naio_queue::may_run(ThreadId thread, Candidate* candidate) noexcept {
    if (NAIO_FAULT(queue_run_beside_its_runner)) return true;
    if (occupied(thread)) return false;
    if (inside_.load(std::memory_order_relaxed) == thread) return true;
    if (candidate != nullptr &&
        (runner_.load(std::memory_order_relaxed) == kNone || NAIO_FAULT(queue_adopted_from_its_runner))) {
        set_runner(thread);
        candidate->adopted = true;
        bell_ = &candidate->bell;
    }
    if (runner_.load(std::memory_order_relaxed) != thread) return false;
    return candidate != nullptr || has_run_ || is_waited_for_by(thread);
}

bool naio_queue::has_task_for(ThreadId thread) noexcept {
    Lock lock(mutex_);
    return waiting_ != 0 && may_run(thread, nullptr);
}

void naio_queue::enter(ThreadId thread) noexcept {
    naio::QueuesInWait::notice_run();
    inside_.store(thread, std::memory_order_relaxed);
    ++depth_;
}

// Called when the tasks of a run have returned. After the outermost run, wakes the runner if another thread has become
// the runner during the run, and wakes the candidates if there is no runner.
void naio_queue::leave_tasks() noexcept {
    if (--depth_ != 0) return;
    const ThreadId thread = inside_.exchange(kNone, std::memory_order_relaxed);
    inside_bell_ = nullptr;
    const ThreadId runner = runner_.load(std::memory_order_relaxed);
    if (runner == kNone && !NAIO_FAULT(task_ends_without_a_candidate)) call_candidates();
    if (runner != thread && !NAIO_FAULT(task_ends_unnoticed)) call_runner();
}

// Runs the task without the lock. The task may release the program's reference to the queue. REQUIRES: the caller, or
// the handle that it waits for, has another reference.
void naio_queue::run_popped(Task& task) noexcept {
    mutex_.unlock();
    Task* const again = task.run();
    mutex_.lock();
    if (again != nullptr) push_locked(*again);
}

// Runs one task. False if there is none, or if may_run is false.
bool naio_queue::run_one(ThreadId thread, Candidate* candidate) noexcept {
    Lock lock(mutex_);
    if (!may_run(thread, candidate)) return false;
    Task* const task = pop();
    if (task == nullptr) return false;
    enter(thread);
    run_popped(*task);
    leave_tasks();
    return true;
}

// On a guest's thread, run is a LibraryWait, like the other waits of the library. A guest gives the queue up when its
// outermost run or wait returns.
std::size_t naio_queue::run(naio::Nanoseconds deadline) noexcept {
    const bool as_guest = is_guest();
    std::optional<naio::LibraryWait> waiting;
    if (as_guest) waiting.emplace();
    const ThreadId thread = Thread::current();
    naio::Bell* const bell = naio::QueuesInWait::begin_to_run();
    const naio::Ref own(this);  // a task may release the program's reference
    Lock lock(mutex_);
    const bool had_run = has_run_ && runner_.load(std::memory_order_relaxed) == thread;
    become_runner(thread, bell);
    if (waiting_ != 0 && !occupied(thread) && polls_here() && polls_.overdue()) poll_until(thread, 0);
    while ((waiting_ == 0 || occupied(thread)) && sleep_until(thread, deadline)) {
    }
    const std::size_t count = !occupied(thread) ? run_at_most(waiting_, thread) : 0;
    if (as_guest && !NAIO_FAULT(guest_keeps_the_queue)) end_as_guest(thread, had_run);
    return count;
}

// Runs up to `max` tasks, and returns the number of tasks that it has run. It may run fewer, because a callback that
// waits runs other tasks of the queue in that wait.
std::size_t naio_queue::run_at_most(std::size_t max, ThreadId thread) noexcept {
    std::size_t count = 0;
    enter(thread);
    for (; count < max; ++count) {
        Task* const task = pop();
        if (task == nullptr) break;
        run_popped(*task);
    }
    leave_tasks();
    return count;
}
