// Defines the functions on nng_sockaddr, naio_resolve and nng_socket_pair.
#include <naio/naio.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/os.h"
#include "base/panic.h"
#include "base/system_error.h"
#include "capi/operation.h"
#include "io/address.h"
#include "io/resolver.h"
#include "runtime/runtime.h"

using naio::checked;
using naio::startable;

extern "C" {

const char* nng_str_sockaddr(const nng_sockaddr* address, char* buffer, size_t size) {
    return naio::text_of(checked(address, __func__), buffer, size);
}

uint32_t nng_sockaddr_port(const nng_sockaddr* address) { return naio::port_of(checked(address, __func__)); }

bool nng_sockaddr_equal(const nng_sockaddr* a, const nng_sockaddr* b) {
    return naio::equal(checked(a, __func__), checked(b, __func__));
}

uint64_t nng_sockaddr_hash(const nng_sockaddr* address) { return naio::hash_of(checked(address, __func__)); }

void naio_resolve(const char* host, const char* service, int family, unsigned flags, nng_sockaddr* addresses, size_t n,
                  nng_aio* aio) {
    naio::runtime().resolver().resolve(startable(aio, naio::Api::naio_resolve), {host, service, family, flags},
                                       {addresses, n});
}

nng_err nng_socket_pair(int descriptors[2]) {
    naio::require(descriptors, __func__);
    return naio::os::socketpair(AF_UNIX, SOCK_STREAM, 0, descriptors) == 0 ? NNG_OK : naio::system_error(errno);
}

}  // extern "C"
