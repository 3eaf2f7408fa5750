#include "model.h"

#include <algorithm>

namespace simulation {

Model::Model() { signals_[1].scope = true; }

Seen Model::seen(unsigned i) const {
    const Aio& aio = aios_[i];
    Seen seen = aio.seen;
    seen.busy = aio.in_flight || aio.ready;
    seen.cancelled = typed_in_flight(i) ? aio.accepted : Types{0};
    seen.reason = typed_in_flight(i) && (aio.accepted != 0 || aio.kept) ? aio.reason : 0;
    if (!seen.busy) return seen;
    seen.result = 0;
    seen.count = 0;
    seen.outcome = 0;
    seen.output = false;
    return seen;
}

bool Model::is_legal(const Call& call) const {
    const Aio& aio = aios_[call.aio];
    const bool at_rest = may_start(call.aio);
    switch (call.what) {
        case Do::kClose:
            return !is_member(call.aio);
        case Do::kFree:
        case Do::kStop:
            return !is_member(call.aio) && would_end(call.aio);
        case Do::kReap:
            if (aio.in_flight && aio.kind != Kind::kProvider && !has_callback(call.aio))
                return false;                                     // nothing shows the end of the operation
            if (aio.again != 0 && !idle(call.aio)) return false;  // its callback would use `again` of the next handle
            return !is_member(call.aio) && would_be_reaped(call.aio) && !aio.in_queue;
        case Do::kWaitUntil:
            return queue_.empty();  // the wait may run the callbacks in the queue
        case Do::kSkipCallback:
        case Do::kBind:
            return !is_member(call.aio) && at_rest;
        case Do::kAgain:
            return has_callback(call.aio) && idle(call.aio);
        case Do::kSetQueue:
            return idle(call.aio) && !(is_member(call.aio) && groups_[group_of(call.aio)].running);
        case Do::kStart:
        case Do::kComplete:
        case Do::kSleep:
            return at_rest;
        case Do::kStartTyped:  // in a queue without a callback, any thread may run the release function
            return at_rest && shows_expiry(aio, permitted_by(call.types)) &&
                   (has_callback(call.aio) || !is_queued(call.aio) || call.value == 0);
        case Do::kCompose:  // a near deadline may pass before or after the first step has started an operation
            return at_rest && deadline_of(aio).moment != Moment::kNear;
        case Do::kFinish:
            return of_provider(call.aio);
        case Do::kFinishSync:
            return is_single(call.aio);
        case Do::kPermit:
        case Do::kAcknowledge:
            return !aio.in_flight || (aio.typed && aio.kind == Kind::kProvider);
        case Do::kSend:
        case Do::kSendAll:
        case Do::kShutdown:
        case Do::kRecv:
        case Do::kRecvAll:
        case Do::kCloseStream:
        case Do::kNewStreams:
            return allows_stream(call);
        case Do::kGroupStart:
        case Do::kGroupSeal:
        case Do::kNewGroup:
            return allows_group(call);
        default:
            return true;
    }
}

std::optional<std::int64_t> Model::apply(const Call& call) {
    aios_[call.aio].touched = true;
    const auto answer = make(call);
    settle();
    return answer;
}

// Returns the next call for each group that is being launched: it submits a member, or seals the group if all members
// are submitted. The contract demands these calls.
std::vector<Call> Model::calls_of_launches() const {
    std::vector<Call> calls;
    for (unsigned g = 0; g < kGroups; ++g) {
        if (!groups_[g].launching) continue;
        const auto m = unsubmitted(g);
        const auto group = static_cast<std::uint8_t>(g);
        calls.push_back(m ? Call{.what = Do::kComplete, .aio = static_cast<std::uint8_t>(*m)}
                          : Call{.what = Do::kGroupSeal, .other = group});
    }
    return calls;
}

// Returns the first of the calls that is allowed. If none is allowed, returns the first one, whose effect is not
// determined. No value: there are no calls.
std::optional<Call> Model::first_allowed(const std::vector<Call>& calls) const {
    const auto allowed = std::ranges::find_if(calls, [this](const Call& call) { return allows(call); });
    if (calls.empty()) return std::nullopt;
    return allowed != calls.end() ? *allowed : calls.front();
}

std::optional<Call> Model::next_to_end() const {
    std::vector<Call> calls = calls_of_launches();
    if (!queue_.empty()) calls.push_back({.what = Do::kRunQueue});
    for (std::uint8_t i = 0; i < kPlaces; ++i)
        if (of_provider(i)) calls.push_back({.what = Do::kFinish, .aio = i, .value = NNG_ECLOSED});
    for (std::uint8_t i = 0; i < kAios; ++i)
        if (aios_[i].touched && !(aios_[i].stopped && idle(i))) calls.push_back({.what = Do::kStop, .aio = i});
    return first_allowed(calls);
}

std::optional<Call> Model::next_before_fini() const {
    std::vector<Call> calls = calls_of_launches();
    for (std::uint8_t i = 0; i < kPlaces; ++i)
        if (of_provider(i) && !fini_ends(i)) calls.push_back({.what = Do::kFinish, .aio = i, .value = NNG_ECLOSED});
    return first_allowed(calls);
}

// True if nng_fini will call the provider's cancel function.
bool Model::fini_ends(unsigned i) const {
    const Aio& operation = aios_[is_single(i) ? i : child_of(i)];
    return operation.policy != Policy::kNone && operation.permitted != 0 && operation.accepted == 0;
}

std::optional<unsigned> Model::callbacks_after_fini(unsigned i) const {
    const auto calls_others = [](const Aio& aio) { return aio.again != 0; };
    if (!has_callback(i) || std::ranges::any_of(aios_, calls_others)) return std::nullopt;
    return aios_[i].seen.callbacks + (idle(i) ? 0 : 1);
}

std::optional<unsigned> Model::releases_after_fini(unsigned i) const {
    if (is_queued(i) || !callbacks_after_fini(i)) return std::nullopt;
    return aios_[i].seen.releases + (aios_[i].in_flight && aios_[i].release ? 1 : 0);
}

std::optional<std::int64_t> Model::make(const Call& call) {
    const unsigned i = call.aio;
    Aio& aio = aios_[i];
    switch (call.what) {
        case Do::kFree:
        case Do::kStop:
            leaving_ = call.what == Do::kFree ? std::optional(i) : std::nullopt;
            stop_and_wait(i);
            leaving_.reset();
            if (call.what == Do::kFree) replace(i);
            break;
        case Do::kReap:
            leaving_ = i;
            post({Event::What::kReap, i});
            settle();
            leaving_.reset();
            replace(i);
            break;
        case Do::kClose:
            stop(i);
            break;
        case Do::kWaitUntil:
            return idle(i);
        case Do::kSetTimeout:
            aio.timeout = moment_of(call.value);
            aio.expire.reset();
            break;
        case Do::kSetExpire:
            aio.expire = moment_of(call.value);
            break;
        case Do::kLimit:
            aio.limit = std::min(aio.limit, moment_of(call.value));
            break;
        case Do::kSetTimeoutTypes:
            aio.timeout_types = call.types;
            break;
        case Do::kAgain:
            aio.again = static_cast<unsigned>(call.value);
            aio.then = call.then;
            break;
        case Do::kSkipCallback:
            aio.skips = true;
            aio.seen.skipped = false;
            break;
        case Do::kStart:
        case Do::kStartTyped:
            submit(i);
            start(call);
            break;
        case Do::kCompose:
            submit(i);
            compose(call);
            break;
        case Do::kFinish:
            if (is_composed(i)) {
                end(child_of(i), call.value, call.types);
                break;
            }
            aio.seen.output = true;
            end(i, call.value, call.types);
            break;
        case Do::kFinishSync:
            end(i, call.value, call.types);
            break;
        case Do::kComplete:
            submit(i);
            take_deadline(aio);
            aio.first_byte.reset();
            complete(i, call.value, call.types);
            break;
        case Do::kSleep:
            submit(i);
            sleep(i, call.value);
            break;
        case Do::kCancel:
            call_cancel(claim(i, kAll, 0, NNG_ECANCELED));
            break;
        case Do::kAbort: {
            const bool as_it_is = aio.kind == Kind::kProvider && !aio.typed;
            call_cancel(claim(i, kAll, 0, as_it_is ? call.value : reason_or_canceled(call.value)));
            break;
        }
        case Do::kCancelTyped:
            return request(i, call.types, 0, reason_or_canceled(call.value));
        case Do::kPermit:
            return permit(i, call.types);
        case Do::kAcknowledge:
            return acknowledge(i, call.types);
        case Do::kSetQueue:
            aio.in_queue = call.value != 0;
            break;
        case Do::kRunQueue:
            has_run_queue_ = true;
            return run_queue();
        case Do::kBind:
        case Do::kEmit:
        case Do::kAssign:
        case Do::kClearSlot:
        case Do::kNewSignal:
            return apply_signal(call);
        case Do::kSend:
        case Do::kSendAll:
        case Do::kShutdown:
        case Do::kRecv:
        case Do::kRecvAll:
        case Do::kCloseStream:
        case Do::kNewStreams:
            apply_stream(call);
            break;
        case Do::kGroupStart:
        case Do::kGroupSeal:
        case Do::kNewGroup:
            apply_group(call);
            break;
        case Do::kEnd:
            break;
    }
    return std::nullopt;
}

}  // namespace simulation
