// Looks up the addresses of an endpoint's host.
#pragma once

#include <nng/nng.h>

#include "aio/aio.h"
#include "io/endpoint.h"
#include "io/stream_services.h"

namespace naio {

// Starts an operation that looks up the addresses to connect to; the operation's count is the number of addresses. The
// room must stay valid until the operation is over.
void look_up(const StreamServices& services, const Endpoint& endpoint, Resolver::Room room, Aio& aio) noexcept;

// Looks up the addresses to listen at, and stores the first. Blocks until the system has answered.
[[nodiscard]] nng_err look_up_and_wait(const StreamServices& services, const Endpoint& endpoint,
                                       nng_sockaddr& address) noexcept;

}  // namespace naio
