// naio_resolve.
#include <naio/naio.h>

#include "capi/handle.h"
#include "io/resolver.h"
#include "runtime/runtime.h"

extern "C" void naio_resolve(const char* host, const char* service, int family, unsigned flags, nng_sockaddr* addresses,
                             size_t n, nng_aio* aio) {
    naio::runtime().resolver().resolve(naio::checked(aio, __func__), {host, service, family, flags}, {addresses, n});
}
