// Operations for which the runner of a queue polls (runner_polls.h).
#include "exec/completion_queue.h"
#include "exec/task_runner.h"

using naio::Lock;

// Decides whether the runner polls. It does not
//  - before it has called run, because it may never do so;
//  - in a wait, where it sleeps on a bell. Its callbacks in that wait may start operations;
//  - if the program polls the queue's descriptor, because that must become readable without a call of run;
//  - on a thread of the library, which does not remain the runner.
void naio_queue::choose_poller() noexcept {
    const bool polls =
        has_run_ && bell_ == nullptr && !has_descriptor_ && naio::TaskRunner::current() == nullptr && !polls_.rests();
    poller_.store(polls ? runner_.load(std::memory_order_relaxed) : kNone, std::memory_order_relaxed);
    if (!polls) polls_.leave_to_pollers();
}

bool naio_queue::poll_for(naio::PolledDescriptor& descriptor, naio::ReadinessWaits& waits) noexcept {
    Lock lock(mutex_);
    if (!polls_here()) return false;
    if (polls_.add(descriptor, waits)) return true;
    choose_poller();
    return false;
}

void naio_queue::forget(naio::PolledDescriptor& descriptor) noexcept {
    Lock lock(mutex_);
    polls_.remove(descriptor);
}

// Sleeps until the queue may have changed, or until `deadline`. False if the deadline has passed.
bool naio_queue::sleep_until(ThreadId thread, naio::Nanoseconds deadline) noexcept {
    if (polls_.empty() || polls_.sleeps() || !polls_here() || occupied(thread))
        return changed_.wait_until(mutex_, deadline);
    poll_until(thread, deadline);
    return !naio::Bell::passed(deadline);
}

// If another thread has become the runner during the sleep, it waits until this one does not sleep here any more.
void naio_queue::poll_until(ThreadId thread, naio::Nanoseconds deadline) noexcept {
    polls_.sleep_until(mutex_, deadline);
    if (runner_.load(std::memory_order_relaxed) == thread) return choose_poller();
    if (poller_.load(std::memory_order_relaxed) == kNone) polls_.leave_to_pollers();
    changed_.notify_all();
}
