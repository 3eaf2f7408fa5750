#include "io/look_up.h"

#include <naio/naio.h>

#include <cstdio>

namespace naio {

namespace {

void resolve(const StreamServices& services, const Endpoint& endpoint, unsigned flags, Resolver::Room room,
             Aio& aio) noexcept {
    char port[8];
    std::snprintf(port, sizeof(port), "%u", unsigned{endpoint.port});
    services.resolver.resolve(aio, {.host = endpoint.host, .service = port, .family = endpoint.family, .flags = flags},
                              room);
}

}  // namespace

void look_up(const StreamServices& services, const Endpoint& endpoint, Resolver::Room room, Aio& aio) noexcept {
    resolve(services, endpoint, 0, room, aio);
}

nng_err look_up_and_wait(const StreamServices& services, const Endpoint& endpoint, nng_sockaddr& address) noexcept {
    Aio* const aio = services.registry.create(nullptr, nullptr);
    if (aio == nullptr) return NNG_ENOMEM;
    resolve(services, endpoint, NAIO_RESOLVE_PASSIVE, {.addresses = &address, .size = 1}, *aio);
    aio->wait();
    const nng_err result = aio->result();
    aio->free();
    return result;
}

}  // namespace naio
