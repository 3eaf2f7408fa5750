// Operations that a thread performs itself while it waits for the handle (aio/own_waits.h).
#include <algorithm>

#include "base/fault.h"
#include "base/probe.h"
#include "exec/bell.h"
#include "exec/queues_in_wait.h"
#include "exec/readiness_wait.h"
#include "exec/stall.h"
#include "io/descriptor.h"
#include "loop/poller.h"

namespace naio {

// ---- the submitter's thread

bool Descriptor::may_be_performed_in_a_wait(const Aio& aio) noexcept {
    return aio.is_only_waited_for() && aio.services().own_waits.claim != nullptr;
}

// True if the poller need not be asked for an operation that is about to enter the queue, because a thread that waits
// for the handle or runs its queue may attempt it. If the poller cannot be asked later, because the library has been
// down since the descriptor was made, the submitter asks it now, and learns that the operation has to end.
bool Descriptor::may_stay_unwatched(Direction direction, const Aio& aio) noexcept {
    if (direction != Direction::kIn || (armed_ & kReadable) != 0) return false;
    const Queue& queue = of(direction);
    if (!queue.operations.empty() || queue.paused || queue.finishing || !unwatched_tries_.may_try()) return false;
    if (!may_be_performed_in_a_wait(aio) && !may_be_performed_by_runner(aio)) return false;
    return (!is_lost_ && poller().is_up()) || NAIO_FAULT(lost_descriptor_is_waited_for);
}

// ---- the poller's thread

// Returns the events to watch for when the input queue has become empty. `only_waited_for`: the last operation may have
// been performed in a wait. The next one probably may, too; it stays unwatched if the poller does not watch any more.
unsigned Descriptor::events_after(bool only_waited_for) noexcept {
    return only_waited_for && unwatched_tries_.tries() ? 0 : kReadable;
}

// ---- unwatched operations

bool Descriptor::leave_unwatched(Aio& aio) noexcept {
    unwatched_number_.set(unwatched_number_.get() + 1);
    if (!leave_to_runner(aio)) return false;
    if (!aio.leave_unwatched(now())) {
        leaves_runner(aio);
        return false;
    }
    unwatched_ = &aio.link();
    return true;
}

// True if an operation waits for which the poller does not watch. It is the first one of its queue. If the queue is
// paused, resume will ask the poller.
bool Descriptor::is_unwatched() noexcept {
    return unwatched_ != nullptr && (armed_ & kReadable) == 0 && !of(Direction::kIn).paused;
}

// Called before an operation is removed from its queue.
void Descriptor::leaves_queue(Aio::Link& operation) noexcept {
    if (&operation != unwatched_) return;
    unwatched_ = nullptr;
    interrupt_own_wait();
    leaves_runner(operation.aio);
    operation.aio.end_unwatched();
}

// The caller holds locks that are taken while a descriptor's lock is held. So the poller does the rest, in `ready`. If
// the poller is not running, the operation stays unwatched until a thread waits for it. If a thread waits already, that
// thread asks the poller if it ends its wait before the operation is over.
void Descriptor::watch_later(void* self) noexcept {
    auto& descriptor = *static_cast<Descriptor*>(self);
    if (!descriptor.is_waited_on_.get()) static_cast<void>(descriptor.want(kNow));
}

// If operations stay unwatched without success again and again, the poller watches for more and more of the next ones.
void Descriptor::watch_unwatched() noexcept {
    if (!is_unwatched() || own_wait_ != nullptr || closed_) return;
    unwatched_tries_.ends(false);
    armed_ |= kReadable;
    leaves_runner(unwatched_->aio);
}

// ---- a thread that waits for a handle

// The number is that of the operation that the caller has found unwatched, because no other one can be left unwatched
// before that one has ended.
OwnWaits::Claim Descriptor::claim_unwatched(void* self) noexcept {
    auto& descriptor = *static_cast<Descriptor*>(self);
    descriptor.retain();
    return {.provider = self, .number = descriptor.unwatched_number_.get()};
}

void Descriptor::wait_for_claim(const OwnWaits::Claim& claim, ReadinessWaits& waits, const StallWatch& watch,
                                Nanoseconds deadline) noexcept {
    auto& descriptor = *static_cast<Descriptor*>(claim.provider);
    const auto own = Ref<Descriptor>::adopt(&descriptor);
    ReadinessWait wait;
    Next next = descriptor.begin_own_wait(claim.number, wait, waits);
    while (next == Next::kAttempt) next = descriptor.go_on(wait, waits, !Bell::passed(deadline));
    if (next == Next::kEnd) return;
    const Parked parked(watch.object());
    const Nanoseconds end = NAIO_FAULT(own_wait_is_not_reported) ? deadline : std::min(deadline, watch.due());
    while (wait.sleep_until(descriptor.fd_, end))
        if (descriptor.go_on(wait, waits, true) == Next::kEnd) return;
    static_cast<void>(descriptor.go_on(wait, waits, false));
}

// Returns kEnd if the thread need not wait here, because the operation is over or the poller watches for it, or if the
// thread cannot; in this case this asks the poller. A thread that runs completion queues cannot, because no queue could
// wake it.
Descriptor::Next Descriptor::begin_own_wait(std::uint32_t number, ReadinessWait& wait, ReadinessWaits& waits) noexcept {
    {
        Lock lock(mutex_);
        if (number != unwatched_number_.get() || !is_unwatched()) return Next::kEnd;
        if (!QueuesInWait::any_here() && !is_waited_on_.get()) {
            const bool spins = spins_.wait_begins();
            if (spins || wait.prepare(waits)) {
                own_wait_ = &wait;
                is_waited_on_.set(true);
                return spins ? Next::kAttempt : Next::kSleep;
            }
        }
        if (own_wait_ != nullptr) return Next::kEnd;  // another thread waits for the same operation
        watch_unwatched();
    }
    ask(kReadable);
    return Next::kEnd;
}

// Attempts the operation that the calling thread waits for, unless another thread has removed it from the queue or
// attempts it for the poller. If the operation still waits, returns what the thread does next, provided that it is
// `in_time`, and that it can sleep. Otherwise ends the wait; if the operation is still unwatched, asks the poller.
Descriptor::Next Descriptor::go_on(ReadinessWait& wait, ReadinessWaits& waits, bool in_time) noexcept {
    unsigned events = 0;
    bool closes = false;
    {
        Lock lock(mutex_);
        const bool waits_on = own_wait_ == &wait && !closed_ && !attempt_in_wait() && is_unwatched();
        if (waits_on && in_time) {
            if (spins_.attempt_fails()) return Next::kAttempt;
            if (wait.prepare(waits)) return Next::kSleep;
        }
        if (waits_on) {
            armed_ |= kReadable;
            if (!NAIO_FAULT(own_wait_leaves_unwatched)) events = kReadable;
        }
        closes = end_own_wait(wait, events);
    }
    if (events != 0) ask(events);
    if (closes) close_fd();
    return Next::kEnd;
}

// Ends the own wait. True if the caller has to close the fd. Adds to `events` those for which the caller has to ask the
// poller.
//
// If an operation is unwatched, its timer must lead to the poller in time. Until now watch_later had no effect, even if
// the operation is a later one than that of the wait: another thread may have ended that one, and this thread may have
// been slow to notice.
bool Descriptor::end_own_wait(const ReadinessWait& wait, unsigned& events) noexcept {
    if (own_wait_ == &wait) own_wait_ = nullptr;
    is_waited_on_.set(false);
    const bool stays = is_unwatched() && !closed_ && !NAIO_FAULT(own_wait_forgets_the_timer);
    if (stays && !unwatched_->aio.leave_unwatched(now())) {
        watch_unwatched();
        events |= kReadable;
    }
    return closes_after_wait_;
}

// True if the operation at the head of the input queue is done.
bool Descriptor::attempt_in_wait() noexcept {
    Queue& queue = of(Direction::kIn);
    const Attempt attempt = try_first(queue);
    if (!attempt.done) return false;
    spins_.attempt_succeeds();
    own_wait_ = nullptr;  // the thread need not be interrupted
    unwatched_tries_.ends(true);
    DecidedList done;
    decide(*queue.operations.front(), attempt.result, attempt.count, done);
    queue.finishing = !NAIO_FAULT(completions_overtake);
    finish(done, kReadable);
    return true;
}

// Called by a thread that removes the unwatched operation from the queue, or that attempts it for the poller.
void Descriptor::interrupt_own_wait() noexcept {
    if (own_wait_ == nullptr || NAIO_FAULT(own_wait_is_not_interrupted)) return;
    own_wait_->interrupt();
    own_wait_ = nullptr;
}

}  // namespace naio
