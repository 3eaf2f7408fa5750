// Sections of the workload: streams of each kind, their options, and datagrams.
#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "workload.h"

namespace failures {

namespace {

// Two connected streams, or fewer if a step has failed.
struct Pair {
    nng_stream* ends[2] = {nullptr, nullptr};

    ~Pair() {
        for (nng_stream* end : ends) {
            nng_stream_stop(end);
            nng_stream_free(end);
        }
    }
    [[nodiscard]] bool complete() const noexcept { return ends[0] != nullptr && ends[1] != nullptr; }
};

void close_both(void* pair) {
    for (nng_stream* end : static_cast<Pair*>(pair)->ends) nng_stream_close(end);
}

void close_listener(void* listener) { nng_stream_listener_close(static_cast<nng_stream_listener*>(listener)); }

nng_stream* taken(Operation& operation) noexcept {
    return WAIT_OK(operation) ? static_cast<nng_stream*>(nng_aio_get_output(operation.get(), 0)) : nullptr;
}

void connect(nng_stream_listener* listener, nng_stream_dialer* dialer, Pair& pair) {
    Operation accept;
    Operation dial(close_listener, listener);
    if (!accept || !dial) return;
    // If no descriptor is free, the accept does not fail but waits for a free one. So the accept needs a timeout.
    if (!everything_succeeds()) nng_aio_set_timeout(accept.get(), 300);
    nng_stream_listener_accept(listener, accept.submit());
    nng_stream_dialer_dial(dialer, dial.submit());
    pair.ends[0] = taken(dial);
    pair.ends[1] = taken(accept);
}

// Transfers a few bytes, then enough to fill the buffers, and then shuts the connection down.
void talk(Pair& pair) {
    constexpr std::size_t kMany = 300'000;
    Operation send(close_both, &pair);
    Operation recv(close_both, &pair);
    if (!pair.complete() || !send || !recv) return;
    nng_stream* const to = pair.ends[0];
    nng_stream* const from = pair.ends[1];
    std::vector<char> sent(kMany);
    std::vector<char> got(kMany);
    for (std::size_t i = 0; i < kMany; ++i) sent[i] = static_cast<char>(i * 7 + i / 251);

    if (!send.set_memory(sent.data(), 8) || !recv.set_memory(got.data(), 8)) return;
    nng_stream_recv(from, recv.submit());  // waits for the send
    nng_stream_send(to, send.submit());
    if (!WAIT_OK(send) || !WAIT_OK(recv)) {
        nng_stream_close(from);
        recv.wait();
        return;
    }
    const std::size_t moved = nng_aio_count(send.get());
    std::size_t seen = nng_aio_count(recv.get());
    MUST(moved >= 1 && seen >= 1 && seen <= moved);

    // The second transfer begins with the bytes that the first one has left over.
    if (!send.set_memory(sent.data() + moved, kMany - moved) || !recv.set_memory(got.data() + seen, kMany - seen))
        return;
    naio_stream_recv_all(from, recv.submit(), 0);
    naio_stream_send_all(to, send.submit(), 0);
    if (!WAIT_OK(send)) nng_stream_close(from);
    const bool whole = WAIT_OK(recv);
    seen += nng_aio_count(recv.get());
    MUST(seen <= kMany && std::memcmp(sent.data(), got.data(), seen) == 0);
    if (!whole) return;
    MUST(seen == kMany);

    if (!recv.set_memory(got.data(), 8)) return;
    naio_stream_shutdown(to, send.submit());
    if (!WAIT_OK(send)) return;
    nng_stream_recv(from, recv.submit());
    const nng_err end = recv.wait();
    MUST(end != NNG_OK);
    static_cast<void>(HOLDS(end == NNG_ECONNSHUT));
}

// Listens at the URL, dials the URL that dial_url returns, and transfers bytes over the connection.
template <class DialUrl>
void converse(const char* url, DialUrl dial_url, void (*set_up)(nng_stream_listener*) = nullptr) {
    nng_stream_listener* listener = nullptr;
    if (!OK(nng_stream_listener_alloc(&listener, url))) return;
    if (set_up != nullptr) set_up(listener);
    naio_stream_listener_set_name(listener, "listener");
    std::string to;
    if (OK(nng_stream_listener_listen(listener)) && !(to = dial_url(listener)).empty()) {
        nng_stream_dialer* dialer = nullptr;
        if (OK(nng_stream_dialer_alloc(&dialer, to.c_str()))) {
            Pair pair;
            connect(listener, dialer, pair);
            talk(pair);
            nng_stream_dialer_close(dialer);
            nng_stream_dialer_stop(dialer);
            nng_stream_dialer_free(dialer);
        }
    }
    nng_stream_listener_close(listener);
    nng_stream_listener_stop(listener);
    nng_stream_listener_free(listener);
}

std::string path_of_this_process(const char* scheme) {
    return std::string(scheme) + "/tmp/naio_failures_" + std::to_string(getpid());
}

}  // namespace

void tcp() {
    converse("tcp://127.0.0.1:0", [](nng_stream_listener* listener) -> std::string {
        int port = 0;
        if (!OK(nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port))) return {};
        return "tcp://localhost:" + std::to_string(port);
    });
}

