// The calls to two streams that are connected with each other, and the checks of the bytes that go through them.
#include "must.h"
#include "world.h"

namespace simulation {

namespace {

// Returns the byte at this place among all that are sent on a stream.
std::uint8_t byte_at(std::size_t place) { return static_cast<std::uint8_t>(place * 151 + place / 251); }

}  // namespace

void World::make_streams() {
    int descriptors[kStreams];
    must(nng_socket_pair(descriptors), "nng_socket_pair");
    nng_stream_listener* listener = nullptr;
    must(nng_stream_listener_alloc(&listener, "socket://"), "nng_stream_listener_alloc");
    must(nng_stream_listener_listen(listener), "nng_stream_listener_listen");
    nng_aio* aio = nullptr;
    must(nng_aio_alloc(&aio, nullptr, nullptr), "nng_aio_alloc");
    for (unsigned s = 0; s < kStreams; ++s) {
        must(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, descriptors[s]), "NNG_OPT_SOCKET_FD");
        nng_stream_listener_accept(listener, aio);
        nng_aio_wait(aio);
        must(nng_aio_result(aio), "nng_stream_listener_accept");
        streams_[s] = static_cast<nng_stream*>(nng_aio_get_output(aio, 0));
    }
    nng_aio_free(aio);
    nng_stream_listener_free(listener);
}

void World::free_streams() {
    for (nng_stream* stream : streams_) nng_stream_free(stream);
}

void World::set_memory(Handle& handle, const Call& call) {
    const bool sends = call.what == Do::kSend || call.what == Do::kSendAll;
    const auto size = static_cast<std::size_t>(call.value);
    handle.memory.assign(size, 0);
    if (sends)
        for (std::size_t i = 0; i < size; ++i) handle.memory[i] = byte_at(sent_[call.other] + i);
    const std::size_t half = size / 2;  // the memory is used in two pieces
    const nng_iov pieces[] = {{handle.memory.data(), half}, {handle.memory.data() + half, size - half}};
    must(nng_aio_set_iov(handle.aio, 2, pieces), "nng_aio_set_iov");
}

void World::make_on_stream(const Call& call) {
    Handle& handle = handles_[call.aio];
    nng_aio* const aio = handle.aio;
    nng_stream* const stream = streams_[call.other % kStreams];
    switch (call.what) {
        case Do::kSend:
            set_memory(handle, call);
            nng_stream_send(stream, aio);
            break;
        case Do::kSendAll:
            set_memory(handle, call);
            naio_stream_send_all(stream, aio, call.types);
            break;
        case Do::kRecv:
            set_memory(handle, call);
            nng_stream_recv(stream, aio);
            break;
        case Do::kRecvAll:
            set_memory(handle, call);
            naio_stream_recv_all(stream, aio, call.types);
            break;
        case Do::kShutdown:
            naio_stream_shutdown(stream, aio);
            break;
        case Do::kCloseStream:
            nng_stream_close(stream);
            break;
        case Do::kNewStreams:
            free_streams();
            make_streams();
            break;
        default:
            break;
    }
}

void World::remember_sent(const Model& model) {
    for (unsigned s = 0; s < kStreams; ++s) sent_[s] = model.sent(s);
}

std::string World::wrong_bytes(const Model& model, unsigned place) const {
    const auto first = model.first_byte(place);
    if (!first || !model.idle(place)) return {};
    const Handle& handle = handles_[place];
    for (std::size_t i = 0; i < nng_aio_count(handle.aio); ++i)
        if (handle.memory[i] != byte_at(*first + i)) return "a byte that was received is not the one that was sent";
    return {};
}

}  // namespace simulation
