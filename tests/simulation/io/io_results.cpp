// The results that the calls of io_world.cpp may have, and the end of a program.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <utility>

#include "io_world.h"

namespace simulation {

namespace {

bool is_stream_operation(Io what) { return what >= Io::kSend && what <= Io::kShutdown; }
bool receives(Io what) { return what == Io::kRecv || what == Io::kRecvAll; }
bool is_file_operation(Io what) { return what >= Io::kOpen && what <= Io::kCloseFile; }

}  // namespace

// ---- which results are allowed

IoWorld::Counts IoWorld::counts() const {
    Counts now{};
    for (std::size_t i = 0; i < kFailures; ++i) now[i] = failures(static_cast<Failure>(i));
    return now;
}

// True if the system has failed in one of these ways since `before` was counted.
bool IoWorld::has_failed(const Counts& before, std::initializer_list<Failure> kinds) const {
    return std::any_of(kinds.begin(), kinds.end(),
                       [&](Failure kind) { return failures(kind) != before[static_cast<std::size_t>(kind)]; });
}

// True if a failure of the system since `before` was counted explains the error.
bool IoWorld::is_lack(int error, const Counts& before) const {
    if (error == NNG_ENOMEM)
        return has_failed(before, {Failure::kMemory, Failure::kThread, Failure::kBuffers, Failure::kWatch});
    return error == NNG_ENOFILES && has_failed(before, {Failure::kDescriptors});
}

// True if a request can have ended the operation with this result. The result may be the code of a request that was
// declined, if another request was accepted (rule 4 of shared.h).
bool IoWorld::by_request(const Handle& handle, int result) const {
    const auto& requests = handle.requests;
    if (result == NNG_ECANCELED && handle.canceled) return true;
    if (result == NNG_ESTOPPED && (handle.stopped || is_down_)) return true;
    if (result == NNG_ETIMEDOUT && handle.call.timeout >= 0) return true;
    const bool one_is_accepted =
        handle.canceled || handle.stopped || handle.call.timeout >= 0 ||
        std::any_of(requests.begin(), requests.end(), [](const auto& each) { return each.accepted; });
    return one_is_accepted &&
           std::any_of(requests.begin(), requests.end(), [&](const auto& each) { return each.code == result; });
}

bool IoWorld::may_end_with(const Handle& handle, int result) const {
    const Io what = handle.call.what;
    if (result == NNG_OK || by_request(handle, result)) return true;
    // A dial or an accept that does not end with NNG_OK frees its connection. So a peer may be gone although collect()
    // has not examined the dial or accept yet.
    const bool gone = something_closed_ || failures(Failure::kReset) != 0 ||
                      std::any_of(handles_.begin(), handles_.end(), [](const Handle& each) {
                          return each.active && (each.call.what == Io::kDial || each.call.what == Io::kAccept);
                      });
    switch (result) {
        case NNG_ENOFILES:  // an accept does not end with it, because it waits for descriptors
            return what != Io::kAccept && is_lack(result, handle.before);
        case NNG_ENOMEM:  // a failure to watch a descriptor also ends operations that began after it
            return is_lack(result, handle.before) || failures(Failure::kWatch) != 0;
        case NNG_ECLOSED:
            if (handle.object_closed || failures(Failure::kWatch) != 0) return true;
            return is_stream_operation(what) && !receives(what) && (gone || handle.after_end);
        case NNG_ECONNSHUT:
            return receives(what);
        case NNG_ECONNRESET:
            return (is_stream_operation(what) || what == Io::kDial) && gone;
        case NNG_ECONNREFUSED:
            return what == Io::kDial && handle.object_closed;
        case NNG_EMSGSIZE:
            return what == Io::kUdpRecv;
        case NNG_EEXIST:
        case NNG_ENOENT:
            return what == Io::kOpen;
        case NNG_EREADONLY:
            return what == Io::kWrite || what == Io::kPwrite;
        case NNG_EWRITEONLY:
            return what == Io::kRead || what == Io::kPread;
        case NNG_ENOSPC:
        case NNG_ESYSERR | EIO:
            return is_file_operation(what) && has_failed(handle.before, {Failure::kDevice});
        default:
            return false;
    }
}

// ---- the checks of an operation that is over

void IoWorld::complain(const Handle& handle, const std::string& what) {
    if (!wrong_.empty()) return;
    wrong_ = text(handle.call) + ": result " + std::to_string(nng_aio_result(handle.aio)) + ", count " +
             std::to_string(nng_aio_count(handle.aio)) + ", outcome " + std::to_string(naio_aio_outcome(handle.aio)) +
             ": " + what;
}

void IoWorld::check_result(Handle& handle) {
    const int result = nng_aio_result(handle.aio);
    const std::size_t count = nng_aio_count(handle.aio);
    const naio_cancel outcome = naio_aio_outcome(handle.aio);
    const Io what = handle.call.what;
    if (handle.callbacks != handle.operations) complain(handle, "the operation has not had exactly one callback");
    if (handle.doubled) complain(handle, "two callbacks ran at the same time");
    if (!may_end_with(handle, result))
        complain(handle, "nothing that the program did, and no failure of the system, can cause this result");
    if (result == NNG_ETIMEDOUT && handle.called - handle.begun < static_cast<nng_time>(handle.call.timeout))
        complain(handle, "the operation timed out before its timeout had passed");
    if (outcome == NAIO_CANCEL_TOTAL && count != 0) complain(handle, "the outcome is TOTAL although bytes were moved");
    if (outcome != 0 && !by_request(handle, result))
        complain(handle, "the operation has an outcome although no request ended it");
    if (what == Io::kAccept || what == Io::kDial)
        check_stream_of(handle);
    else if (is_stream_operation(what))
        check_transfer(handle, result, count);
    else if (is_file_operation(what))
        check_file(handle, result, count);
    else
        check_datagram(handle, result, count);
    handle.active = false;
    if (handle.stopped && !is_down_) renew(handle);
}

// Puts the stream of a dial or an accept into a free place, or frees the stream if no place is free.
void IoWorld::check_stream_of(Handle& handle) {
    const bool dialed = handle.call.what == Io::kDial;
    nng_stream_dialer_free(std::exchange(handle.dialer, nullptr));
    if (nng_aio_result(handle.aio) != NNG_OK) {
        something_closed_ = true;
        return;
    }
    auto* const stream = static_cast<nng_stream*>(nng_aio_get_output(handle.aio, 0));
    if (stream == nullptr) return complain(handle, "the operation succeeded without a stream");
    const auto place =
        std::find_if(places_.begin(), places_.end(), [](const Place& each) { return each.stream == nullptr; });
    ends_.emplace_back();
    ends_.back().dialed = dialed;
    ends_.back().listener = handle.call.object;
    if (place != places_.end()) {
        *place = {stream, ends_.size() - 1};
        return;
    }
    something_closed_ = ends_.back().closed = true;
    nng_stream_free(stream);
}

void IoWorld::check_transfer(Handle& handle, int result, std::size_t count) {
    End& end = ends_[handle.end];
    if (result == NNG_ECONNRESET) end.lost = true;
    if (result == NNG_ECONNSHUT && handle.after_loss)
        complain(handle, "the receive found the end of a connection that was lost before");
    if (handle.call.what == Io::kShutdown) return;
    const auto size = static_cast<std::size_t>(handle.call.value);
    const bool whole = handle.call.what == Io::kSendAll || handle.call.what == Io::kRecvAll;
    if (count > handle.memory.size()) return complain(handle, "the count is larger than the memory");
    if (result == NNG_OK && (whole ? count != size : count == 0))
        complain(handle, "the operation succeeded with too few or too many bytes");
    if (result != NNG_OK && !whole && count != 0) complain(handle, "a single send or receive failed with a count");
    auto& bytes = receives(handle.call.what) ? end.received : end.sent;
    bytes.insert(bytes.end(), handle.memory.begin(), handle.memory.begin() + static_cast<std::ptrdiff_t>(count));
    if (result == NNG_ECONNSHUT) end.saw_end = true;
}

void IoWorld::check_datagram(Handle& handle, int result, std::size_t count) {
    std::uint32_t number = 0;  // the first bytes of a datagram
    std::memcpy(&number, handle.memory.data(), sizeof number);
    if (handle.call.what == Io::kUdpSend) {
        datagrams_[number].sent = result == NNG_OK;
        if (result == NNG_OK && count != handle.memory.size())
            complain(handle, "the send succeeded with a part of a datagram");
        return;
    }
    if (result != NNG_OK && result != NNG_EMSGSIZE) {
        if (count != 0) complain(handle, "the receive failed with a count");
        return;
    }
    Udp& socket = udp_[handle.call.object];
    const auto found = datagrams_.find(number);
    if (found == datagrams_.end()) return complain(handle, "no send has sent this datagram");
    Datagram& datagram = found->second;
    if (datagram.to != handle.call.object || datagram.received)
        complain(handle, "the datagram belongs to another socket, or was received before");
    if (!handle.object_closed && number <= socket.last)
        complain(handle, "the datagram was sent before the one that was received last");
    socket.last = std::max(socket.last, number);
    datagram.received = true;
    const bool is_cut = count < datagram.bytes.size();
    if (is_cut != (result == NNG_EMSGSIZE)) complain(handle, "NNG_EMSGSIZE does not say whether the datagram was cut");
    if (is_cut && count != handle.memory.size())
        complain(handle, "the datagram was cut although there was room for more of it");
    if (count > datagram.bytes.size() ||
        !std::equal(handle.memory.begin(), handle.memory.begin() + static_cast<std::ptrdiff_t>(count),
                    datagram.bytes.begin()))
        complain(handle, "the bytes are not those that were sent");
}

void IoWorld::check_file(Handle& handle, int result, std::size_t count) {
    FilePlace& place = files_[handle.call.object];
    const Io what = handle.call.what;
    const auto flags = static_cast<unsigned>(handle.call.value);
    if (what == Io::kOpen) {
        const bool failed = result == NNG_ENOMEM || result == NNG_ENOFILES || result == NNG_ENOSPC;
        const std::string wrong = place.log.wrong_open(flags, result, failed);
        if (!wrong.empty()) complain(handle, wrong);
        if (result != NNG_OK) return;
        place.file = static_cast<naio_file*>(nng_aio_get_output(handle.aio, 0));
        place.closing = false;
        return;
    }
    const std::string wrong = place.log.wrong_end(handle.call, result, count, handle.memory);
    if (!wrong.empty()) complain(handle, wrong);
    if (what == Io::kStat && result == NNG_OK && handle.status.size != place.log.bytes.size())
        complain(handle, "the size is " + std::to_string(handle.status.size) + " instead of " +
                             std::to_string(place.log.bytes.size()));
    if (what != Io::kCloseFile) return;
    place.closing = false;
    if (!by_request(handle, result)) place.file = nullptr;  // a close that a request ends leaves the file open
}

// ---- collecting the operations that are over

// Checks the operations of a line that are over, in the order of the line, up to the first one that is in flight. True
// if it has checked an operation.
bool IoWorld::collect_line(std::deque<unsigned>& line) {
    bool any = false;
    while (!line.empty() && !nng_aio_busy(handles_[line.front()].aio)) {
        Handle& handle = handles_[line.front()];
        line.pop_front();
        check_result(handle);
        any = true;
    }
    return any;
}

std::string IoWorld::collect() {
    for (End& end : ends_) {
        collect_line(end.receives);
        collect_line(end.sends);
    }
    for (FilePlace& place : files_) collect_line(place.log.line);
    for (Udp& socket : udp_) collect_line(socket.receives);
    for (Handle& handle : handles_) {
        const Io what = handle.call.what;
        if (!handle.active || what == Io::kUdpRecv || is_stream_operation(what) || is_file_operation(what)) continue;
        if (!nng_aio_busy(handle.aio)) check_result(handle);
    }
    return wrong_;
}

// ---- the end

// The callback of the receives of drain(). Receives again until a receive fails. If it fails because the system refuses
// to watch the descriptor, the peer could wait forever until it can send, so this closes the stream.
void IoWorld::drain_on(void* argument) {
    Drain& drain = *static_cast<Drain*>(argument);
    drain.result = nng_aio_result(drain.aio);
    const auto begin = drain.memory.begin();
    drain.received.insert(drain.received.end(), begin, begin + static_cast<std::ptrdiff_t>(nng_aio_count(drain.aio)));
    if (drain.result == NNG_OK) nng_stream_recv(drain.place->stream, drain.aio);
    if (drain.result == NNG_ECLOSED) nng_stream_close(drain.place->stream);
}

// Shuts all streams down and receives on each until the end, so that each operation on them ends.
void IoWorld::drain() {
    std::deque<Drain> drains;
    for (Place& place : places_) {
        if (place.stream == nullptr) continue;
        Drain& each = drains.emplace_back();
        each.place = &place;
        each.after_loss = ends_[place.end].lost;
        const nng_iov all = {each.memory.data(), each.memory.size()};
        nng_aio_alloc(&each.aio, drain_on, &each);
        nng_aio_alloc(&each.closer, nullptr, nullptr);
        nng_aio_set_iov(each.aio, 1, &all);
        ends_[place.end].shut = true;
        nng_stream_recv(place.stream, each.aio);
        naio_stream_shutdown(place.stream, each.closer);
    }
    for (Drain& each : drains) {
        nng_aio_wait(each.aio);
        nng_aio_wait(each.closer);
    }
    for (Handle& handle : handles_) nng_aio_wait(handle.aio);
    if (failures(Failure::kWatch) != 0) something_closed_ = true;  // drain_on may have closed a stream
    collect();
    for (Drain& each : drains) {
        End& end = ends_[each.place->end];
        end.received.insert(end.received.end(), each.received.begin(), each.received.end());
        if (each.result == NNG_ECONNSHUT) end.saw_end = true;
        if (each.result == NNG_ECONNSHUT && each.after_loss && wrong_.empty())
            wrong_ = "the last receive sees an end, and the connection was lost before";
        const bool closed = each.result == NNG_ECLOSED && (end.closed || failures(Failure::kWatch) != 0);
        const bool reset = each.result == NNG_ECONNRESET && (something_closed_ || failures(Failure::kReset) != 0);
        if (each.result != NNG_ECONNSHUT && !closed && !reset && wrong_.empty())
            wrong_ = "the last receive ends with " + std::to_string(each.result);
        nng_aio_free(each.aio);
        nng_aio_free(each.closer);
    }
}

void IoWorld::check_datagrams() {
    for (const auto& [number, datagram] : datagrams_)
        if (datagram.received && !datagram.sent && wrong_.empty())
            wrong_ = "a datagram has arrived whose sending has failed";
}

// Calls the last nng_fini, which ends every operation and runs every callback. The destructor frees the objects
// afterwards.
void IoWorld::go_down() {
    is_down_ = something_closed_ = true;
    nng_fini();
    collect();
    for (const Handle& handle : handles_)
        if (handle.active) complain(handle, "nng_fini has left the operation in flight");
}

std::string IoWorld::finish(Ending end) {
    const bool before = let_fail(false);
    if (end == Ending::kFini) {
        go_down();
        return wrong_;
    }
    for (unsigned i = 0; i < kListeners; ++i)
        if (listeners_[i].listener != nullptr) free_listener(i);
    for (Handle& handle : handles_) {
        const Io what = handle.call.what;
        if (!handle.active || is_stream_operation(what)) continue;
        if (what == Io::kUdpRecv) {
            handle.stopped = true;
            nng_aio_stop(handle.aio);
        }
        nng_aio_wait(handle.aio);
    }
    collect();
    if (has_unpaired()) something_closed_ = true;
    drain();
    check_datagrams();
    if (wrong_.empty()) wrong_ = wrong_bytes(ends_);
    for (const Handle& handle : handles_)
        if (handle.active) complain(handle, "the end of this operation was not checked");
    let_fail(before);
    return wrong_;
}

}  // namespace simulation
