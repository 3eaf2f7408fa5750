// The life of an operation: its deadline, its start or refusal, requests, its end and its callback.
#include <utility>

#include "contract.h"
#include "model.h"

namespace simulation {

// The deadline of the next operation. What was set for one operation only is used up, whatever becomes of it.
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

// Why a start is refused.
std::optional<int> Model::refusal(const Aio& aio, const Deadline& deadline) const {
    if (aio.stopped) return NNG_ESTOPPED;
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
    deliver(i);
}

// False: refused.
bool Model::begin(unsigned i, Kind kind, Types guarantee, const Deadline& deadline) {
    Aio& aio = aios_[i];
    if (const auto why = refusal(aio, deadline)) {
        refuse(i, *why, NAIO_CANCEL_TOTAL, 0);
        return false;
    }
    aio.kind = kind;
    aio.in_flight = true;
    aio.skips = false;
    aio.seen.output = false;
    aio.permitted = permitted_by(guarantee);
    aio.accepted = aio.told = aio.due = 0;
    aio.kept = aio.expired = aio.declined_elsewhere = false;
    aio.reason = NNG_OK;
    if (aio.signal != kNoSignal && !signals_[aio.signal].scope) aim(aio.signal, i);
    return true;
}

void Model::expire_if_near(unsigned i, const Deadline& deadline) {
    if (deadline.moment != Moment::kNear || !aios_[i].in_flight) return;
    aios_[i].expired = true;
    aios_[i].declined_elsewhere = aios_[i].policy == Policy::kDecline;
    request(i, deadline.types, deadline.types, NNG_ETIMEDOUT);
}

// A thread requests the types, and those in `lasting` stay due. True: accepted.
bool Model::request(unsigned i, Types types, Types lasting, int reason) {
    Aio& aio = aios_[i];
    if (!aio.in_flight) return false;
    aio.due |= lasting;
    const Types possible = types & (aio.permitted | aio.accepted);
    const Types newly = possible & ~aio.accepted;
    if (newly == 0) return possible != 0;
    if (aio.accepted == 0 && !aio.kept) aio.reason = reason;
    aio.accepted |= newly;
    return (possible & ~ask(i, newly)) != 0;
}

// The cancel function is called. Returns what it declines.
Types Model::ask(unsigned i, Types types) {
    Aio& aio = aios_[i];
    if (aio.kind == Kind::kComposed) {
        request(child_of(i), types, types, aio.reason);
        return 0;
    }
    if (aio.kind == Kind::kStream) std::erase(streams_[aio.stream].receives, i);
    if (aio.kind != Kind::kProvider) {
        end(i, aio.reason, aio.moved);
        if (aio.kind == Kind::kStream) pump(aio.stream);
        return 0;
    }
    Seen& seen = aios_[i % kAios].seen;
    ++seen.cancel_calls;
    seen.asked = aio.typed ? types : Types{0};
    seen.asked_reason = aio.reason;
    if (aio.policy == Policy::kFinish) end(i, aio.reason, 0);
    if (aio.policy != Policy::kDecline) return 0;
    const Types declined = types & ~aio.told;
    aio.accepted &= ~declined;
    return declined;
}

// The provider finishes what is in flight.
void Model::end(unsigned i, int result, std::size_t count) {
    Aio& aio = aios_[i];
    const bool by_request = result != NNG_OK && (aio.accepted != 0 || aio.kept) && result == aio.reason;
    aio.in_flight = false;
    aio.seen.result = result;
    aio.seen.count = count;
    aio.seen.outcome = by_request ? strongest(aio.permitted) : Types{0};
    deliver(i);
}

// An operation that was not started ends.
void Model::complete(unsigned i, int result, std::size_t count) {
    Aio& aio = aios_[i];
    aio.release = aio.kept = false;
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

void Model::deliver(unsigned i) {
    if (i >= kAios) return step(i - kAios);
    Aio& aio = aios_[i];
    if (aio.in_queue && has_callback(i)) {
        aio.ready = true;
        queue_.push_back(i);
        return;
    }
    aio.seen.releases += std::exchange(aio.release, false) ? 1 : 0;
    aio.seen.callbacks += has_callback(i) ? 1 : 0;
}

std::int64_t Model::run_queue() {
    const auto count = static_cast<std::int64_t>(queue_.size());
    for (const unsigned i : std::exchange(queue_, {})) {
        Aio& aio = aios_[i];
        aio.ready = false;
        aio.seen.releases += std::exchange(aio.release, false) ? 1 : 0;
        ++aio.seen.callbacks;
        order_.push_back(i);
    }
    return count;
}

void Model::stop(unsigned i) {
    aios_[i].stopped = true;
    request(i, kAll, kAll, NNG_ESTOPPED);
}

// True if a call that stops the aio and waits for it returns.
bool Model::would_end(unsigned i) const {
    if (!aios_[i].in_flight) return true;
    Model then = *this;
    then.stop(i);
    return !then.aios_[i].in_flight;
}

// Another handle takes the place.
void Model::replace(unsigned i) {
    const Seen before = aios_[i].seen;
    for (Signal& signal : signals_) std::erase(signal.targets, i);
    aios_[i] = {};
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
    const Types newly = aio.due & aio.permitted & ~aio.accepted;
    if (newly != 0 && aio.accepted == 0 && !aio.kept)
        aio.reason = aio.expired ? NNG_ETIMEDOUT : aio.stopped ? NNG_ESTOPPED : NNG_ECANCELED;
    aio.accepted |= newly;
    aio.told |= aio.accepted;
    aio.kept = aio.kept || aio.accepted != 0;
    const Types answer = aio.accepted;
    aio.declined_elsewhere = aio.declined_elsewhere || (newly != 0 && aio.policy == Policy::kDecline);
    if (newly != 0) ask(i, newly);
    return answer;
}

Types Model::acknowledge(unsigned i, Types clear) {
    Aio& aio = aios_[i];
    if (!aio.in_flight) return 0;
    const Types answer = aio.accepted;
    aio.told |= answer;
    aio.kept = aio.kept || answer != 0;
    for (Types* types : {&aio.accepted, &aio.told, &aio.due}) *types &= ~(clear & answer);
    return answer;
}

}  // namespace simulation