void unix_sockets() {
    const std::string url = path_of_this_process("ipc://");
    // The second round listens at a path where the first listener may have left its file.
    for (int round = 0; round < 2; ++round)
        converse(
            url.c_str(), [&](nng_stream_listener*) { return url; },
            [](nng_stream_listener* listener) {
                static_cast<void>(OK(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0600)));
            });
    unlink(url.c_str() + std::strlen("ipc://"));
}

void abstract_sockets() {
    const std::string url = "abstract://naio_failures_" + std::to_string(getpid());
    converse(url.c_str(), [&](nng_stream_listener*) { return url; });
}

void handed_over() {
    int descriptors[2] = {-1, -1};
    if (!OK(nng_socket_pair(descriptors))) return;
    nng_stream_listener* listener = nullptr;
    Pair pair;
    bool given[2] = {false, false};
    if (OK(nng_stream_listener_alloc(&listener, "socket://")) && OK(nng_stream_listener_listen(listener))) {
        for (int i = 0; i < 2; ++i) {
            given[i] = OK(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, descriptors[i]));
            if (!given[i]) break;
            Operation accept;
            if (!accept) break;
            nng_stream_listener_accept(listener, accept.submit());
            pair.ends[i] = taken(accept);
        }
        talk(pair);
    }
    nng_stream_listener_free(listener);
    for (int i = 0; i < 2; ++i)
        if (!given[i]) close(descriptors[i]);
}

namespace {

// Calls the functions that read an option of a handle. The option is a bool, so all of them except get_bool fail.
template <class Handle, class Bool, class Int, class Ms, class Size, class Uint64, class String>
void read_options(Handle* handle, Bool get_bool, Int get_int, Ms get_ms, Size get_size, Uint64 get_uint64,
                  String get_string) {
    bool on = false;
    int number = 0;
    nng_duration ms = 0;
    std::size_t size = 0;
    std::uint64_t large = 0;
    const char* text = nullptr;
    static_cast<void>(OK(get_bool(handle, NNG_OPT_TCP_NODELAY, &on)));
    MUST(get_int(handle, NNG_OPT_TCP_NODELAY, &number) != NNG_OK && get_ms(handle, NNG_OPT_TCP_NODELAY, &ms) != NNG_OK);
    MUST(get_size(handle, NNG_OPT_TCP_NODELAY, &size) != NNG_OK);
    MUST(get_uint64(handle, NNG_OPT_TCP_NODELAY, &large) != NNG_OK);
    MUST(get_string(handle, NNG_OPT_TCP_NODELAY, &text) != NNG_OK);
}

void dialer_options(nng_stream_dialer* dialer) {
    read_options(dialer, nng_stream_dialer_get_bool, nng_stream_dialer_get_int, nng_stream_dialer_get_ms,
                 nng_stream_dialer_get_size, nng_stream_dialer_get_uint64, nng_stream_dialer_get_string);
    static_cast<void>(OK(nng_stream_dialer_set_bool(dialer, NNG_OPT_TCP_KEEPALIVE, true)));
    nng_sockaddr local{};
    local.s_in.sa_family = NNG_AF_INET;
    local.s_in.sa_addr = htonl(INADDR_LOOPBACK);
    static_cast<void>(OK(nng_stream_dialer_set_addr(dialer, NNG_OPT_LOCADDR, &local)));
    MUST(nng_stream_dialer_set_int(dialer, "no option", 1) == NNG_ENOTSUP);
    MUST(nng_stream_dialer_set_ms(dialer, "no option", 1) == NNG_ENOTSUP);
    MUST(nng_stream_dialer_set_size(dialer, "no option", 1) == NNG_ENOTSUP);
    MUST(nng_stream_dialer_set_uint64(dialer, "no option", 1) == NNG_ENOTSUP);
    MUST(nng_stream_dialer_set_string(dialer, "no option", "") == NNG_ENOTSUP);
    nng_tls_config* tls = nullptr;
    MUST(nng_stream_dialer_get_tls(dialer, &tls) == NNG_ENOTSUP &&
         nng_stream_dialer_set_tls(dialer, tls) == NNG_ENOTSUP);
}

void listener_options(nng_stream_listener* listener) {
    read_options(listener, nng_stream_listener_get_bool, nng_stream_listener_get_int, nng_stream_listener_get_ms,
                 nng_stream_listener_get_size, nng_stream_listener_get_uint64, nng_stream_listener_get_string);
    static_cast<void>(OK(nng_stream_listener_set_bool(listener, NNG_OPT_TCP_KEEPALIVE, true)));
    MUST(nng_stream_listener_set_ms(listener, "no option", 1) == NNG_ENOTSUP);
    MUST(nng_stream_listener_set_size(listener, "no option", 1) == NNG_ENOTSUP);
    MUST(nng_stream_listener_set_uint64(listener, "no option", 1) == NNG_ENOTSUP);
    MUST(nng_stream_listener_set_string(listener, "no option", "") == NNG_ENOTSUP);
    const nng_sockaddr none{};
    MUST(nng_stream_listener_set_addr(listener, "no option", &none) == NNG_ENOTSUP);
    nng_tls_config* tls = nullptr;
    MUST(nng_stream_listener_get_tls(listener, &tls) == NNG_ENOTSUP);
    MUST(nng_stream_listener_set_tls(listener, tls) == NNG_ENOTSUP);
    MUST(nng_stream_listener_set_security_descriptor(listener, nullptr) == NNG_ENOTSUP);
}

void options_of(nng_stream* stream) {
    naio_stream_set_name(stream, "stream");
    read_options(stream, nng_stream_get_bool, nng_stream_get_int, nng_stream_get_ms, nng_stream_get_size,
                 nng_stream_get_uint64, nng_stream_get_string);
    nng_tls_cert* certificate = nullptr;
    MUST(nng_stream_peer_cert(stream, &certificate) == NNG_ENOTSUP);
    static_cast<void>(HOLDS(nng_stream_peer_addr(stream)->s_family == NNG_AF_INET));
    static_cast<void>(HOLDS(nng_stream_self_addr(stream)->s_family == NNG_AF_INET));
}

}  // namespace

