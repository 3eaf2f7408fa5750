// The endpoint that a stream's URL names: an address to connect to or to listen at.
#pragma once

#include <nng/nng.h>

#include <cstdint>

#include "io/url.h"

namespace naio {

// The kind of socket below a stream.
enum class StreamKind : unsigned char {
    kTcp,
    kLocal,   // a Unix socket: ipc://, unix://, abstract://
    kSocket,  // any socket that the program hands over: socket://
};

struct Endpoint {
    StreamKind kind = StreamKind::kSocket;
    nng_sockaddr address{};                 // used if the kind is kLocal
    char host[nng_url::kMaxHost + 1] = "";  // used if the kind is kTcp; the empty text stands for every address
    std::uint16_t port = 0;
    int family = NNG_AF_UNSPEC;

    // Reads the endpoint from a URL. Fails with NNG_ENOTSUP if the scheme is not one for streams, and with
    // NNG_EADDRINVAL if the URL has no valid address.
    [[nodiscard]] static nng_err parse(const nng_url& url, Endpoint& to) noexcept;
};

}  // namespace naio
