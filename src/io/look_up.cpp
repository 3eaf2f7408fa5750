#include "io/look_up.h"

#include <naio/naio.h>

#include <cstdio>

namespace naio {

namespace {

constexpr const char* kCall = "nng_stream_listener_listen";

struct Port {
    explicit Port(std::uint16_t number) noexcept { std::snprintf(text, sizeof(text), "%u", unsigned{number}); }
    char text[8];
};

}  // namespace

void look_up(const StreamServices& services, const Endpoint& endpoint, Resolver::Room room, Aio& aio) noexcept {
    const Port port(endpoint.port);
    services.resolver.resolve(aio, {.host = endpoint.host, .service = port.text, .family = endpoint.family, .flags = 0},
                              room);
}

nng_err look_up_and_wait(const StreamServices& services, const Endpoint& endpoint, nng_sockaddr& address) noexcept {
    Aio* const aio = services.registry.create(nullptr, nullptr);
    if (aio == nullptr) return NNG_ENOMEM;
    const Port port(endpoint.port);
    services.resolver.resolve(
        *aio, {.host = endpoint.host, .service = port.text, .family = endpoint.family, .flags = NAIO_RESOLVE_PASSIVE},
        {.addresses = &address, .size = 1});
    aio->wait(kCall);
    const nng_err result = aio->result();
    aio->free(kCall);
    return result;
}

}  // namespace naio
