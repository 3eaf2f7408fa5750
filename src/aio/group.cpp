#include "aio/group.h"

#include <algorithm>
#include <climits>
#include <limits>
#include <new>
#include <utility>

#include "aio/aio.h"
#include "aio/registry.h"
#include "base/fault.h"
#include "base/panic.h"
#include "exec/task_queue.h"

using naio::Allocator;
using naio::Lock;
using naio::Operation;
using naio::Task;

// ---- memory: one block for the group, one for its members and their order

naio_group* naio_group::create(naio::Services& services, unsigned size) noexcept {
    auto* group = services.registry.allocator().create<naio_group>(services, size);
    if (group == nullptr || group->create_members()) return group;
    group->destroy();
    return nullptr;
}

bool naio_group::create_members() noexcept {
    naio::Registry& registry = services_.registry;
    const std::size_t size = size_;
    if (size > std::numeric_limits<std::size_t>::max() / kMemberSize) return false;  // on a machine with 32 bits
    void* members = registry.allocator().allocate(members_size());
    if (members == nullptr) return false;
    members_ = static_cast<Member*>(members);
    order_ = reinterpret_cast<unsigned*>(members_ + size_);
    for (unsigned i = 0; i < size_; ++i) new (&members_[i]) Member{this, nullptr, 0, false};
    for (unsigned i = 0; i < size_; ++i) {
        members_[i].operation = registry.create(member_done, &members_[i], Operation::Delivery::kInline);
        if (members_[i].operation == nullptr) return false;
    }
    return true;
}

void naio_group::require_not_running(const char* call) noexcept {
    Lock lock(mutex_);
    if (parts_ != 0) naio::panic("%s(%p): the group is running", call, static_cast<void*>(this));
}

void naio_group::require_startable(Operation& outer, const char* call) noexcept {
    require_not_running(call);
    for (unsigned i = 0; i < size_; ++i) {
        const Operation& member = *members_[i].operation;
        const bool gets_queue = outer.queue() != nullptr && member.queue() == nullptr;
        gets_queue ? member.require_not_busy(call) : member.require_none_in_flight(call);
    }
}

void naio_group::destroy() noexcept {
    const Allocator& allocator = services_.registry.allocator();
    if (members_ != nullptr) {
        for (unsigned i = 0; i < size_; ++i)
            if (members_[i].operation != nullptr) members_[i].operation->reap();
        allocator.release(members_, members_size());
    }
    allocator.destroy(this);
}

// ---- launch

bool naio_group::start(Operation& outer, naio::Limit limit, const Goal& goal, nng_err error) noexcept {
    if (outer.slot() == nullptr) error = NNG_ENOMEM;
    if (error != NNG_OK) {
        outer.refuse(error);
        return false;
    }
    bind_members(outer);
    {
        Lock lock(mutex_);
        outer_ = &outer;
        goal_ = goal;
        parts_ = size_ + (NAIO_FAULT(group_without_the_sealers_part) ? 0 : 1);
        completed_ = succeeded_ = unasked_ = 0;
        weakest_ = naio::kTotal;
        launching_ = true;
        cut_short_ = decided_ = false;
        if (!NAIO_FAULT(group_asks_for_its_next_use)) asked_ = false;
    }
    const naio::Started begun =
        outer.try_start({.guarantee = naio::kTotal, .cancel = cancel, .release = nullptr, .argument = this}, limit);
    bool ask = false;
    {
        Lock lock(mutex_);
        if (begun.in_flight) {
            ask = decide();
        } else {
            if (!NAIO_FAULT(refused_group_counts_as_running)) parts_ = 0;
            launching_ = false;
        }
    }
    if (ask) run(Errand::kAsk);
    if (!begun.in_flight) give_back_queues(outer);
    if (begun.refused) outer.report(begun);  // the callback may free the group
    return begun.in_flight;
}

void naio_group::bind_members(Operation& outer) noexcept {
    naio::CompletionQueue* const queue = outer.queue();
    unsigned heirs = 0;
    for (unsigned i = 0; i < size_; ++i) {
        Member& member = members_[i];
        member.before = member.operation->generation();
        if (!NAIO_FAULT(request_does_not_reach_the_members)) member.operation->bind_all(*outer.slot());
        member.inherits =
            queue != nullptr && !NAIO_FAULT(members_without_the_groups_queue) && member.operation->queue() == nullptr;
        if (!member.inherits) continue;
        member.operation->replace_queue(queue);
        ++heirs;
    }
    if (heirs != 0) queue->retain(heirs);  // a reference for each heir; no thread uses the members yet
}

