#include "io/descriptor.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fault.h"
#include "base/os.h"
#include "base/system_error.h"
#include "io/system_calls.h"
#include "loop/poller.h"

namespace naio {

// ---- the submitter's thread

void Descriptor::submit(Direction direction, Kind kind, Types guarantee, Aio& aio) noexcept {
    Attempt attempt;
    Started start;
    unsigned events = 0;
    bool too_late = false;
    {
        Lock lock(mutex_);
        if (aio.insists()) wait_for_poller(direction);
        if (aio.attempt()) attempt = try_now(direction, kind, aio);
        if (!attempt.done) {
            if (attempt.count != 0) guarantee = std::min(strongest(guarantee), kPartial);
            const Cancellation cancellation{
                .guarantee = guarantee, .cancel = cancel, .release = end_operation, .argument = this, .own = true};
            start = attempt.count == 0 ? aio.try_start(cancellation) : aio.try_start_rest(cancellation, attempt.count);
            if (NAIO_FAULT(request_before_the_queue)) mutex_.unlock(), mutex_.lock();
            if (start.in_flight) events = enqueue(direction, kind, aio);
            too_late = start.in_flight && closed_ && !NAIO_FAULT(start_on_a_closed_descriptor_waits);
        }
    }
    if (attempt.done) return aio.finish({attempt.result, attempt.count});
    if (start.refused) return aio.report(start, attempt.count == 0 ? kTotal : guarantee);
    if (too_late) return aio.finish({NNG_ECLOSED});
    if (events == 0) return;
    const auto own = Ref<Descriptor>::adopt(this);
    ask(events);
}

// Blocks while the queue is empty and a thread finishes operations that have left it. Until these operations are
// finished, the next operation must not be attempted (invariant 1). Does not block if operations wait in the queue,
// because the next operation will wait behind them.
void Descriptor::wait_for_poller(Direction direction) noexcept {
    const Queue& queue = of(direction);
    while (queue.finishing && queue.operations.empty()) changed_.wait(mutex_);
}

// Blocks while a thread finishes operations that have left the queue.
void Descriptor::wait_for_finisher(Direction direction) noexcept {
    while (of(direction).finishing) changed_.wait(mutex_);
}

Descriptor::Attempt Descriptor::try_now(Direction direction, Kind kind, Aio& aio) noexcept {
    if (closed_) return {.done = true, .result = NNG_ECLOSED};
    Queue& queue = of(direction);
    if (!queue.operations.empty() && kind == Kind::kEnd && NAIO_FAULT(shutdown_overtakes_sends))
        return end_output(queue);
    if (!queue.operations.empty() || queue.paused || queue.finishing) return {};
    if (queue.expected_eagains != 0 && kind != Kind::kEnd && leave_out_attempt(direction, kind, aio)) {
        --queue.expected_eagains;
        CallOut::counts().add(ThreadCounts::kCallAvoided);
        return {};
    }
    const Attempt attempt = try_once(queue, kind, aio);
    queue.expected_eagains = attempt.done ? (attempt.last ? 1 : 0) : kExpectedEagains;
    return attempt;
}

// True if the operation is attempted soon, without a thread being asked, and the handle does not insist on an attempt
// now: if the poller watches for the event, and the calling thread is the poller's; or if the operation may stay
// unwatched, and its own wait will attempt it.
// A whole operation may move some bytes, and then be ended before its wait: these bytes must be counted.
bool Descriptor::leave_out_attempt(Direction direction, Kind kind, const Aio& aio) noexcept {
    if (aio.insists()) return false;
    if ((armed_ & event(direction)) != 0) return poller().is_here();
    return kind != Kind::kWhole && may_stay_unwatched(direction, aio);
}

// Adds the operation to its queue, unless the descriptor is closed. Returns the events that the submitter must ask the
// poller for. If there are any, also takes a reference for the submitter. By the time the submitter asks the poller,
// the operation may be over, and the owner may have given up its reference.
unsigned Descriptor::enqueue(Direction direction, Kind kind, Aio& aio) noexcept {
    retain();
    Aio::Link& link = aio.make_link(static_cast<std::uint8_t>(kind));
    aio.note_descriptor(fd_);
    if (closed_) return 0;
    Queue& queue = of(direction);
    if (direction == Direction::kIn) is_for_runner_ = may_be_performed_by_runner(aio);
    const bool unwatched = may_stay_unwatched(direction, aio);
    NAIO_FAULT(operations_are_stacked) ? queue.operations.push_front(link) : queue.operations.push_back(link);
    if (unwatched && leave_unwatched(aio)) return 0;
    unsigned events = end_is_next() ? kNow : 0;
    if (!queue.paused && !NAIO_FAULT(poller_is_not_asked)) events |= event(direction) & ~armed_;
    if (events == 0) return 0;
    armed_ |= events & ~kNow;
    retain();
    return events;
}

void Descriptor::ask(unsigned events) noexcept {
    if (!want(events)) fail(NNG_ECLOSED);
}

// The cancel function of an operation that waits. The operation keeps its reference to the descriptor until this
// function has returned.
bool Descriptor::cancel(Aio* aio, void* self, Types types, nng_err reason) noexcept {
    auto& descriptor = *static_cast<Descriptor*>(self);
    bool must_ask = false;
    {
        Lock lock(descriptor.mutex_);
        if (!descriptor.waits_here(*aio) && !NAIO_FAULT(cancel_ends_what_is_finished)) return false;  // being finished
        if ((types & permitted_by(aio->guarantee())) == 0) return false;  // bytes were moved after the request
        descriptor.leaves_queue(aio->link());
        aio->link().unlink();
        must_ask = descriptor.end_is_next();
    }
    aio->finish({reason, aio->count()});
    if (must_ask) descriptor.ask(kNow);
    return true;
}

Descriptor::Attempt Descriptor::failed_or_waiting(int error) noexcept {
    if (error == EAGAIN || error == EWOULDBLOCK) return {};
    return {.done = true, .result = system_error(error)};
}

// ---- the attempt, on the submitter's or the poller's thread

Descriptor::Attempt Descriptor::try_once(Queue& queue, Kind kind, Aio& aio) noexcept {
    if (kind == Kind::kEnd) return end_output(queue);
    if (queue.ended) return {.done = true, .result = NNG_ECLOSED, .count = aio.count()};
    const Attempt attempt = queue.perform(*this, aio);
    return kind == Kind::kWhole && attempt.done ? add_up(attempt, aio) : attempt;
}

// Attempts the operation at the head of the queue.
Descriptor::Attempt Descriptor::try_first(Queue& queue) noexcept {
    Aio& aio = queue.operations.front()->aio;
    const bool untouched = aio.count() == 0;
    const Attempt attempt = try_once(queue, kind_of(aio), aio);
    if (!attempt.done && untouched && attempt.count != 0 && !NAIO_FAULT(total_request_after_the_first_byte))
        narrow(aio);
    return attempt;
}

// Adds the bytes that the attempt has moved to the bytes that the whole operation had moved before. The operation is
// done if no memory is left, or if the attempt has failed. Otherwise the operation waits: the system call has moved
// fewer bytes than the operation has, so another attempt would now probably return EAGAIN.
Descriptor::Attempt Descriptor::add_up(Attempt attempt, Aio& aio) noexcept {
    static_cast<void>(aio.advance_vectors(attempt.count));
    if (!NAIO_FAULT(count_of_the_last_part)) attempt.count += aio.count();
    aio.decide({attempt.result, attempt.count});
    const nng_iov* left = nullptr;
    attempt.done = attempt.result != NNG_OK || aio.vectors(&left) == 0;
    return attempt;
}

// Narrows the guarantee, because the operation has moved its first bytes. If the operation has accepted total requests
// alone, they come too late, and this function clears them. If it has accepted a request of another type, the cancel
// function ends the operation.
void Descriptor::narrow(Aio& aio) noexcept {
    if (aio.guarantee() == kTotal && aio.permit(kPartial) == kTotal) aio.acknowledge(kTotal);
}

Descriptor::Attempt Descriptor::end_output(Queue& queue) const noexcept {
    if (!queue.ended && system_calls.shutdown(fd_, SHUT_WR) != 0) return {.done = true, .result = system_error(errno)};
    queue.ended = true;
    return {.done = true};
}

// True if the operation that ends the output is at the head of its queue. In this case the caller must ask the poller
// to attempt the operation, because no readiness event tells that the operation has come to the head.
bool Descriptor::end_is_next() noexcept {
    const Aio::Link* const first = of(Direction::kOut).operations.front();
    return first != nullptr && kind_of(first->aio) == Kind::kEnd;
}

// ---- the poller's thread

unsigned Descriptor::ready(unsigned events) noexcept {
    DecidedList done;
    Lock lock(mutex_);
    if ((events & kNow) != 0) {
        events |= kWritable;
        watch_unwatched();
    }
    unsigned served = 0;
    for (const Direction direction : {Direction::kIn, Direction::kOut}) {
        if ((events & event(direction)) == 0) continue;
        // A thread that has performed an operation in its own wait may be finishing it.
        if (!NAIO_FAULT(poller_overtakes_an_own_wait)) wait_for_finisher(direction);
        if (closed_) return 0;
        armed_ = (armed_ & ~event(direction)) | serve(direction, done);
        if (of(direction).finishing) served |= event(direction);
    }
    if (!done.empty()) finish(done, served);
    return armed_;
}

// Finishes operations that have left the queues of these events. Drops the lock while it does so.
void Descriptor::finish(DecidedList& decided, unsigned events) noexcept {
    mutex_.unlock();
    finish(decided);
    mutex_.lock();
    for (const Direction direction : {Direction::kIn, Direction::kOut})
        if ((events & event(direction)) != 0) of(direction).finishing = false;
    if (!NAIO_FAULT(poller_finishes_unnoticed)) changed_.notify_all();
}

// True if the handle has a callback, which runs where the task queue says. To finish its operation is to submit a task,
// which the caller may do with the lock held.
bool Descriptor::may_be_finished_here(const Aio& aio) noexcept {
    return aio.queues_callback() && aio.queue() == nullptr;
}

// Attempts the operations of one direction. Returns the event of the direction if the poller must continue to watch for
// it, otherwise 0. The poller continues while operations wait. After reads it also continues if no operation waits,
// because the program will probably read again.
unsigned Descriptor::serve(Direction direction, DecidedList& done) noexcept {
    Queue& queue = of(direction);
    if (queue.operations.empty() || queue.paused) return 0;  // the next submit, or resume, asks the poller again
    if (direction == Direction::kIn) interrupt_own_wait();
    bool only_waited_for = false;
    while (Aio::Link* const next = queue.operations.front()) {
        const Attempt attempt = try_first(queue);
        if (!attempt.done) {
            if (NAIO_FAULT(whole_transfer_gives_way)) {
                next->unlink();
                queue.operations.push_back(*next);
            }
            return queue.paused ? 0 : event(direction);
        }
        if (attempt.last) queue.expected_eagains = std::max(queue.expected_eagains, 1u);
        only_waited_for = is_for_runner_ || may_be_performed_in_a_wait(next->aio);
        if (done.empty() && may_be_finished_here(next->aio)) {
            take_out(*next, attempt.result, attempt.count).finish_decided();
        } else {
            decide(*next, attempt.result, attempt.count, done);
            queue.finishing = !NAIO_FAULT(completions_overtake);
        }
        if (attempt.result != NNG_OK && NAIO_FAULT(failure_ends_only_the_first)) return 0;
    }
    return direction == Direction::kIn ? events_after(only_waited_for) : 0;
}

void Descriptor::refused(int error) noexcept { fail(system_error(error)); }

void Descriptor::closed() noexcept {
    close_fd();
    release();
}

void Descriptor::lost() noexcept {
    {
        Lock lock(mutex_);
        armed_ = 0;
        is_lost_ = true;
    }
    release();
}

// ---- the end

void Descriptor::set_name(const Allocator& allocator, const char* name) noexcept {
    Lock lock(mutex_);
    if (!closed_) name_.set(allocator, ObjectName::key_of(fd_), name);
}

nng_err Descriptor::state(Direction direction) noexcept {
    Lock lock(mutex_);
    return closed_ || of(direction).ended ? NNG_ECLOSED : NNG_OK;
}

void Descriptor::resume(Direction direction) noexcept {
    {
        Lock lock(mutex_);
        of(direction).paused = false;
        if (closed_ || of(direction).operations.empty() || (armed_ & event(direction)) != 0) return;
        armed_ |= event(direction);
    }
    ask(event(direction));
}

void Descriptor::unpause(Direction direction) noexcept {
    Lock lock(mutex_);
    of(direction).paused = false;
}

// Stores the result of the operation, and takes the operation from its queue, so that no request can end it any more.
// Returns the handle.
Aio& Descriptor::take_out(Aio::Link& operation, nng_err result, std::size_t count) noexcept {
    leaves_queue(operation);
    operation.unlink();
    operation.aio.decide({result, count});
    return operation.aio;
}

void Descriptor::decide(Aio::Link& operation, nng_err result, std::size_t count, DecidedList& decided) noexcept {
    take_out(operation, result, count).set_mark(kDecided);
    decided.push_back(operation);
}

// Ends all operations that wait, because the poller cannot watch the descriptor or the descriptor is being closed.
void Descriptor::fail(nng_err result) noexcept {
    DecidedList ended;
    {
        Lock lock(mutex_);
        armed_ = 0;
        for (Queue& queue : directions_)
            while (Aio::Link* const each = queue.operations.front()) decide(*each, result, each->aio.count(), ended);
    }
    finish(ended);
}

void Descriptor::finish(DecidedList& decided) noexcept {
    while (Aio::Link* const each = decided.pop_front()) each->aio.finish_decided();
}

void Descriptor::close() noexcept {
    Ref<Descriptor> own;
    {
        Lock lock(mutex_);
        if (closed_) return;
        closed_ = true;
        name_.clear();
        // The callback of an operation that ends may free this descriptor. The operation may end on another thread: as
        // soon as the lock is released, a thread may submit an operation, which ends with NNG_ECLOSED.
        own = Ref(NAIO_FAULT(close_holds_no_reference) ? nullptr : this);
        if (sharing_ == Sharing::kNone || NAIO_FAULT(shared_socket_is_shut_down))
            os::shutdown(fd_, SHUT_RDWR);  // the peer learns of the end before the poller closes the descriptor
    }
    fail(NNG_ECLOSED);
    if (Watch::close()) close_fd();
}

void Descriptor::close_fd() noexcept {
    {
        Lock lock(mutex_);
        closes_after_wait_ = is_waited_on_.get();
        if (closes_after_wait_) return;
    }
    close_descriptor(fd_);
    Lock lock(mutex_);
    fd_closed_ = true;
    gone_.notify_all();
}

void Descriptor::close_descriptor(int fd) noexcept { os::close(fd); }

void Descriptor::stop() noexcept {
    const Ref own(this);  // a callback of an operation that ends may free this descriptor
    close();
    Lock lock(mutex_);
    while (!fd_closed_) gone_.wait(mutex_);
}

}  // namespace naio
