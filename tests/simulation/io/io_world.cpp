// Makes the calls of the programs of input and output. io_results.cpp checks their results.
#include "io_world.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

namespace simulation {

namespace {

constexpr int kFirstCode = 1'000'000;

const char* file_name(unsigned which) { return which == 0 ? "/file0" : "/file1"; }

}  // namespace

IoWorld::IoWorld() {
    const bool before = let_fail(false);
    folder_ = make_folder();
    for (Handle& handle : handles_) renew(handle);
    for (unsigned i = 0; i < kUdpSockets; ++i) make_udp(i);
    let_fail(before);
}

IoWorld::~IoWorld() {
    for (Listener& each : listeners_) nng_stream_listener_free(each.listener);
    for (Place& place : places_) nng_stream_free(place.stream);
    for (Udp& each : udp_) nng_udp_close(each.socket);
    for (FilePlace& place : files_) naio_file_free(place.file);
    for (Handle& handle : handles_) nng_aio_free(handle.aio);
    remove_folder(folder_);
}

void IoWorld::call_back(void* argument) {
    Handle& handle = *static_cast<Handle*>(argument);
    if (handle.in_callback.fetch_add(1) != 0) handle.doubled = true;
    handle.called = nng_clock();
    ++handle.callbacks;
    handle.in_callback.fetch_sub(1);
}

// ---- calls that may fail

// Makes the call, and returns true if it succeeds. An error that no failure of the system explains makes the program
// fail.
bool IoWorld::attempt(const char* what, const std::function<int()>& call) {
    const Counts before = counts();
    const int error = call();
    if (error != NNG_OK && !is_lack(error, before) && wrong_.empty())
        wrong_ = std::string(what) + " fails: " + nng_strerror(static_cast<nng_err>(error));
    return error == NNG_OK;
}

// Makes the call. If the call fails, makes it once more while the system does not fail.
void IoWorld::insist(const char* what, const std::function<int()>& call) {
    if (attempt(what, call)) return;
    const bool before = let_fail(false);
    attempt(what, call);
    let_fail(before);
}

void IoWorld::renew(Handle& handle) {
    nng_aio_free(handle.aio);
    handle.aio = nullptr;
    handle.stopped = false;
    insist("nng_aio_alloc", [&] { return nng_aio_alloc(&handle.aio, call_back, &handle); });
}

// ---- operations

// Prepares the aio for an operation. False if the aio is in use.
bool IoWorld::begin(Handle& handle, const IoCall& call) {
    if (handle.active) return false;
    handle.active = true;
    handle.call = call;
    handle.number = ++operations_;
    handle.begun = nng_clock();
    handle.object_closed = handle.canceled = false;
    handle.requests.clear();
    handle.before = counts();
    ++handle.operations;
    nng_aio_set_timeout(handle.aio, call.timeout);
    return true;
}

void IoWorld::set_memory(Handle& handle, bool fill) {
    const auto size = static_cast<std::size_t>(handle.call.value);
    handle.memory.assign(size, 0);
    for (std::size_t i = 0; fill && i < size; ++i) handle.memory[i] = byte_of(handle.number, i);
    const std::size_t half = size / 2;
    const nng_iov pieces[] = {{handle.memory.data(), half}, {handle.memory.data() + half, size - half}};
    insist("nng_aio_set_iov", [&] { return nng_aio_set_iov(handle.aio, 2, pieces); });
}

void IoWorld::listen(const IoCall& call) {
    Listener& place = listeners_[call.object];
    if (place.listener != nullptr) return;
    const std::string url = call.object == 0 ? "tcp://127.0.0.1:0" : "ipc://" + folder_ + "/socket";
    nng_stream_listener* made = nullptr;
    if (!attempt("nng_stream_listener_alloc", [&] { return nng_stream_listener_alloc(&made, url.c_str()); })) return;
    if (!attempt("nng_stream_listener_listen", [&] { return nng_stream_listener_listen(made); }))
        return nng_stream_listener_free(made);
    place.listener = made;
    place.url = url;
    if (call.object != 0) return;
    nng_stream_listener_get_int(made, NNG_OPT_BOUND_PORT, &place.port);
    place.url = "tcp://127.0.0.1:" + std::to_string(place.port);
}

// Marks the operations in flight on the object whose kind is from `first` to `last`: their object was closed.
void IoWorld::mark_closed(Io first, Io last, unsigned object) {
    for (Handle& handle : handles_)
        if (handle.active && handle.call.what >= first && handle.call.what <= last && handle.call.object == object)
            handle.object_closed = true;
}

// True if a listener may have a connection that was not accepted. Such a connection ends with the listener.
bool IoWorld::has_unpaired() const {
    long dialed = 0;
    for (const End& end : ends_) dialed += end.dialed ? 1 : -1;
    return dialed != 0 || std::any_of(handles_.begin(), handles_.end(), [](const Handle& each) {
               return each.active && (each.call.what == Io::kDial || each.call.what == Io::kAccept);
           });
}

void IoWorld::free_listener(unsigned which) {
    mark_closed(Io::kAccept, Io::kDial, which);
    if (has_unpaired()) something_closed_ = true;
    nng_stream_listener_free(std::exchange(listeners_[which].listener, nullptr));
    if (which == 0) listeners_[0].port = 1;  // another program may be given the port
}

void IoWorld::accept(Handle& handle, const IoCall& call) {
    nng_stream_listener* const listener = listeners_[call.object].listener;
    if (listener == nullptr || !begin(handle, call)) return;
    nng_stream_listener_accept(listener, handle.aio);
}

void IoWorld::dial(Handle& handle, const IoCall& call) {
    const Listener& listener = listeners_[call.object];
    if (listener.url.empty() || handle.active) return;
    std::string url = listener.url;
    if (call.object == 0)
        url = (call.value != 0 ? "tcp4://localhost:" : "tcp://127.0.0.1:") + std::to_string(listener.port);
    nng_stream_dialer* made = nullptr;
    if (!attempt("nng_stream_dialer_alloc", [&] { return nng_stream_dialer_alloc(&made, url.c_str()); })) return;
    begin(handle, call);
    handle.object_closed = listener.listener == nullptr;
    handle.dialer = made;
    nng_stream_dialer_dial(made, handle.aio);
}

void IoWorld::transfer(Handle& handle, const IoCall& call) {
    Place& place = places_[call.object];
    if (place.stream == nullptr || !begin(handle, call)) return;
    End& end = ends_[place.end];
    handle.end = place.end;
    handle.object_closed = end.closed;
    handle.after_loss = end.lost;
    handle.after_end = end.shut;
    const auto aio = static_cast<unsigned>(&handle - handles_.data());
    const bool receives = call.what == Io::kRecv || call.what == Io::kRecvAll;
    (receives ? end.receives : end.sends).push_back(aio);
    if (call.what == Io::kShutdown) {
        end.shut = true;
        return naio_stream_shutdown(place.stream, handle.aio);
    }
    set_memory(handle, !receives);
    const naio_cancel accept = call.value % 2 == 0 ? NAIO_CANCEL_TOTAL : NAIO_CANCEL_PARTIAL;
    switch (call.what) {
        case Io::kSend:
            return nng_stream_send(place.stream, handle.aio);
        case Io::kRecv:
            return nng_stream_recv(place.stream, handle.aio);
        case Io::kSendAll:
            return naio_stream_send_all(place.stream, handle.aio, accept);
        default:
            return naio_stream_recv_all(place.stream, handle.aio, accept);
    }
}

void IoWorld::close_stream(Place& place) {
    something_closed_ = true;
    ends_[place.end].closed = true;
    for (Handle& handle : handles_)
        if (handle.active && handle.call.what >= Io::kSend && handle.call.what <= Io::kShutdown &&
            handle.end == place.end)
            handle.object_closed = true;
    nng_stream_close(place.stream);
}

void IoWorld::make_udp(unsigned which) {
    Udp& place = udp_[which];
    if (place.socket != nullptr) {
        mark_closed(Io::kUdpSend, Io::kUdpRecv, which);
        nng_udp_close(place.socket);
        // Datagrams that were on their way to the socket are lost.
        for (auto& [number, datagram] : datagrams_)
            if (datagram.to == which) place.last = number;
    }
    nng_sockaddr any{};
    any.s_in.sa_family = NNG_AF_INET;
    any.s_in.sa_addr = htonl(INADDR_LOOPBACK);
    place.socket = nullptr;
    insist("nng_udp_open", [&] { return nng_udp_open(&place.socket, &any); });
    attempt("nng_udp_sockname", [&] { return nng_udp_sockname(place.socket, &place.address); });
}

void IoWorld::udp(Handle& handle, const IoCall& call) {
    if (!begin(handle, call)) return;
    const unsigned to = 1 - call.object;
    const bool sends = call.what == Io::kUdpSend;
    set_memory(handle, sends);
    if (sends) {
        const std::uint32_t number = ++last_datagram_;
        std::memcpy(handle.memory.data(), &number, sizeof number);
        datagrams_[number] = {.bytes = handle.memory, .to = to};
        handle.address = udp_[to].address;
    }
    if (!sends) udp_[call.object].receives.push_back(static_cast<unsigned>(&handle - handles_.data()));
    nng_aio_set_input(handle.aio, 0, &handle.address);
    sends ? nng_udp_send(udp_[call.object].socket, handle.aio) : nng_udp_recv(udp_[call.object].socket, handle.aio);
}

void IoWorld::open_file(Handle& handle, const IoCall& given) {
    FilePlace& place = files_[given.object];
    if (place.file != nullptr || !place.log.line.empty()) return;
    IoCall call = given;
    if (place.log.uncertain) call.value = NAIO_FILE_READ | NAIO_FILE_WRITE | NAIO_FILE_CREATE | NAIO_FILE_TRUNCATE;
    if (!begin(handle, call)) return;
    place.log.line.push_back(static_cast<unsigned>(&handle - handles_.data()));
    const std::string path = folder_ + file_name(call.object);
    naio_file_open(path.c_str(), static_cast<unsigned>(call.value), 0600, handle.aio);
}

void IoWorld::use_file(Handle& handle, const IoCall& call) {
    FilePlace& place = files_[call.object];
    if (place.file == nullptr || place.closing || !begin(handle, call)) return;
    place.log.line.push_back(static_cast<unsigned>(&handle - handles_.data()));
    const auto offset = static_cast<std::uint64_t>(call.value);
    const bool writes = call.what == Io::kWrite || call.what == Io::kPwrite;
    set_memory(handle, writes);
    switch (call.what) {
        case Io::kRead:
            return naio_file_read(place.file, handle.aio);
        case Io::kWrite:
            return naio_file_write(place.file, handle.aio);
        case Io::kPread:
            return naio_file_pread(place.file, offset, handle.aio);
        case Io::kPwrite:
            return naio_file_pwrite(place.file, offset, handle.aio);
        case Io::kSync:
            return naio_file_sync(place.file, handle.aio);
        case Io::kStat:
            return naio_file_stat(place.file, &handle.status, handle.aio);
        default:
            place.closing = true;
            return naio_file_close(place.file, handle.aio);
    }
}

// ---- requests and waits

void IoWorld::request(Handle& handle, const IoCall& call) {
    if (!handle.active) return;
    if (handle.call.what == Io::kDial || handle.call.what == Io::kAccept) something_closed_ = true;
    switch (call.what) {
        case Io::kCloseDialer:
            if (handle.dialer == nullptr) return;
            handle.object_closed = true;
            return nng_stream_dialer_close(handle.dialer);
        case Io::kCancel:
            handle.canceled = true;
            return nng_aio_cancel(handle.aio);
        default:
            const int code = kFirstCode + requests_++;
            const auto types = static_cast<naio_cancel>(call.value);
            const bool accepted = naio_aio_cancel(handle.aio, types, static_cast<nng_err>(code));
            handle.requests.push_back({code, accepted});
    }
}

void IoWorld::stop(Handle& handle) {
    handle.stopped = true;
    if (handle.call.what == Io::kDial || handle.call.what == Io::kAccept) something_closed_ = true;
    nng_aio_stop(handle.aio);
    if (!handle.active) renew(handle);
}

// Waits for the operation, but only if it surely ends.
void IoWorld::wait(Handle& handle) {
    const Io what = handle.call.what;
    if (!handle.active) return;
    const bool ends = handle.call.timeout >= 0 || (what >= Io::kOpen && what <= Io::kCloseFile) || what == Io::kUdpSend;
    if (ends) nng_aio_wait(handle.aio);
}

void IoWorld::pause(int milliseconds) {
    if (milliseconds != 0) return nng_msleep(milliseconds);
    for (int i = 0; i < 10; ++i) let_others_run();
}

// Returns the first aio from this place on that is not in use, so that most calls can be made. If all are in
// use, returns the aio at this place.
IoWorld::Handle& IoWorld::idle_from(unsigned place) {
    for (unsigned i = 0; i < kIoAios; ++i)
        if (Handle& each = handles_[(place + i) % kIoAios]; !each.active) return each;
    return handles_[place];
}

// Returns the first place from this one on that has a stream. If none has one, returns this place.
unsigned IoWorld::open_from(unsigned place) const {
    for (unsigned i = 0; i < kConnections; ++i)
        if (places_[(place + i) % kConnections].stream != nullptr) return (place + i) % kConnections;
    return place;
}

void IoWorld::make(const IoCall& given) {
    IoCall call = given;
    if (call.what >= Io::kSend && call.what <= Io::kFreeStream)
        call.object = static_cast<std::uint8_t>(open_from(call.object));
    Handle& handle =
        call.what < Io::kCancel && call.what != Io::kCloseDialer ? idle_from(call.aio) : handles_[call.aio];
    Place& place = places_[call.object % kConnections];
    switch (call.what) {
        case Io::kListen:
            return listen(call);
        case Io::kFreeListener:
            if (listeners_[call.object].listener != nullptr) free_listener(call.object);
            return;
        case Io::kCloseListener:
            if (listeners_[call.object].listener == nullptr) return;
            mark_closed(Io::kAccept, Io::kDial, call.object);
            if (has_unpaired()) something_closed_ = true;
            nng_stream_listener_close(listeners_[call.object].listener);
            return free_listener(call.object);
        case Io::kAccept:
            return accept(handle, call);
        case Io::kDial:
            return dial(handle, call);
        case Io::kSend:
        case Io::kRecv:
        case Io::kSendAll:
        case Io::kRecvAll:
        case Io::kShutdown:
            return transfer(handle, call);
        case Io::kCloseStream:
        case Io::kFreeStream:
            if (place.stream == nullptr) return;
            close_stream(place);
            if (call.what == Io::kFreeStream) nng_stream_free(std::exchange(place.stream, nullptr));
            return;
        case Io::kUdpSend:
        case Io::kUdpRecv:
            return udp(handle, call);
        case Io::kUdpNew:
            return make_udp(call.object);
        case Io::kOpen:
            return open_file(handle, call);
        case Io::kFreeFile:
            if (!files_[call.object].closing) naio_file_free(std::exchange(files_[call.object].file, nullptr));
            return;
        case Io::kCloseDialer:
        case Io::kCancel:
        case Io::kCancelTyped:
            return request(handle, call);
        case Io::kStop:
            return stop(handle);
        case Io::kWait:
            return wait(handle);
        case Io::kPause:
            return pause(call.value);
        case Io::kEnd:
            return;
        default:
            return use_file(handle, call);
    }
}

std::string run_io(const IoProgram& program, Ending end, std::atomic<std::size_t>& at) {
    auto owner = std::make_unique<IoWorld>();
    std::string what;
    for (std::size_t i = 0; i < program.size() && what.empty(); ++i) {
        at = i;
        owner->make(program[i]);
        what = owner->collect();
    }
    if (what.empty()) what = owner->finish(end);
    if (!what.empty()) static_cast<void>(owner.release());  // its operations may never end
    return what;
}

}  // namespace simulation
