// The part of the model for the life of an operation: its deadline, its start or refusal, requests, its end and its
// callback.
#include <utility>

#include "contract.h"
#include "model.h"

namespace simulation {

// Returns the deadline of the next operation. Clears the expiry and the limit that hold for one operation only, even if
// the start is refused.
Model::Deadline Model::take_deadline(Aio& aio) {
    const Moment own = std::exchange(aio.expire, std::nullopt).value_or(aio.timeout);
    const Moment earliest = std::min(own, std::exchange(aio.limit, Moment::kNever));
    if (aio.timeout_types == 0) return {};
    return {earliest, aio.timeout_types};
}

Model::Deadline Model::deadline_of(const Aio& aio) {
    Aio copy = aio;
    return take_deadline(copy);
}

// Returns the result of a start that is refused. No value: the start is not refused.
std::optional<int> Model::refusal(unsigned i, const Deadline& deadline) const {
    const Aio& aio = aios_[i];
    if (aio.stopped) return NNG_ESTOPPED;
    if (is_member(i) && groups_[group_of(i)].remembered != 0) return groups_[group_of(i)].reason;
    const Types remembered = aio.signal != kNoSignal ? signals_[aio.signal].remembered : aio.remembered;
    if ((remembered & aio.filter) != 0) return NNG_ECANCELED;
    if (deadline.moment == Moment::kPassed) return NNG_ETIMEDOUT;
    return std::nullopt;
}

void Model::refuse(unsigned i, int result, Types outcome, std::size_t count) {
    Aio& aio = aios_[i];
    aio.release = false;
    aio.skips = false;
    aio.seen.output = false;
    aio.seen.result = result;
    aio.seen.count = count;
    aio.seen.outcome = outcome;
    aio.asked = result != NNG_ETIMEDOUT || refusal(i, {}).has_value();
    deliver(i);
}

// Starts an operation, or refuses it. True if it was started.
bool Model::begin(unsigned i, Kind kind, Types guarantee, const Deadline& deadline) {
    Aio& aio = aios_[i];
    if (const auto why = refusal(i, deadline)) {
        if (in_callback_ == i && gave_stopped_ && aio.stopped) {  // a callback gets NNG_ESTOPPED only once
            aio.release = aio.skips = false;
            return false;
        }
        refuse(i, *why, NAIO_CANCEL_TOTAL, 0);
        return false;
    }
    aio.kind = kind;
    aio.in_flight = true;
    aio.skips = false;
    aio.seen.output = false;
    aio.permitted = permitted_by(guarantee);
    aio.accepted = aio.acknowledged = aio.sticky = 0;
    aio.kept = aio.expired = aio.declined_elsewhere = aio.asked = false;
    ++aio.operation;
    aio.reason = NNG_OK;
    if (aio.signal != kNoSignal && !signals_[aio.signal].scope) aim(aio.signal, i);
    return true;
}

void Model::expire_if_near(unsigned i, const Deadline& deadline) {
    if (deadline.moment == Moment::kNear && aios_[i].in_flight) post({Event::What::kExpiry, i, deadline.types});
}

// Requests the types, and keeps those in `lasting` as sticky. The caller must then call the cancel function
// (call_cancel).
Model::Claim Model::claim(unsigned i, Types types, Types lasting, int reason, bool by_timeout) {
    Aio& aio = aios_[i];
    if (!aio.in_flight) return {};
    aio.sticky |= lasting;
    const Types possible = types & (aio.permitted | aio.accepted);
    const Types newly = possible & ~aio.accepted;
    if (newly == 0) return {i, possible, 0};
    if (aio.accepted == 0 && !aio.kept) {
        aio.reason = reason;
        aio.asked = !by_timeout;
    }
    aio.accepted |= newly;
    return {i, possible, newly};
}

// Calls the cancel function for the types that a claim has newly accepted. True if the request is accepted.
bool Model::call_cancel(const Claim& claim) {
    const Types declined = claim.newly != 0 ? ask(claim.i, claim.newly) : Types{0};
    return (claim.possible & ~declined) != 0;
}

// Makes a request whose answer can be seen. The answer is undetermined if another thread may still be in a cancel
// function that declines.
bool Model::request(unsigned i, Types types, Types lasting, int reason) {
    const bool unknown = aios_[i].declined_elsewhere;
    const Claim claimed = claim(i, types, lasting, reason);
    if (unknown && claimed.possible != 0) undetermined_ = true;
    return call_cancel(claimed);
}

// Requests the types from all targets, and only then calls their cancel functions. True if one target accepts.
bool Model::request_of_all(const std::vector<unsigned>& targets, Types types, Types lasting, int reason) {
    std::vector<Claim> claims;
    for (const unsigned i : targets) {
        const Types filter = is_member(i) ? kAll : aios_[i].filter;
        const bool unknown = aios_[i].declined_elsewhere;
        claims.push_back(claim(i, types & filter, lasting & filter, reason));
        if (unknown && claims.back().possible != 0) undetermined_ = true;
    }
    bool accepted = false;
    for (const Claim& each : claims)
        if (call_cancel(each)) accepted = true;
    return accepted;
}

// Calls the cancel function. Returns the types that it declines.
Types Model::ask(unsigned i, Types types) {
    Aio& aio = aios_[i];
    if (!aio.in_flight) return 0;  // the operation has ended after the claim
    if (aio.kind != Kind::kComposed && aio.kind != Kind::kGroup) shown_ = true;
    if (aio.kind == Kind::kComposed) {
        call_cancel(claim(child_of(i), types, types, aio.reason));
        return 0;
    }
    if (aio.kind == Kind::kGroup) {
        const Types declined = ask_group(aio.group, types);
        aio.accepted &= ~declined;
        if (aio.accepted == 0 && !aio.kept) aio.asked = false;
        if (declined != 0 && elsewhere_) aio.declined_elsewhere = true;
        return declined;
    }
    if (aio.kind == Kind::kStream) std::erase(streams_[aio.stream].receives, i);
    if (aio.kind != Kind::kProvider) {
        end(i, aio.reason, aio.moved);
        if (aio.kind == Kind::kStream) post({Event::What::kPump, aio.stream});
        return 0;
    }
    Seen& seen = aios_[i % kPlaces].seen;
    ++seen.cancel_calls;
    seen.asked = aio.typed ? types : Types{0};
    seen.asked_reason = aio.reason;
    if (aio.policy == Policy::kFinish) {
        end(i, aio.reason, 0);
        return 0;
    }
    if (aio.policy != Policy::kDecline) return 0;
    const Types declined = types & ~aio.acknowledged;
    aio.accepted &= ~declined;
    if (aio.accepted == 0 && !aio.kept) aio.asked = false;
    if (elsewhere_) aio.declined_elsewhere = true;
    return declined;
}

// Ends the operation in flight with the provider's result.
void Model::end(unsigned i, int result, std::size_t count) {
    Aio& aio = aios_[i];
    const bool by_request = result != NNG_OK && (aio.accepted != 0 || aio.kept) && result == aio.reason;
    aio.in_flight = false;
    aio.seen.result = result;
    aio.seen.count = count;
    aio.seen.outcome = by_request ? strongest(aio.permitted) : Types{0};
    deliver(i);
}

// Completes an operation without a start, because its result is available at once.
void Model::complete(unsigned i, int result, std::size_t count) {
    Aio& aio = aios_[i];
    aio.release = aio.kept = aio.asked = false;
    aio.accepted = 0;
    aio.seen.result = result;
    aio.seen.count = count;
    aio.seen.outcome = 0;
    aio.seen.output = false;
    if (std::exchange(aio.skips, false))
        aio.seen.skipped = true;
    else
        deliver(i);
}

// Hands the completion to the queue or to another thread. An aio without a callback and without a release function
// becomes idle at once.
void Model::deliver(unsigned i) {
    Aio& aio = aios_[i];
    if (!has_callback(i) && !is_child(i) && !aio.release) return over(i);
    aio.ready = true;
    if (!is_queued(i)) return post({Event::What::kCallback, i});
    queue_.push_back(i);
    pushed_elsewhere_ = pushed_elsewhere_ || elsewhere_;
}

void Model::call_back(unsigned i) {
    Aio& aio = aios_[i];
    aio.ready = false;
    aio.seen.releases += std::exchange(aio.release, false) ? 1 : 0;
    if (is_child(i)) return step(i - kPlaces);
    if (!has_callback(i)) return over(i);
    ++aio.seen.callbacks;
    if (aio.again != 0) call_from(i);
}

// Makes the calls of the aio's callback.
void Model::call_from(unsigned i) {
    Aio& aio = aios_[i];
    --aio.again;
    const auto outside = std::exchange(in_callback_, i);
    const bool gave_stopped_outside = std::exchange(gave_stopped_, aio.seen.result == NNG_ESTOPPED);
    for (const Call& call : std::vector(aio.then)) {
        if (call.aio != i && call.aio == leaving_) undetermined_ = true;  // the aio would be used while it is freed
        make(call);
    }
    in_callback_ = outside;
    gave_stopped_ = gave_stopped_outside;
}

// Called when an aio has become idle without a callback. If the aio is a member of a group, tells the group.
void Model::over(unsigned i) {
    if (is_member(i)) complete_member(i);
}

// Runs the callbacks and the requests of groups that are in the queue now, and leaves those that they add to the next
// call. Returns their number.
std::int64_t Model::run_queue() {
    const auto count = static_cast<std::int64_t>(queue_.size());
    for (const unsigned i : std::exchange(queue_, {})) {
        if (i >= kAsking) {
            const auto outside = std::exchange(in_callback_, std::nullopt);
            ask_rest(i - kAsking);
            in_callback_ = outside;
            continue;
        }
        call_back(i);
        if (has_callback(i)) order_.push_back(i);
    }
    return count;
}

void Model::stop(unsigned i) {
    aios_[i].stopped = true;
    call_cancel(claim(i, kAll, kAll, NNG_ESTOPPED));
}

// Stops the aio, waits for it, and runs the queue until it is empty. The wait may run the queue, too. The call is
// undetermined if another thread adds to the queue during the call.
void Model::stop_and_wait(unsigned i) {
    const bool before = std::exchange(pushed_elsewhere_, false);
    stop(i);
    while (!queue_.empty() || !events_.empty()) {
        if (when_ != Order::kLastFirst) settle();
        run_queue();
        if (queue_.empty()) settle();
    }
    has_run_queue_ = true;
    undetermined_ = undetermined_ || pushed_elsewhere_;
    pushed_elsewhere_ = before;
}

// True if the aio becomes idle when it is stopped and the other threads have handled all events.
bool Model::would_be_reaped(unsigned i) const {
    Model then = *this;
    then.stop(i);
    then.settle();
    return then.idle(i);
}

// True if a call that stops the aio and then waits for it would return. As long as the program's thread
// has not run the queue, its waits run the queue only if they are for an aio of the queue.
bool Model::would_end(unsigned i) const {
    if (idle(i)) return true;
    if (!has_run_queue_ && !is_queued(i)) return would_be_reaped(i);
    Model then = *this;
    then.stop_and_wait(i);
    return then.idle(i);
}

// Puts a new handle into the place of this one. The counters go on, because the world counts per place.
void Model::replace(unsigned i) {
    const Seen before = aios_[i].seen;
    for (Signal& signal : signals_) std::erase(signal.targets, i);
    aios_[i] = {};
    aios_[i].touched = true;
    aios_[i].seen.callbacks = before.callbacks;
    aios_[i].seen.cancel_calls = before.cancel_calls;
    aios_[i].seen.releases = before.releases;
    aios_[i].seen.steps = before.steps;
    aios_[i].seen.asked = before.asked;
    aios_[i].seen.asked_reason = before.asked_reason;
}

Types Model::permit(unsigned i, Types guarantee) {
    Aio& aio = aios_[i];
    if (!aio.in_flight) return 0;
    aio.permitted = permitted_by(guarantee);
    const Types newly = aio.sticky & aio.permitted & ~aio.accepted;
    if (newly != 0 && aio.accepted == 0 && !aio.kept) {
        aio.reason = aio.expired ? NNG_ETIMEDOUT : aio.stopped ? NNG_ESTOPPED : NNG_ECANCELED;
        if (is_member(i) && !aio.expired) aio.reason = groups_[group_of(i)].reason;
        aio.asked = !aio.expired;
    }
    aio.accepted |= newly;
    aio.acknowledged |= aio.accepted;
    aio.kept = aio.kept || aio.accepted != 0;
    const Types answer = aio.accepted;
    if (newly != 0) post({Event::What::kReminder, i, newly});
    return answer;
}

Types Model::acknowledge(unsigned i, Types clear) {
    Aio& aio = aios_[i];
    if (!aio.in_flight) return 0;
    const Types answer = aio.accepted;
    aio.acknowledged |= answer;
    aio.kept = aio.kept || answer != 0;
    for (Types* types : {&aio.accepted, &aio.acknowledged, &aio.sticky}) *types &= ~(clear & answer);
    return answer;
}

}  // namespace simulation
