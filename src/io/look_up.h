// The addresses that an endpoint's host has.
#pragma once

#include <nng/nng.h>

#include "aio/aio.h"
#include "io/endpoint.h"
#include "io/stream_services.h"

namespace naio {

// The addresses to connect to; the operation's count says how many there are. The room lives until it is over.
void look_up(const StreamServices& services, const Endpoint& endpoint, Resolver::Room room, Aio& aio) noexcept;

// The first one, to listen at. Blocks.
[[nodiscard]] nng_err look_up_and_wait(const StreamServices& services, const Endpoint& endpoint,
                                       nng_sockaddr& address) noexcept;

}  // namespace naio
