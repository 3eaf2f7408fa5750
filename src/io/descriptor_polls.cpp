// Operations that the runner of their queue performs itself while the queue has no task (exec/runner_polls.h).
#include "base/fault.h"
#include "exec/completion_queue.h"
#include "io/descriptor.h"

namespace naio {

const PolledDescriptor::Owner Descriptor::kPolledByRunner{
    .retain = [](PolledDescriptor& polled) noexcept { static_cast<Descriptor&>(polled).retain(); },
    .release = [](PolledDescriptor& polled) noexcept { static_cast<Descriptor&>(polled).release(); },
    .begin_poll = [](PolledDescriptor& polled,
                     ReadinessWait& wait) noexcept { return static_cast<Descriptor&>(polled).begin_poll(wait); },
    .end_poll = [](PolledDescriptor& polled, const ReadinessWait& wait,
                   bool ready) noexcept { static_cast<Descriptor&>(polled).end_poll(wait, ready); },
    .watch_later = [](PolledDescriptor& polled) noexcept { watch_later(&static_cast<Descriptor&>(polled)); },
};

bool Descriptor::may_be_performed_by_runner(const Aio& aio) noexcept {
    return aio.is_for_runner_here() && aio.services().own_waits.claim != nullptr;
}

// False if the operation is for a runner, but the runner polls for too many.
bool Descriptor::leave_to_runner(const Aio& aio) noexcept {
    CompletionQueue* const queue = aio.queue();
    return queue == nullptr || queue->poll_for(*this, *aio.services().own_waits.waits);
}

void Descriptor::leaves_runner(const Aio& aio) noexcept {
    if (CompletionQueue* const queue = aio.queue()) queue->forget(*this);
}

// The own wait of a thread that has waited for an earlier operation may not be over yet. Then the poller is asked.
int Descriptor::begin_poll(ReadinessWait& wait) noexcept {
    {
        Lock lock(mutex_);
        if (unwatched_ == nullptr) return -1;
        if (!is_unwatched() || closed_) {  // the poller watches, because another operation was submitted
            leaves_runner(unwatched_->aio);
            return -1;
        }
        if (!is_waited_on_.get()) {
            own_wait_ = &wait;
            is_waited_on_.set(true);
            return fd_;
        }
        watch_unwatched();
    }
    ask(kReadable);
    return -1;
}

// If the operation still waits, its timer must lead to the poller in time (end_own_wait), because the runner may now be
// busy with other callbacks.
void Descriptor::end_poll(const ReadinessWait& wait, bool ready) noexcept {
    unsigned events = 0;
    bool closes = false;
    {
        Lock lock(mutex_);
        if (own_wait_ == &wait && ready && !closed_) static_cast<void>(attempt_in_wait());
        closes = end_own_wait(wait, events);
    }
    if (events != 0) ask(events);
    if (closes) close_fd();
}

}  // namespace naio
