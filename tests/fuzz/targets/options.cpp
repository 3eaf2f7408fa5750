// Fuzz target: the input chooses calls that read and set options of streams, dialers and listeners: any option, as any
// type, with any value. A read that fails must not change its variable, and no call may write beyond its variable.
#include <nng/nng.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "input.h"

using fuzz::Input;

namespace {

constexpr std::array kOptions{NNG_OPT_LOCADDR,   NNG_OPT_TCP_NODELAY, NNG_OPT_TCP_KEEPALIVE,  NNG_OPT_BOUND_PORT,
                              NNG_OPT_PEER_UID,  NNG_OPT_PEER_GID,    NNG_OPT_PEER_PID,       NNG_OPT_PEER_ZONEID,
                              NNG_OPT_SOCKET_FD, NNG_OPT_LISTEN_FD,   NNG_OPT_IPC_PERMISSIONS};
constexpr std::array kUrls{"tcp://127.0.0.1:0", "ipc:///tmp/naio_fuzz_options", "abstract://naio_fuzz_options",
                           "socket://", "tcp6://[::1]:0"};

bool is_named(int result) {
    return result == NNG_OK || result == NNG_ENOTSUP || result == NNG_EBADTYPE || result == NNG_EREADONLY ||
           result == NNG_EWRITEONLY || result == NNG_EINVAL || result == NNG_EADDRINVAL || result == NNG_ESTATE ||
           result == NNG_ECLOSED || result == NNG_EBUSY || result == NNG_ENOSPC;
}

std::string some_name(Input& input) {
    const unsigned which = input.below(kOptions.size() + 1);
    return which < kOptions.size() ? kOptions[which] : std::string(input.bytes(input.below(20)));
}

// A variable between bytes that must not change.
template <class T>
struct Guarded {
    std::uint64_t before = kGuard;
    T value;
    std::uint64_t after = kGuard;
    static constexpr std::uint64_t kGuard = 0x5AA5'5AA5'5AA5'5AA5;

