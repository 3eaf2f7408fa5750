#include "model.h"

#include <algorithm>
#include <utility>

namespace simulation {

namespace {

// The types of requests that an operation with this guarantee permits.
Types permitted_by(Types guarantee) {
    if ((guarantee & NAIO_CANCEL_TOTAL) != 0) return 7;
    if ((guarantee & NAIO_CANCEL_PARTIAL) != 0) return 3;
    return guarantee & NAIO_CANCEL_TERMINAL;
}

Types strongest(Types types) {
    for (const Types type : {Types{4}, Types{2}})
        if ((types & type) != 0) return type;
    return types;
}

Moment moment_of(int milliseconds) {
    if (milliseconds == NNG_DURATION_INFINITE || milliseconds == NNG_DURATION_DEFAULT) return Moment::kNever;
    if (milliseconds <= 0) return Moment::kPassed;
    return milliseconds == kNearMs ? Moment::kNear : Moment::kFar;
}

int reason_or_canceled(int reason) { return reason != NNG_OK ? reason : NNG_ECANCELED; }

constexpr std::size_t kMaxSends = 60;  // the system has memory for this many in any case

}  // namespace

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

// ---- the life of an operation

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

void Model::start(const Call& call) {
    Aio& aio = aios_[call.aio];
    Deadline deadline = take_deadline(aio);
    const bool typed = call.what == Do::kStartTyped;
    const Types terminal = NAIO_CANCEL_TERMINAL;
    const Types guarantee = typed ? call.types : call.policy == Policy::kNone ? Types{0} : terminal;
    aio.typed = typed;
    aio.release = typed && call.value != 0;
    aio.policy = call.policy;
    aio.first_byte.reset();
    if (!begin(call.aio, Kind::kProvider, guarantee, deadline)) return;
    if (typed || guarantee != 0) expire_if_near(call.aio, deadline);
}

// The release function is called in all cases.
void Model::compose(const Call& call) {
    Aio& aio = aios_[call.aio];
    const Deadline deadline = take_deadline(aio);
    aio.typed = true;
    aio.policy = call.policy;
    aio.steps_left = call.value;
    aio.steps_done = 0;
    aio.first_byte.reset();
    if (!begin(call.aio, Kind::kComposed, call.types != 0 ? call.types : Types{NAIO_CANCEL_TERMINAL}, deadline)) {
        ++aio.seen.releases;
        return;
    }
    aio.release = true;
    start_step(call.aio);
    expire_if_near(call.aio, deadline);
}

// A request that the composed operation has accepted refuses the next step.
void Model::start_step(unsigned i) {
    Aio& aio = aios_[i];
    Aio& child = aios_[child_of(i)];
    --aio.steps_left;
    child = {};
    child.typed = true;
    child.policy = aio.policy;
    if (aio.accepted != 0) return refuse(child_of(i), aio.reason, NAIO_CANCEL_TOTAL, 0);
    ++aio.seen.steps;
    begin(child_of(i), Kind::kProvider, NAIO_CANCEL_TOTAL, {});
}

// The child's operation is over.
void Model::step(unsigned i) {
    Aio& aio = aios_[i];
    const int result = aios_[child_of(i)].seen.result;
    if (result == NNG_OK) ++aio.steps_done;
    if (result == NNG_OK && aio.steps_left != 0) return start_step(i);
    end(i, result, aio.steps_done);
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

void Model::sleep(unsigned i, int duration) {
    Aio& aio = aios_[i];
    Deadline deadline = take_deadline(aio);
    aio.typed = aio.release = false;
    aio.moved = 0;
    aio.first_byte.reset();
    const bool at_once = duration <= 0 && duration != NNG_DURATION_INFINITE;
    if (at_once && !refusal(aio, {})) return complete(i, NNG_OK, 0);
    const Moment wake_up = at_once ? Moment::kPassed : moment_of(duration);
    if (!begin(i, Kind::kSleep, NAIO_CANCEL_TOTAL, deadline)) return;
    if (wake_up == Moment::kNear && deadline.moment >= Moment::kNear) return end(i, NNG_OK, 0);
    expire_if_near(i, deadline);
}

// ---- signals

// The operation that was started last, or bound last, is the only target of a plain signal.
void Model::aim(unsigned s, unsigned i) {
    signals_[s].targets = {i};
    signals_[s].handler = false;
}

bool Model::emit(unsigned s, Types types) {
    if (types == 0) return false;
    Signal& signal = signals_[s];
    bool accepted = signal.scope;
    if (signal.scope) signal.remembered |= types;
    for (const unsigned i : std::vector(signal.targets)) {
        const Types wanted = types & aios_[i].filter;
        if (wanted != 0 && request(i, wanted, signal.scope ? wanted : Types{0}, NNG_ECANCELED)) accepted = true;
    }
    if (!signal.handler) return accepted;
    ++signal.handler_calls;
    return signal.accepts || accepted;
}

// ---- streams

// How a receive ends when there are no bytes and will be no more.
std::optional<int> Model::stream_end(const Stream& stream) const {
    const Stream& peer = streams_[&stream == streams_.data() ? 1 : 0];
    if (stream.closed) return NNG_ECLOSED;
    if (peer.shut || peer.closed) return NNG_ECONNSHUT;
    return std::nullopt;
}

// Moves the bytes that have arrived to the operation.
void Model::move(unsigned i) {
    Aio& aio = aios_[i];
    Stream& stream = streams_[aio.stream];
    const std::size_t moved = std::min(aio.wanted - aio.moved, stream.arrived);
    if (moved == 0) return;
    if (!aio.first_byte) aio.first_byte = stream.received;
    aio.moved += moved;
    stream.arrived -= moved;
    stream.received += moved;
    if (stream.arrived == 0) stream.sends = 0;
}

void Model::pump(unsigned s) {
    Stream& stream = streams_[s];
    while (!stream.receives.empty()) {
        const unsigned i = stream.receives.front();
        Aio& aio = aios_[i];
        move(i);
        const bool over = aio.all ? aio.moved == aio.wanted : aio.moved != 0;
        if (aio.moved != 0 && aio.permitted == kAll) aio.permitted = permitted_by(NAIO_CANCEL_PARTIAL);
        const auto ended = stream_end(stream);
        if (!over && !ended) return;
        stream.receives.pop_front();
        end(i, over ? NNG_OK : *ended, aio.moved);
    }
}

void Model::receive(const Call& call) {
    Aio& aio = aios_[call.aio];
    Stream& stream = streams_[call.other];
    const Deadline deadline = take_deadline(aio);
    aio.stream = call.other;
    aio.typed = aio.release = false;
    aio.wanted = static_cast<std::size_t>(call.value);
    aio.all = call.what == Do::kRecvAll;
    aio.moved = 0;
    aio.first_byte.reset();
    Types guarantee = NAIO_CANCEL_TOTAL;
    if (aio.all && (call.types & NAIO_CANCEL_TOTAL) == 0)
        guarantee = call.types == NAIO_CANCEL_TERMINAL ? call.types : Types{NAIO_CANCEL_PARTIAL};

    if (stream.receives.empty() && !refusal(aio, {})) {
        move(call.aio);
        const bool over = aio.all ? aio.moved == aio.wanted : aio.moved != 0;
        const auto ended = stream_end(stream);
        if (over || (ended && aio.moved == 0)) return complete(call.aio, over ? NNG_OK : *ended, aio.moved);
        if (aio.moved != 0) guarantee = std::min(guarantee, Types{NAIO_CANCEL_PARTIAL});
    }
    Deadline rest = deadline;
    if (aio.moved != 0 && deadline.moment == Moment::kPassed) {
        if ((deadline.types & permitted_by(guarantee)) != 0)
            return refuse(call.aio, NNG_ETIMEDOUT, strongest(permitted_by(guarantee)), aio.moved);
        rest = {};
    }
    if (!begin(call.aio, Kind::kStream, guarantee, rest)) return;
    stream.receives.push_back(call.aio);
    if (stream_end(stream)) return pump(call.other);
    expire_if_near(call.aio, rest);
}

// There is always room for what is sent.
void Model::send(const Call& call) {
    Aio& aio = aios_[call.aio];
    Stream& stream = streams_[call.other];
    const unsigned peer = 1 - call.other;
    const Deadline deadline = take_deadline(aio);
    aio.typed = aio.release = false;
    aio.first_byte.reset();
    if (refusal(aio, {})) {
        begin(call.aio, Kind::kStream, NAIO_CANCEL_TOTAL, deadline);
        return;
    }
    const bool shuts = call.what == Do::kShutdown;
    if (stream.closed || (stream.shut && !shuts)) return complete(call.aio, NNG_ECLOSED, 0);
    if (shuts) stream.shut = true;
    const auto bytes = static_cast<std::size_t>(shuts ? 0 : call.value);
    streams_[peer].arrived += bytes;
    streams_[peer].sends += shuts ? 0 : 1;
    complete(call.aio, NNG_OK, bytes);
    pump(peer);
}

void Model::end_receives(unsigned s, int result) {
    for (const unsigned i : std::exchange(streams_[s].receives, {})) end(i, result, aios_[i].moved);
}

void Model::close_stream(unsigned s) {
    Stream& stream = streams_[s];
    if (std::exchange(stream.closed, true)) return;
    end_receives(s, NNG_ECLOSED);
    pump(1 - s);
}

// ---- calls

// False if the deadline is near and the operation does not permit what it asks for. Then nothing shows when it has passed.
bool Model::shows_expiry(const Aio& aio, Types permitted) {
    const auto [moment, types] = deadline_of(aio);
    return moment != Moment::kNear || (types & permitted) != 0;
}

// True if what is sent fills a part of a whole transfer that waits: nothing shows when it has got there.
bool Model::leaves_a_part(const Call& call) const {
    const unsigned peer = 1 - call.other;
    if (streams_[peer].receives.empty()) return false;
    Model then = *this;
    then.send(call);
    const auto& waiting = then.streams_[peer].receives;
    return !waiting.empty() && then.aios_[waiting.front()].moved != aios_[waiting.front()].moved;
}

// True if the call has several callbacks wait in the queue, and other threads put them there. That a callback waits can
// be seen (naio_queue_fd), but not how many.
bool Model::fills_queue_unseen(const Call& call) const {
    switch (call.what) {
        case Do::kStart:
        case Do::kStartTyped:
        case Do::kSleep:
        case Do::kPermit:
        case Do::kSend:
        case Do::kSendAll:
        case Do::kRecv:
        case Do::kRecvAll:
        case Do::kShutdown:
        case Do::kCloseStream:
        case Do::kNewStreams:
            break;
        default:
            return false;
    }
    Model then = *this;
    then.apply(call);
    return then.queue_.size() > std::max<std::size_t>(queue_.size(), 1);
}

bool Model::allows(const Call& call) const { return is_legal(call) && !fills_queue_unseen(call); }

bool Model::is_legal(const Call& call) const {
    const Aio& aio = aios_[call.aio];
    const bool at_rest = idle(call.aio);
    switch (call.what) {
        case Do::kFree:
        case Do::kStop:
            return would_end(call.aio);
        case Do::kReap:
            if (aio.in_flight && aio.kind != Kind::kProvider && !has_callback(call.aio))
                return false;  // nothing shows its end
            return would_end(call.aio) && !aio.in_queue;
        case Do::kWaitUntil:
            return queue_.empty();  // otherwise the wait may run the queue
        case Do::kSkipCallback:
        case Do::kSetQueue:
        case Do::kBind:
        case Do::kStart:
        case Do::kComplete:
        case Do::kSleep:
            return at_rest;
        case Do::kStartTyped:  // a release function is not counted among the queue's callbacks
            return at_rest && shows_expiry(aio, permitted_by(call.types)) &&
                   (has_callback(call.aio) || !aio.in_queue || call.value == 0);
        case Do::kCompose:  // a near deadline may pass before its first step has started an operation, or after
            return at_rest && !aio.in_queue && deadline_of(aio).moment != Moment::kNear;
        case Do::kFinish:
            return of_provider(call.aio);
        case Do::kFinishSync:
            return is_single(call.aio);
        case Do::kCancelTyped:  // a function that has yet to return is called again, which counts as accepted
            return !aio.declined_elsewhere;
        case Do::kEmit:
            return std::ranges::none_of(signals_[call.other % kSignals].targets,
                                        [this](unsigned i) { return aios_[i].declined_elsewhere; });
        case Do::kPermit:
        case Do::kAcknowledge:
            return !aio.in_flight || (aio.typed && aio.kind == Kind::kProvider);
        case Do::kSend:
        case Do::kSendAll:
        case Do::kShutdown: {
            const Stream& peer = streams_[1 - call.other];
            const bool closed = streams_[call.other].closed;
            if (!at_rest || peer.closed || peer.sends >= kMaxSends) return false;
            if (closed) return !aio.skips && !refusal(aio, {});
            return call.what == Do::kShutdown || !leaves_a_part(call);
        }
        case Do::kRecv:
        case Do::kRecvAll:
            if (stream_end(streams_[call.other]) && deadline_of(aio).moment == Moment::kNear)
                return false;  // what is first?
            return at_rest && shows_expiry(aio, NAIO_CANCEL_TERMINAL) &&
                   !(streams_[call.other].closed && (aio.skips || refusal(aio, {})));
        case Do::kCloseStream:  // with bytes that were not received, the peer sees the end or a reset
            return streams_[call.other].arrived == 0;
        case Do::kNewStreams:  // otherwise it is open whether the second one's receives see the end or the close
            return streams_[1].receives.empty();
        default:
            return true;
    }
}

std::optional<std::int64_t> Model::apply(const Call& call) {
    const unsigned i = call.aio;
    Aio& aio = aios_[i];
    Signal& signal = signals_[call.other % kSignals];
    switch (call.what) {
        case Do::kFree:
        case Do::kStop:
            stop(i);
            run_queue();
            if (call.what == Do::kFree) replace(i);
            break;
        case Do::kReap:
            stop(i);
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
        case Do::kSkipCallback:
            aio.skips = true;
            aio.seen.skipped = false;
            break;
        case Do::kStart:
        case Do::kStartTyped:
            start(call);
            break;
        case Do::kCompose:
            compose(call);
            break;
        case Do::kFinish:
            if (is_composed(i)) {
                end(child_of(i), call.value, call.types);
                break;
            }
            end(i, call.value, call.types);
            aio.seen.output = true;
            break;
        case Do::kFinishSync:
            end(i, call.value, call.types);
            break;
        case Do::kComplete:
            take_deadline(aio);
            aio.first_byte.reset();
            complete(i, call.value, call.types);
            break;
        case Do::kSleep:
            sleep(i, call.value);
            break;
        case Do::kCancel:
            request(i, kAll, 0, NNG_ECANCELED);
            break;
        case Do::kAbort: {
            const bool as_it_is = aio.kind == Kind::kProvider && !aio.typed;
            request(i, kAll, 0, as_it_is ? call.value : reason_or_canceled(call.value));
            break;
        }
        case Do::kCancelTyped:
            return request(i, call.types, 0, reason_or_canceled(call.value));
        case Do::kPermit: {
            if (!aio.in_flight) return 0;
            aio.permitted = permitted_by(call.types);
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
        case Do::kAcknowledge: {
            if (!aio.in_flight) return 0;
            const Types answer = aio.accepted;
            aio.told |= answer;
            aio.kept = aio.kept || answer != 0;
            for (Types* types : {&aio.accepted, &aio.told, &aio.due}) *types &= ~(call.types & answer);
            return answer;
        }
        case Do::kSetQueue:
            aio.in_queue = call.value != 0;
            break;
        case Do::kRunQueue:
            return run_queue();
        case Do::kBind:
            for (Signal& bound : signals_) std::erase(bound.targets, i);
            aio.signal = call.other;
            aio.filter = call.types;
            aio.remembered = 0;
            if (call.other == kNoSignal) break;
            if (!signal.scope)
                aim(call.other, i);
            else
                signal.targets.push_back(i);
            break;
        case Do::kEmit:
            return emit(call.other, call.types);
        case Do::kAssign:
            if (!signal.scope) signal.targets.clear();
            signal.handler = true;
            signal.accepts = call.value != 0;
            if (signal.remembered != 0) ++signal.handler_calls;
            break;
        case Do::kClearSlot:
            if (!signal.scope) signal.targets.clear();
            signal.handler = false;
            break;
        case Do::kNewSignal:
            for (Aio& bound : aios_) {
                if (bound.signal != call.other) continue;
                bound.signal = kNoSignal;
                bound.remembered = signal.remembered;
            }
            signal.remembered = 0;
            signal.targets.clear();
            signal.handler = false;
            break;
        case Do::kSend:
        case Do::kSendAll:
        case Do::kShutdown:
            send(call);
            break;
        case Do::kRecv:
        case Do::kRecvAll:
            receive(call);
            break;
        case Do::kCloseStream:
            close_stream(call.other);
            break;
        case Do::kNewStreams:
            for (unsigned s = 0; s < kStreams; ++s) end_receives(s, NNG_ECLOSED);
            streams_ = {};
            break;
        case Do::kEnd:
            break;
    }
    return std::nullopt;
}

}  // namespace simulation
