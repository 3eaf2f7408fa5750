// The part of the model for two streams that are connected with each other.
#include <algorithm>
#include <utility>

#include "contract.h"
#include "model.h"

namespace simulation {

namespace {

constexpr std::size_t kMaxSends = 60;  // the system has memory for this many in any case

}  // namespace

// Returns the result of a receive that finds no bytes, if no more bytes will arrive. No value: more may arrive.
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
        stream.receives.erase(stream.receives.begin());
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

    if (stream.receives.empty() && !refusal(call.aio, {})) {
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
    if (stream_end(stream)) return post({Event::What::kPump, call.other});
    expire_if_near(call.aio, rest);
}

// Sends, or shuts the stream down. The system has room for the bytes, so the operation completes at once.
void Model::send(const Call& call) {
    Aio& aio = aios_[call.aio];
    Stream& stream = streams_[call.other];
    const unsigned peer = 1 - call.other;
    const Deadline deadline = take_deadline(aio);
    aio.typed = aio.release = false;
    aio.first_byte.reset();
    if (refusal(call.aio, {})) {
        begin(call.aio, Kind::kStream, NAIO_CANCEL_TOTAL, deadline);
        return;
    }
    const bool shuts = call.what == Do::kShutdown;
    if (stream.closed || (stream.shut && !shuts)) return complete(call.aio, NNG_ECLOSED, 0);
    if (shuts) stream.shut = true;
    const auto bytes = static_cast<std::size_t>(shuts ? 0 : call.value);
    streams_[peer].arrived += bytes;
    streams_[peer].sends += shuts ? 0 : 1;
    post({Event::What::kPump, peer});  // the poller may move the bytes before the send completes
    complete(call.aio, NNG_OK, bytes);
}

void Model::end_receives(unsigned s, int result) {
    for (const unsigned i : std::exchange(streams_[s].receives, {})) end(i, result, aios_[i].moved);
}

void Model::close_stream(unsigned s) {
    Stream& stream = streams_[s];
    if (std::exchange(stream.closed, true)) return;
    // Pollers end the receives of both sides, in any order.
    post({Event::What::kPump, s});
    post({Event::What::kPump, 1 - s});
}

// True if the sent bytes fill only a part of a whole transfer that waits. A program cannot see when the
// bytes have arrived.
bool Model::leaves_a_part(const Call& call) const {
    const unsigned peer = 1 - call.other;
    if (streams_[peer].receives.empty()) return false;
    Model then = *this;
    then.send(call);
    then.settle();
    const auto& waiting = then.streams_[peer].receives;
    return !waiting.empty() && then.aios_[waiting.front()].moved != aios_[waiting.front()].moved;
}

bool Model::allows_stream(const Call& call) const {
    const Aio& aio = aios_[call.aio];
    const bool at_rest = may_start(call.aio);
    switch (call.what) {
        case Do::kSend:
        case Do::kSendAll:
        case Do::kShutdown: {
            const Stream& peer = streams_[1 - call.other];
            const bool closed = streams_[call.other].closed;
            if (!at_rest || peer.closed || peer.sends >= kMaxSends) return false;
            if (closed) return !aio.skips && !refusal(call.aio, {});
            return call.what == Do::kShutdown || !leaves_a_part(call);
        }
        case Do::kRecv:
        case Do::kRecvAll:
            if (stream_end(streams_[call.other]) && deadline_of(aio).moment == Moment::kNear)
                return false;  // the deadline and the end may come in either order
            return at_rest && shows_expiry(aio, NAIO_CANCEL_TERMINAL) &&
                   !(streams_[call.other].closed && (aio.skips || refusal(call.aio, {})));
        case Do::kCloseStream:  // with bytes that were not received, the peer sees the end or a reset
            return streams_[call.other].arrived == 0;
        case Do::kNewStreams:  // the free of either stream could end a receive on the second
            return streams_[1].receives.empty();
        default:
            return false;
    }
}

// Makes a call of a stream. A poller moves the bytes, so `elsewhere_` is set.
void Model::apply_stream(const Call& call) {
    const bool before = std::exchange(elsewhere_, true);
    switch (call.what) {
        case Do::kSend:
        case Do::kSendAll:
        case Do::kShutdown:
            submit(call.aio);
            send(call);
            break;
        case Do::kRecv:
        case Do::kRecvAll:
            submit(call.aio);
            receive(call);
            break;
        case Do::kCloseStream:
            close_stream(call.other);
            break;
        case Do::kNewStreams:
            for (unsigned s = 0; s < kStreams; ++s) end_receives(s, NNG_ECLOSED);
            streams_ = {};
            break;
        default:
            break;
    }
    elsewhere_ = before;
}

}  // namespace simulation