    explicit Guarded(T initial) : value(initial) {}
    [[nodiscard]] bool intact() const { return before == kGuard && after == kGuard; }
};

template <class T, class Handle>
int read_one(nng_err (*get)(Handle*, const char*, T*), Handle* handle, const std::string& name, T unlikely) {
    Guarded<T> room(unlikely);
    const nng_err result = get(handle, name.c_str(), &room.value);
    CHECK(room.intact() && is_named(result));
    CHECK(result == NNG_OK || room.value == unlikely);
    return result;
}

template <class Handle>
struct Getters {
    nng_err (*as_bool)(Handle*, const char*, bool*);
    nng_err (*as_int)(Handle*, const char*, int*);
    nng_err (*as_ms)(Handle*, const char*, nng_duration*);
    nng_err (*as_size)(Handle*, const char*, size_t*);
    nng_err (*as_uint64)(Handle*, const char*, uint64_t*);
    nng_err (*as_string)(Handle*, const char*, const char**);
};

// Reads the option as each type. Only the read as a bool or the read as an int may succeed, and not both.
template <class Handle>
void read_as_each(const Getters<Handle>& get, Handle* handle, const std::string& name) {
    unsigned taken = 0;
    taken += read_one<bool>(get.as_bool, handle, name, false) == NNG_OK;
    taken += read_one<int>(get.as_int, handle, name, -77) == NNG_OK;
    CHECK(taken <= 1);
    CHECK(read_one<nng_duration>(get.as_ms, handle, name, -77) != NNG_OK);
    CHECK(read_one<size_t>(get.as_size, handle, name, 77) != NNG_OK);
    CHECK(read_one<uint64_t>(get.as_uint64, handle, name, 77) != NNG_OK);
    CHECK(read_one<const char*>(get.as_string, handle, name, "unlikely") != NNG_OK);
}

template <class Handle>
struct Setters {
    nng_err (*as_bool)(Handle*, const char*, bool);
    nng_err (*as_int)(Handle*, const char*, int);
    nng_err (*as_ms)(Handle*, const char*, nng_duration);
    nng_err (*as_size)(Handle*, const char*, size_t);
    nng_err (*as_uint64)(Handle*, const char*, uint64_t);
    nng_err (*as_string)(Handle*, const char*, const char*);
    nng_err (*as_address)(Handle*, const char*, const nng_sockaddr*);
};

constexpr Getters<nng_stream> kStream{nng_stream_get_bool, nng_stream_get_int,    nng_stream_get_ms,
                                      nng_stream_get_size, nng_stream_get_uint64, nng_stream_get_string};
constexpr Getters<nng_stream_dialer> kDialer{nng_stream_dialer_get_bool,   nng_stream_dialer_get_int,
                                             nng_stream_dialer_get_ms,     nng_stream_dialer_get_size,
                                             nng_stream_dialer_get_uint64, nng_stream_dialer_get_string};
constexpr Getters<nng_stream_listener> kListener{nng_stream_listener_get_bool,   nng_stream_listener_get_int,
                                                 nng_stream_listener_get_ms,     nng_stream_listener_get_size,
                                                 nng_stream_listener_get_uint64, nng_stream_listener_get_string};
constexpr Setters<nng_stream_dialer> kSetDialer{
    nng_stream_dialer_set_bool,   nng_stream_dialer_set_int,    nng_stream_dialer_set_ms,  nng_stream_dialer_set_size,
    nng_stream_dialer_set_uint64, nng_stream_dialer_set_string, nng_stream_dialer_set_addr};
constexpr Setters<nng_stream_listener> kSetListener{nng_stream_listener_set_bool,   nng_stream_listener_set_int,
                                                    nng_stream_listener_set_ms,     nng_stream_listener_set_size,
                                                    nng_stream_listener_set_uint64, nng_stream_listener_set_string,
                                                    nng_stream_listener_set_addr};

bool takes_a_descriptor(const std::string& name) { return name == NNG_OPT_SOCKET_FD || name == NNG_OPT_LISTEN_FD; }

// Sets the option to a number that is no descriptor, to one end of a pipe, or to one socket of a pair. The library must
// refuse all except the socket.
void set_descriptor(Input& input, nng_stream_listener* listener, const std::string& name) {
    constexpr int kNone = 100'000;
    const unsigned which = input.below(4);
    int ends[2] = {which == 0 ? -1 : kNone, -1};
    if (which == 2 && pipe(ends) != 0) return;
    if (which == 3) CHECK(nng_socket_pair(ends) == NNG_OK);
    const nng_err result = nng_stream_listener_set_int(listener, name.c_str(), ends[0]);
    CHECK(is_named(result) && (which == 3 || result != NNG_OK));
    if (which < 2) return;
    close(ends[1]);
    if (result != NNG_OK) CHECK(close(ends[0]) == 0);  // the caller still owns the descriptor
}

template <class Handle>
void set_one(Input& input, const Setters<Handle>& set, const Getters<Handle>& get, Handle* handle,
             const std::string& name) {
    nng_err result = NNG_OK;
    switch (input.below(7)) {
        case 0: {
            const bool on = input.below(2) != 0;
            bool now = !on;
            result = set.as_bool(handle, name.c_str(), on);
            if (result == NNG_OK && get.as_bool(handle, name.c_str(), &now) == NNG_OK) CHECK(now == on);
            break;
        }
        case 1:
            if (takes_a_descriptor(name)) return;
            result = set.as_int(handle, name.c_str(), input.number<int>());
            break;
        case 2:
            result = set.as_ms(handle, name.c_str(), input.number<nng_duration>());
            CHECK(result != NNG_OK);
            break;
        case 3:
            result = set.as_size(handle, name.c_str(), input.number<size_t>());
            CHECK(result != NNG_OK);
            break;
        case 4:
            result = set.as_uint64(handle, name.c_str(), input.number<uint64_t>());
            CHECK(result != NNG_OK);
            break;
        case 5:
            result = set.as_string(handle, name.c_str(), std::string(input.bytes(input.below(20))).c_str());
            CHECK(result != NNG_OK);
            break;
        default: {
            nng_sockaddr address{};
            address.s_family = static_cast<std::uint16_t>(input.below(7));
            const std::string_view bytes = input.bytes(input.below(30));
            std::memcpy(reinterpret_cast<char*>(&address) + 2, bytes.data(), bytes.size());
            result = set.as_address(handle, name.c_str(), &address);
        }
    }
    CHECK(is_named(result));
}

// Both ends of a connection over TCP, and both ends of a pair of sockets.
struct Streams {
    std::array<nng_stream*, 4> all{};

