// A section of the workload with the functions of NNG 1. It includes <naio/nng1.h> alone, which defines the names of
// <nng/nng.h> differently.
#include <naio/nng1.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "checks.h"

namespace failures {

void nng1();

namespace {

// A handle that is freed at the end.
class Handle {
  public:
    Handle() {
        if (!OK(nng_aio_alloc(
                &aio_, [](void*) {}, nullptr)))
            aio_ = nullptr;
    }
    ~Handle() { nng_aio_free(aio_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    explicit operator bool() const { return aio_ != nullptr; }
    operator nng_aio*() const { return aio_; }
    // Waits for the operation, and returns whether it has succeeded.
    bool ok(const char* what, int line) const {
        nng_aio_wait(aio_);
        return succeeded(nng_aio_result(aio_), what, __FILE__, line);
    }

  private:
    nng_aio* aio_ = nullptr;
};
#define DONE(handle) (handle).ok("wait for " #handle, __LINE__)

void end(nng_aio* aio, void*, int err) { nng_aio_finish(aio, err); }

void providing(const Handle& aio) {
    int value = 0;
    nng_iov piece{&value, sizeof(value)};
    MUST(nng_aio_set_iov(aio, 1, &piece) == 0);
    MUST(nng_aio_set_input(aio, 0, &value) == 0 && nng_aio_get_input(aio, 0) == &value);
    MUST(nng_aio_begin(aio));
    MUST(nng_aio_set_output(aio, 0, &value) == 0);
    nng_aio_defer(aio, end, nullptr);
    nng_aio_abort(aio, NNG_EINTR);
    nng_aio_wait(aio);
    MUST(nng_aio_result(aio) == NNG_EINTR);
    nng_sleep_aio(1, aio);
    static_cast<void>(DONE(aio));
}

void texts() {
    nng_init_set_parameter(NNG_INIT_PARAMETER_NONE, 1);
    MUST(std::strcmp(nng_version(), "1.11.0") == 0 && *nng_strerror(NNG_ENOMEM) != '\0');
    nng_sockaddr address{};
    address.s_in.sa_family = NNG_AF_INET;
    char text[NNG_MAXADDRSTRLEN];
    MUST(nng_str_sockaddr(&address, text, sizeof(text)) == text);
    nng_url* url = nullptr;
    if (!OK(nng_url_parse(&url, "ws://host/a/b?q#f"))) return;
    MUST(std::strcmp(url->u_port, "80") == 0);
    nng_url* copy = nullptr;
    if (OK(nng_url_clone(&copy, url))) nng_url_free(copy);
    nng_url_free(url);
}

// No option of a TCP stream has one of these types.
template <class Object, class Get, class Set, class Value>
void refused(Object* object, Get get, Set set, Value value) {
    Value room = value;
    MUST(get(object, NNG_OPT_TCP_NODELAY, &room) != 0);
    MUST(set(object, NNG_OPT_TCP_NODELAY, value) != 0);
}

#define OPTIONS(object, type)                                                         \
    do {                                                                              \
        bool flag = false;                                                            \
        std::size_t size = sizeof(flag);                                              \
        OK(type##_set_bool(object, NNG_OPT_TCP_KEEPALIVE, true));                     \
        OK(type##_get_bool(object, NNG_OPT_TCP_KEEPALIVE, &flag));                    \
        OK(type##_set(object, NNG_OPT_TCP_KEEPALIVE, &flag, size));                   \
        OK(type##_get(object, NNG_OPT_TCP_KEEPALIVE, &flag, &size));                  \
        nng_sockaddr address{};                                                       \
        OK(type##_get_addr(object, NNG_OPT_LOCADDR, &address));                       \
        MUST(type##_set_addr(object, "no-option", &address) != 0);                    \
        refused(object, type##_get_int, type##_set_int, 1);                           \
        refused(object, type##_get_ms, type##_set_ms, nng_duration{1});               \
        refused(object, type##_get_size, type##_set_size, std::size_t{1});            \
        refused(object, type##_get_uint64, type##_set_uint64, std::uint64_t{1});      \
        refused(object, type##_get_ptr, type##_set_ptr, static_cast<void*>(nullptr)); \
        char* string = nullptr;                                                       \
        MUST(type##_get_string(object, NNG_OPT_TCP_NODELAY, &string) != 0);           \
        MUST(type##_set_string(object, NNG_OPT_TCP_NODELAY, "x") != 0);               \
    } while (false)

void talk(nng_stream* a, nng_stream* b, const Handle& aio) {
    char byte = 'x';
    nng_iov piece{&byte, 1};
    MUST(nng_aio_set_iov(aio, 1, &piece) == 0);
    nng_stream_send(a, aio);
    if (!DONE(aio)) return;
    MUST(nng_aio_set_iov(aio, 1, &piece) == 0);
    nng_stream_recv(b, aio);
    static_cast<void>(DONE(aio));
}

void dial(nng_stream_listener* listener, int port) {
    char text[] = "tcp://127.0.0.1:00000";
    for (char* digit = text + sizeof(text) - 2; port != 0; port /= 10) *digit-- = static_cast<char>('0' + port % 10);
    nng_stream_dialer* dialer = nullptr;
    if (!OK(nng_stream_dialer_alloc(&dialer, text))) return;
    OPTIONS(dialer, nng_stream_dialer);
    Handle dials, accepts;
    if (dials && accepts) {
        nng_stream_dialer_dial(dialer, dials);
        if (DONE(dials)) {
            auto* const out = static_cast<nng_stream*>(nng_aio_get_output(dials, 0));
            nng_aio_set_timeout(accepts, 10000);
            nng_stream_listener_accept(listener, accepts);
            if (DONE(accepts)) {
                auto* const in = static_cast<nng_stream*>(nng_aio_get_output(accepts, 0));
                OPTIONS(out, nng_stream);
                talk(out, in, dials);
                nng_stream_free(in);
            }
            nng_stream_free(out);
        }
    }
    nng_stream_dialer_free(dialer);
}

void streams() {
    int fds[2];
    if (OK(nng_socket_pair(fds))) {
        nng_stream_listener* handed = nullptr;
        const bool made = OK(nng_stream_listener_alloc(&handed, "socket://"));
        for (const int fd : fds)
            if (!made || !OK(nng_stream_listener_set_int(handed, NNG_OPT_SOCKET_FD, fd))) close(fd);
        nng_stream_listener_free(handed);
    }
    nng_url* url = nullptr;
    if (!OK(nng_url_parse(&url, "tcp://127.0.0.1:0"))) return;
    nng_stream_dialer* dialer = nullptr;
    MUST(nng_stream_dialer_alloc_url(&dialer, url) != 0);  // it has no port
    nng_stream_listener* listener = nullptr;
    if (OK(nng_stream_listener_alloc_url(&listener, url))) {
        int port = 0;
        if (OK(nng_stream_listener_listen(listener)) &&
            OK(nng_stream_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port))) {
            OPTIONS(listener, nng_stream_listener);
            dial(listener, port);
        }
        nng_stream_listener_free(listener);
    }
    nng_url_free(url);
    if (OK(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"))) nng_stream_listener_free(listener);
}

void datagrams(const Handle& aio) {
    nng_sockaddr address{};
    address.s_in.sa_family = NNG_AF_INET;
    std::memcpy(&address.s_in.sa_addr, "\x7f\0\0\1", 4);
    nng_udp* udp = nullptr;
    if (!OK(nng_udp_open(&udp, &address))) return;
    MUST(nng_udp_multicast_membership(udp, &address, true) != 0);
    if (OK(nng_udp_sockname(udp, &address))) {
        char byte = 'x';
        nng_iov piece{&byte, 1};
        MUST(nng_aio_set_iov(aio, 1, &piece) == 0 && nng_aio_set_input(aio, 0, &address) == 0);
        nng_udp_send(udp, aio);
        if (DONE(aio)) {
            nng_aio_set_timeout(aio, 10000);
            nng_udp_recv(udp, aio);
            static_cast<void>(DONE(aio));
        }
    }
    nng_udp_close(udp);
}

}  // namespace

void nng1() {
    texts();
    streams();
    Handle aio;
    if (!aio) return;
    providing(aio);
    datagrams(aio);
    nng_aio_stop(aio);
}

}  // namespace failures