// Takes the outer handle's queue from the members to which the group has given it. REQUIRES: all members are idle.
void naio_group::give_back_queues(const Operation& outer) noexcept {
    naio::CompletionQueue* const queue = outer.queue();
    unsigned heirs = 0;
    for (unsigned i = 0; i < size_; ++i) {
        if (!std::exchange(members_[i].inherits, false)) continue;
        naio::CompletionQueue* const given = members_[i].operation->replace_queue(nullptr);
        if (given == queue)
            ++heirs;
        else if (given != nullptr)
            given->release();  // the program has set another queue since
    }
    if (heirs != 0) queue->release(heirs);
}

void naio_group::require_submitted(const char* call) noexcept {
    if (!launching_) naio::panic("%s(%p): the group is not being started", call, static_cast<void*>(this));
    for (unsigned i = 0; i < size_; ++i) {
        if (members_[i].operation->generation() == members_[i].before)
            naio::panic("%s(%p): member %u was not submitted", call, static_cast<void*>(this), i);
    }
}

void naio_group::seal(const char* call) noexcept {
    Errand errand = Errand::kNone;
    {
        Lock lock(mutex_);
        require_submitted(call);
        launching_ = NAIO_FAULT(sealed_group_is_launched_on);
        errand = leave_locked();
    }
    run(errand);
}

// ---- requests

// During the launch the group accepts every request, because the slot also passes it on to the members that are
// submitted later. After the launch the group accepts if one of the members does. If it accepts, the types become
// sticky for the other members, because this function is not called with these types again.
bool naio_group::cancel(nng_aio*, void* self, naio_cancel types, nng_err) noexcept {
    auto& group = *static_cast<naio_group*>(self);
    Operation* outer = nullptr;
    bool launching = false;
    bool asked_before = false;
    {
        Lock lock(group.mutex_);
        outer = group.outer_;
        launching = group.launching_;
        asked_before = std::exchange(group.asked_, true);
    }
    const naio::Types sticky = outer->sticky(types);
    const bool accepted =
        outer->forward_accepted(types, launching && !NAIO_FAULT(launch_forgets_requests) ? types : sticky);
    if (accepted && !launching && !NAIO_FAULT(group_request_stays_with_one))
        static_cast<void>(outer->forward_accepted(types, types));
    if (!accepted && !launching && sticky == 0) {
        Lock lock(group.mutex_);
        // All members have declined, so `asked_` must not stay set because of this request.
        if (!group.decided_ && !NAIO_FAULT(declined_request_counts_as_made)) group.asked_ = asked_before;
    }
    return accepted || launching;
}

// ---- asking the other members

// The groups for which the calling thread has errands to do, after the one that it is doing.
struct naio_group::Errands {
    naio_group* first = nullptr;
    naio_group* last = nullptr;

    void push(naio_group& group) noexcept {
        group.next_on_errand_ = nullptr;
        (first == nullptr ? first : last->next_on_errand_) = &group;
        last = &group;
    }
    naio_group* pop() noexcept { return std::exchange(first, first->next_on_errand_); }

    static constinit thread_local Errands* here;  // nullptr: the thread is not on an errand
};

constinit thread_local naio_group::Errands* naio_group::Errands::here = nullptr;

void naio_group::run(Errand errand) noexcept {
    if (errand == Errand::kNone) return;
    if (Errands* const running = Errands::here; running != nullptr && !NAIO_FAULT(group_ends_in_the_end_of_another)) {
        errand_ = errand;
        return running->push(*this);
    }
    Errands more;
    Errands::here = &more;
    run_here(errand);
    while (more.first != nullptr) {
        naio_group& next = *more.pop();
        if (!NAIO_FAULT(errand_for_another_group_is_forgotten)) next.run_here(next.errand_);
    }
    Errands::here = nullptr;
}

void naio_group::run_here(Errand errand) noexcept { errand == Errand::kAsk ? ask() : finish(); }

// Asks the other members to end, here or in a task. outer_ and goal_ do not change before the asking gives up its part.
void naio_group::ask() noexcept {
    Operation* outer = nullptr;
    naio::Types types = 0;
    {
        Lock lock(mutex_);
        outer = outer_;
        types = goal_.types;
    }
    if (!NAIO_FAULT(group_leaves_every_request_to_a_task) && outer->forward_to_own(types, NNG_ECANCELED))
        return leave();
    naio::CompletionQueue* const queue = outer->queue();
    if (queue != nullptr && (outer->queues_callback() || NAIO_FAULT(silent_group_needs_its_queue)))
        queue->push(rest_);
    else
        services_.tasks.submit(rest_);
}

