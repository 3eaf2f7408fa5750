#include "io/stream_listener.h"

#include "io/address_listener.h"
#include "io/socket_listener.h"

nng_err nng_stream_listener::create(const naio::StreamServices& services, const nng_url& url,
                                    nng_stream_listener*& to) noexcept {
    naio::Endpoint endpoint;
    const nng_err error = naio::Endpoint::parse(url, endpoint);
    if (error != NNG_OK) return error;
    nng_stream_listener* listener = nullptr;
    if (endpoint.kind == naio::StreamKind::kSocket)
        listener = services.allocator.create<naio::SocketListener>(services);
    else
        listener = services.allocator.create<naio::AddressListener>(services, endpoint);
    if (listener == nullptr) return NNG_ENOMEM;
    to = listener;
    return NNG_OK;
}
