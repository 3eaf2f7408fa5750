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
        case Do::kShutdown:
        case Do::kRecv:
        case Do::kRecvAll:
        case Do::kCloseStream:
        case Do::kNewStreams:
            return allows_stream(call);
        default:
            return true;
    }
}

std::optional<std::int64_t> Model::apply(const Call& call) {
    const unsigned i = call.aio;
    Aio& aio = aios_[i];
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
        case Do::kPermit:
            return permit(i, call.types);
        case Do::kAcknowledge:
            return acknowledge(i, call.types);
        case Do::kSetQueue:
            aio.in_queue = call.value != 0;
            break;
        case Do::kRunQueue:
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
        case Do::kEnd:
            break;
    }
    return std::nullopt;
}

}  // namespace simulation
