// The part of the model for groups: several operations that are together one operation on an aio.
#include <algorithm>
#include <utility>

#include "contract.h"
#include "model.h"

namespace simulation {

std::optional<unsigned> Model::unsubmitted(unsigned g) const {
    for (unsigned m = 0; m < kMembers; ++m)
        if (!groups_[g].submitted[m]) return member(g, m);
    return std::nullopt;
}

// True if an operation may start on the aio. An operation on a member starts once in each run of its group.
bool Model::may_start(unsigned i) const {
    if (!idle(i)) return false;
    if (!is_member(i)) return true;
    const Group& group = groups_[group_of(i)];
    return group.launching && !group.submitted[index_of(i)];
}

void Model::submit(unsigned i) {
    if (is_member(i)) groups_[group_of(i)].submitted[index_of(i)] = true;
}

bool Model::allows_group(const Call& call) const {
    const Group& group = groups_[call.other];
    switch (call.what) {
        case Do::kGroupStart:
            return may_start(call.aio) && !group.running && !(is_member(call.aio) && group_of(call.aio) == call.other);
        case Do::kGroupSeal:
            return group.launching && !unsubmitted(call.other);
        default:
            return !group.running;
    }
}

void Model::apply_group(const Call& call) {
    Group& group = groups_[call.other];
    switch (call.what) {
        case Do::kGroupStart:
            submit(call.aio);
            return start_group(call);
        case Do::kGroupSeal:
            group.launching = false;
            return leave(call.other);
        default:
            for (unsigned m = 0; m < kMembers; ++m) replace(member(call.other, m));
            group = {};
    }
}

void Model::start_group(const Call& call) {
    Group& group = groups_[call.other];
    Aio& outer = aios_[call.aio];
    const Deadline deadline = take_deadline(outer);
    const auto need = static_cast<unsigned>(call.value % kFlag);
    const int flags = call.value / kFlag;
    outer.typed = true;
    outer.release = false;
    outer.policy = Policy::kFinish;
    outer.group = call.other;
    outer.first_byte.reset();
    group.used = false;  // the order of the former run is valid until the next start, even if the start is refused
    if (need > kMembers || flags > 1) return refuse(call.aio, NNG_EINVAL, NAIO_CANCEL_TOTAL, 0);
    if (!begin(call.aio, Kind::kGroup, NAIO_CANCEL_TOTAL, deadline)) return;
    group = {};
    group.used = group.running = group.launching = true;
    group.outer = call.aio;
    group.need = need;
    group.success = flags == 1;
    group.types = call.types;
    group.weakest = NAIO_CANCEL_TOTAL;
    for (unsigned m = 0; m < kMembers; ++m) aios_[member(call.other, m)].inherits = is_queued(call.aio);
    decide(call.other);
    expire_if_near(call.aio, deadline);
}

// ---- requests

bool Model::forward(unsigned g, Types types, Types lasting, int reason) {
    Group& group = groups_[g];
    if (lasting != 0 && group.remembered == 0) group.reason = reason;
    group.remembered |= lasting;
    std::vector<unsigned> members;
    for (unsigned m = 0; m < kMembers; ++m) members.push_back(member(g, m));
    return request_of_all(members, types, lasting, reason);
}

// Passes types that the group's aio has accepted on to the members. Until the group is sealed it takes up every
// request, because the request is also for the members that are submitted later. A sealed group takes up a request that
// a member accepts; the types are then sticky for the other members. Returns the types that it declines.
Types Model::ask_group(unsigned g, Types types) {
    Group& group = groups_[g];
    const Aio& outer = aios_[group.outer];
    const bool launching = group.launching;
    const bool asked_before = std::exchange(group.asked, true);
    const Types sticky = outer.sticky & types;
    const bool accepted = forward(g, types, launching ? types : sticky, outer.reason);
    if (accepted && !launching) forward(g, types, types, outer.reason);
    if (!accepted && !launching && sticky == 0 && !group.decided) group.asked = asked_before;
    return accepted || launching ? Types{0} : types;
}

// Asks the remaining members to end. If a program cannot see this request, the program's next call may come before the
// request, so the effect is not determined.
void Model::ask_rest(unsigned g) {
    shown_ = (groups_[g].types & ~groups_[g].remembered) != 0;
    forward(g, groups_[g].types, groups_[g].types, NNG_ECANCELED);
    if (!shown_ && elsewhere_) undetermined_ = true;
    groups_[g].asks_rest = false;
    leave(g);
}

// ---- completion

void Model::complete_member(unsigned i) {
    Group& group = groups_[group_of(i)];
    const Seen& seen = aios_[i].seen;
    const bool success = seen.result == NNG_OK;
    const bool asked = group.asked && aios_[i].asked;
    group.order.push_back(index_of(i));
    if (success) ++group.succeeded;
    if (!asked && (success || !group.success)) ++group.unasked;
    if (asked && seen.outcome != 0) group.cut_short = true;
    group.weakest = std::min(group.weakest, seen.outcome != 0 ? seen.outcome : Types{NAIO_CANCEL_PARTIAL});
    decide(group_of(i));
    leave(group_of(i));
}

// Decides the group if its goal is reached or out of reach. Then the queue asks the other members to end, or this
// thread or another one does. Which of the latter two does it makes no difference here.
void Model::decide(unsigned g) {
    Group& group = groups_[g];
    const auto completed = static_cast<unsigned>(group.order.size());
    const unsigned left = kMembers - completed;
    const unsigned met = group.success ? group.succeeded : completed;
    const bool out_of_reach = group.success && (group.cut_short || met + left < group.need);
    if (group.decided || (met < group.need && !out_of_reach)) return;
    group.decided = true;
    if (left == 0 || group.types == 0) return;
    group.asked = group.asks_rest = true;
    if (!is_asked_in_queue(g)) return post({Event::What::kAskRest, g});
    queue_.push_back(kAsking + g);
    pushed_elsewhere_ = pushed_elsewhere_ || elsewhere_;
}

// True if the queue asks the group's members to end: the group's aio has a callback in the queue, and a member has an
// operation with a cancel function of the program.
bool Model::is_asked_in_queue(unsigned g) const {
    const unsigned outer = groups_[g].outer;
    if (!is_queued(outer) || !(has_callback(outer) || is_child(outer))) return false;
    for (unsigned m = 0; m < kMembers; ++m) {
        const Aio& each = aios_[member(g, m)];
        const bool is_the_librarys = each.kind == Kind::kSleep || each.kind == Kind::kStream;
        if (each.in_flight && !is_the_librarys && (each.typed || each.policy != Policy::kNone)) return true;
    }
    return false;
}

// Ends the group if it is sealed, all members have completed, and no thread has yet to ask members to end.
void Model::leave(unsigned g) {
    Group& group = groups_[g];
    if (group.running && !group.launching && !group.asks_rest && group.order.size() == kMembers) end_group(g);
}

void Model::end_group(unsigned g) {
    Group& group = groups_[g];
    Aio& outer = aios_[group.outer];
    group.running = false;
    for (unsigned m = 0; m < kMembers; ++m) aios_[member(g, m)].inherits = false;
    int result = NNG_OK;
    if (group.unasked < group.need) {
        if (outer.accepted != 0 || outer.kept) result = outer.reason;
        for (std::size_t i = 0; i < group.order.size(); ++i) {
            const int error = aios_[member(g, group.order[i])].seen.result;
            if (result == NNG_OK) result = error;
            if (i < group.unordered_end && i > group.unordered_begin && error != result) undetermined_ = true;
        }
    }
    if (result != NNG_OK) outer.permitted = permitted_by(group.weakest);
    end(group.outer, result, group.succeeded);
}

}  // namespace simulation
