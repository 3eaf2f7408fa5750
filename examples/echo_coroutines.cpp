// An echo server and its clients, as coroutines.
//
//     echo_coroutines [URL]      tcp://127.0.0.1:0 unless given
//
// Each session is a loop that looks like blocking code. The session owns its stream, because the stream is a local
// variable of the session's coroutine: the stream is freed when the coroutine ends, for whatever reason. A client sends
// and receives at the same time (`&&`), with one timeout for both.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <memory>
#include <naio/naio.hpp>
#include <utility>
#include <vector>

#include "check.h"

using naio::result;
using naio::task;
using namespace std::chrono_literals;

struct FreeStream {
    void operator()(nng_stream* stream) const noexcept { nng_stream_free(stream); }
};
using Stream = std::unique_ptr<nng_stream, FreeStream>;

struct Connected {
    nng_err err;
    Stream stream;
};

// ---- The operations ----------------------------------------------------------------------------

static void set_iov(nng_aio* aio, void* data, std::size_t size) {
    const nng_iov iov{data, size};
    check(nng_aio_set_iov(aio, 1, &iov), "nng_aio_set_iov");
}

// naio::async turns a function whose last argument is an aio into an operation. The arguments of naio::async are the
// function and all its arguments except the aio.

static void receive_some(nng_stream* stream, void* data, std::size_t size, nng_aio* aio) {
    set_iov(aio, data, size);
    nng_stream_recv(stream, aio);
}

static void receive_all(nng_stream* stream, void* data, std::size_t size, nng_aio* aio) {
    set_iov(aio, data, size);
    naio_stream_recv_all(stream, aio, NAIO_CANCEL_PARTIAL);
}

static void send_all(nng_stream* stream, void* data, std::size_t size, nng_aio* aio) {
    set_iov(aio, data, size);
    naio_stream_send_all(stream, aio, NAIO_CANCEL_PARTIAL);
}

// Awaits an operation that opens a stream (an accept or a dial), and returns the stream, which is output 0 of the aio.
template <class Op>
static task<Connected> connect(Op op) {
    const result r = co_await std::move(op);
    const auto self = co_await naio::this_op;
    co_return Connected{r.err, Stream(r ? static_cast<nng_stream*>(nng_aio_get_output(self.child(), 0)) : nullptr)};
}

// ---- The server --------------------------------------------------------------------------------

static task<nng_err> echo(Stream stream) {
    std::array<char, 4096> buffer;

    for (;;) {
        const result received = co_await naio::async(receive_some, stream.get(), buffer.data(), buffer.size());
        if (received.err == NNG_ECONNSHUT) co_return NNG_OK;
        if (!received) co_return received.err;
        const result sent = co_await naio::async(send_all, stream.get(), buffer.data(), received.count);
        if (!sent) co_return sent.err;
    }
}

// Each session runs on its own handle. Handles of sessions that have ended are freed when the next client connects.
static task<nng_err> serve(nng_stream_listener* listener, std::list<naio::aio>& sessions) {
    for (;;) {
        Connected client = co_await connect(naio::async(nng_stream_listener_accept, listener));
        if (client.err != NNG_OK) co_return client.err;
        sessions.remove_if([](const naio::aio& session) { return !nng_aio_busy(session.get()); });
        if (naio::aio session; session) sessions.emplace_back(std::move(session)).start(echo(std::move(client.stream)));
    }
}

// ---- The clients -------------------------------------------------------------------------------

static task<nng_err> talk(nng_stream_dialer* dialer, std::size_t size, int rounds) {
    const Connected server = co_await connect(naio::async(nng_stream_dialer_dial, dialer));
    if (server.err != NNG_OK) co_return server.err;

    std::vector<char> sent(size), received(size);
    for (int i = 0; i < rounds; ++i) {
        sent.assign(size, static_cast<char>(i));
        auto both = naio::async(send_all, server.stream.get(), sent.data(), size) &&
                    naio::async(receive_all, server.stream.get(), received.data(), size);
        const result r = co_await naio::with_timeout(std::ref(both), 5s);
        if (!r) co_return r.err;
        if (sent != received) co_return NNG_EPROTO;
    }

    // The client shuts down its direction, and waits until the server has shut down the other one. So no data is lost
    // when the stream is freed.
    const result ended = co_await naio::async(naio_stream_shutdown, server.stream.get());
    if (!ended) co_return ended.err;
    const result rest = co_await naio::async(receive_some, server.stream.get(), received.data(), size);
    if (rest.err != NNG_ECONNSHUT) co_return NNG_EPROTO;
    std::printf("client: %d times %zu bytes came back\n", rounds, size);
    co_return NNG_OK;
}

// ---- The program -------------------------------------------------------------------------------

// Returns a dialer for the address of the listener, with the real port if the URL asked for port 0.
static nng_stream_dialer* dialer_for(const char* url, nng_stream_listener* listener) {
    nng_stream_dialer* dialer = nullptr;
    nng_url* parsed = nullptr;
    int port = 0;

    check(nng_url_parse(&parsed, url), url);
    if (nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port) == NNG_OK)
        nng_url_resolve_port(parsed, static_cast<std::uint32_t>(port));
    check(nng_stream_dialer_alloc_url(&dialer, parsed), "nng_stream_dialer_alloc_url");
    nng_url_free(parsed);
    return dialer;
}

int main(int argc, char** argv) {
    usage(argc, argv, 0, 1, "[URL]", "An echo server at the URL and its clients, as coroutines.");
    const char* url = argc > 1 ? argv[1] : "tcp://127.0.0.1:0";
    nng_stream_listener* listener = nullptr;

    check(nng_init(nullptr), "nng_init");
    check(nng_stream_listener_alloc(&listener, url), url);
    check(nng_stream_listener_listen(listener), url);
    nng_stream_dialer* dialer = dialer_for(url, listener);

    {
        // At the end of the block, the program ends the server first, and then the remaining sessions.
        std::list<naio::aio> sessions;
        naio::aio server;
        if (!server) check(NNG_ENOMEM, "naio::aio");
        server.start(serve(listener, sessions));
        auto clients = talk(dialer, 64, 1000) && talk(dialer, 1000, 100) && talk(dialer, 3000000, 3);
        check(naio::run(clients).err, "the clients");
    }
    nng_stream_dialer_free(dialer);
    nng_stream_listener_free(listener);
    nng_fini();
    return 0;
}