void stream_options() {
    nng_url* url = nullptr;
    nng_stream_listener* listener = nullptr;
    nng_stream_dialer* dialer = nullptr;
    if (!OK(nng_url_parse(&url, "tcp://127.0.0.1:0"))) return;
    int port = 0;
    if (OK(nng_stream_listener_alloc_url(&listener, url))) {
        listener_options(listener);
        if (OK(nng_stream_listener_listen(listener)) &&
            OK(nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port))) {
            nng_url_resolve_port(url, static_cast<std::uint32_t>(port));
            if (OK(nng_stream_dialer_alloc_url(&dialer, url))) {
                dialer_options(dialer);
                Pair pair;
                connect(listener, dialer, pair);
                for (nng_stream* end : pair.ends)
                    if (end != nullptr) options_of(end);
            }
        }
    }
    nng_stream_dialer_free(dialer);
    nng_stream_listener_free(listener);
    nng_url_free(url);
}

void datagrams() {
    nng_udp* sockets[2] = {nullptr, nullptr};
    nng_sockaddr bound[2] = {};
    bool complete = true;
    for (int i = 0; i < 2; ++i) {
        bound[i].s_in.sa_family = NNG_AF_INET;
        bound[i].s_in.sa_addr = htonl(INADDR_LOOPBACK);
        complete = complete && OK(nng_udp_open(&sockets[i], &bound[i])) && OK(nng_udp_sockname(sockets[i], &bound[i]));
    }
    if (complete) {
        naio_udp_set_name(sockets[0], "sender");
        Operation send([](void* receiver) { nng_udp_stop(static_cast<nng_udp*>(receiver)); }, sockets[1]);
        Operation recv;
        char text[] = "datagram";
        char got[sizeof(text)] = {};
        if (send && recv && send.set_memory(text, sizeof(text)) && recv.set_memory(got, sizeof(got))) {
            nng_sockaddr from{};
            nng_aio_set_input(recv.get(), 0, &from);
            nng_aio_set_input(send.get(), 0, &bound[1]);
            nng_udp_recv(sockets[1], recv.submit());
            nng_udp_send(sockets[0], send.submit());
            static_cast<void>(WAIT_OK(send));
            if (WAIT_OK(recv)) MUST(std::memcmp(text, got, sizeof(text)) == 0 && nng_sockaddr_equal(&from, &bound[0]));
        }
        nng_sockaddr group{};
        group.s_in.sa_family = NNG_AF_INET;
        group.s_in.sa_addr = htonl(0xE9010203);
        // Not every machine has an interface for multicast, so the first call may fail.
        if (nng_udp_multicast_membership(sockets[0], &group, true) == NNG_OK)
            static_cast<void>(OK(nng_udp_multicast_membership(sockets[0], &group, false)));
    }
    for (nng_udp* socket : sockets) nng_udp_close(socket);
}

}  // namespace failures