    Streams() {
        nng_aio* accept = nullptr;
        nng_aio* dial = nullptr;
        CHECK(nng_aio_alloc(&accept, nullptr, nullptr) == NNG_OK && nng_aio_alloc(&dial, nullptr, nullptr) == NNG_OK);
        nng_stream_listener* listener = nullptr;
        nng_stream_dialer* dialer = nullptr;
        int port = 0;
        CHECK(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0") == NNG_OK);
        CHECK(nng_stream_listener_listen(listener) == NNG_OK);
        CHECK(nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port) == NNG_OK);
        CHECK(nng_stream_dialer_alloc(&dialer, ("tcp://127.0.0.1:" + std::to_string(port)).c_str()) == NNG_OK);
        nng_stream_listener_accept(listener, accept);
        nng_stream_dialer_dial(dialer, dial);
        all[0] = taken(accept);
        all[1] = taken(dial);
        nng_stream_dialer_free(dialer);
        nng_stream_listener_free(listener);
        CHECK(nng_stream_listener_alloc(&listener, "socket://") == NNG_OK);
        CHECK(nng_stream_listener_listen(listener) == NNG_OK);
        int ends[2];
        CHECK(nng_socket_pair(ends) == NNG_OK);
        for (unsigned i = 0; i < 2; ++i) {
            CHECK(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, ends[i]) == NNG_OK);
            nng_stream_listener_accept(listener, accept);
            all[2 + i] = taken(accept);
        }
        nng_stream_listener_free(listener);
        nng_aio_free(accept);
        nng_aio_free(dial);
    }

    static nng_stream* taken(nng_aio* aio) {
        nng_aio_wait(aio);
        CHECK(nng_aio_result(aio) == NNG_OK);
        return static_cast<nng_stream*>(nng_aio_get_output(aio, 0));
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Streams streams;
    Input input(data, size);
    const char* const url = kUrls[input.below(kUrls.size())];
    nng_stream_listener* listener = nullptr;
    nng_stream_dialer* dialer = nullptr;
    CHECK(nng_stream_listener_alloc(&listener, url) == NNG_OK);
    if (nng_stream_dialer_alloc(&dialer, url) != NNG_OK) dialer = nullptr;  // there is no dialer for socket://
    while (!input.empty()) {
        const std::string name = some_name(input);
        switch (input.below(8)) {
            case 0:
                read_as_each(kStream, streams.all[input.below(4)], name);
                break;
            case 1:
                read_as_each(kListener, listener, name);
                break;
            case 2:
                if (dialer != nullptr) read_as_each(kDialer, dialer, name);
                break;
            case 3:
            case 4:
                set_one(input, kSetListener, kListener, listener, name);
                break;
            case 5:
                if (dialer != nullptr) set_one(input, kSetDialer, kDialer, dialer, name);
                break;
            case 6:
                set_descriptor(input, listener, takes_a_descriptor(name) ? name : NNG_OPT_SOCKET_FD);
                break;
            default:
                if (std::strncmp(url, "ipc", 3) != 0)
                    static_cast<void>(nng_stream_listener_listen(listener));
                else
                    nng_stream_listener_close(listener);
        }
    }
    nng_stream_dialer_free(dialer);
    nng_stream_listener_free(listener);
    return 0;
}