Task* naio_group::Rest::ask(Task& task) noexcept {
    naio_group& group = static_cast<Rest&>(task).group;
    Operation* outer = nullptr;
    naio::Types types = 0;
    {
        Lock lock(group.mutex_);
        outer = group.outer_;
        types = group.goal_.types;
    }
    outer->forward(types, types, NNG_ECANCELED, types);
    group.leave();
    return nullptr;
}

// ---- completion

void naio_group::member_done(void* argument) noexcept {
    auto& member = *static_cast<Member*>(argument);
    member.group->completed(member);
}

void naio_group::completed(Member& member) noexcept {
    Errand errand = Errand::kNone;
    {
        Lock lock(mutex_);
        count(member);
        const bool asks = decide();
        errand = leave_locked();
        if (asks) errand = Errand::kAsk;
    }
    run(errand);
}

void naio_group::count(Member& member) noexcept {
    order_[completed_++] = static_cast<unsigned>(&member - members_);
    const bool success = member.operation->result() == NNG_OK;
    const bool asked = asked_ && member.operation->asked();
    if (success) ++succeeded_;
    if (!asked && (success || !goal_.success)) ++unasked_;
    const naio::Types outcome = member.operation->outcome();
    if (asked && outcome != 0) cut_short_ = true;
    weakest_ = std::min(weakest_, outcome != 0 ? outcome : naio::kPartial);  // a stronger type has a greater value
}

// Decides for the group if the goal is reached or can no longer be reached. Returns true, at most once, if other
// members have to be asked to end. In that case the caller runs kAsk, for which this has incremented parts_.
bool naio_group::decide() noexcept {
    const unsigned left = size_ - completed_;
    const unsigned met = goal_.success                                   ? succeeded_
                         : NAIO_FAULT(group_counts_only_those_not_asked) ? unasked_
                                                                         : completed_;
    const bool out_of_reach =
        (goal_.success || NAIO_FAULT(group_of_all_is_out_of_reach)) && (cut_short_ || met + left < goal_.need);
    if ((decided_ && !NAIO_FAULT(group_decides_twice)) || (met < goal_.need && !out_of_reach)) return false;
    decided_ = true;
    if (left == 0 || goal_.types == 0) return false;
    asked_ = true;
    if (!NAIO_FAULT(asking_the_rest_is_no_part)) ++parts_;
    return true;
}

// `cancel` may be running, and decline a request that the outer operation has accepted, because no member takes it. The
// acknowledgement keeps such a request, so that its requester does not learn that it has had no effect.
nng_err naio_group::result() noexcept {
    if (unasked_ >= goal_.need) return NNG_OK;
    const naio::Types accepted =
        NAIO_FAULT(group_ends_by_a_declined_request) ? outer_->cancelled() : outer_->acknowledge(0);
    if (accepted != 0) return outer_->reason();
    for (unsigned i = 0; i < completed_; ++i) {
        const nng_err error = members_[order_[i]].operation->result();
        if (error != NNG_OK) return error;
    }
    return NNG_OK;
}

naio_group::Errand naio_group::leave_locked() noexcept { return --parts_ == 0 ? Errand::kFinish : Errand::kNone; }

void naio_group::leave() noexcept {
    Errand errand = Errand::kNone;
    {
        Lock lock(mutex_);
        errand = leave_locked();
    }
    run(errand);
}

void naio_group::finish() noexcept {
    Operation* outer = nullptr;
    nng_err error = NNG_OK;
    std::size_t succeeded = 0;
    naio::Types outcome = 0;
    {
        Lock lock(mutex_);
        outer = outer_;
        error = result();
        succeeded = succeeded_;
        outcome = weakest_;
    }
    if (!NAIO_FAULT(group_used_after_its_end)) give_back_queues(*outer);
    if (error != NNG_OK && !NAIO_FAULT(group_outcome_is_total)) outer->set_guarantee(outcome);
    outer->finish({error, succeeded});
    if (NAIO_FAULT(group_used_after_its_end)) give_back_queues(*outer);
}

unsigned naio_group::order(unsigned i) noexcept {
    Lock lock(mutex_);
    return i < completed_ ? order_[i] : UINT_MAX;
}
