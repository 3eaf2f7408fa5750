// Defines the functions of NNG 1 on UDP sockets that differ from those of NNG 2.
#include <nng/nng.h>

#include "base/panic.h"
#include "capi/nng1.h"
#include "capi/operation.h"
#include "io/nng1_address.h"
#include "io/udp.h"
#include "runtime/runtime.h"

using naio::checked;
using naio::Nng1Address;

extern "C" {

NAIO_EXPORTED int NAIO_NNG1(udp_open)(nng_udp** udp, Nng1Address* address) {
    naio::require(udp, "nng_udp_open");
    if (address == nullptr) return NNG_EADDRINVAL;
    const nng_err error = naio::start_library_nng1("nng_udp_open");
    if (error != NNG_OK) return error;
    return nng_udp::open(naio::runtime().streams(), from_nng1(*address), *udp, nng_udp::Addresses::kNng1);
}

NAIO_EXPORTED int NAIO_NNG1(udp_sockname)(nng_udp* udp, Nng1Address* address) {
    Nng1Address& to = checked(address, "nng_udp_sockname");
    nng_sockaddr name;
    const nng_err error = checked(udp, "nng_udp_sockname").name(name);
    if (error == NNG_OK) to = naio::to_nng1(name);
    return error;
}

NAIO_EXPORTED void NAIO_NNG1(udp_send)(nng_udp* udp, nng_aio* aio) {
    naio::require(udp, "nng_udp_send");
    if (naio::startable_nng1(aio, naio::Api::nng_udp_send) != nullptr) nng_udp_send(udp, aio);
}

NAIO_EXPORTED void NAIO_NNG1(udp_recv)(nng_udp* udp, nng_aio* aio) {
    naio::require(udp, "nng_udp_recv");
    if (naio::startable_nng1(aio, naio::Api::nng_udp_recv) != nullptr) nng_udp_recv(udp, aio);
}

NAIO_EXPORTED int NAIO_NNG1(udp_multicast_membership)(nng_udp* udp, Nng1Address* group, bool join) {
    const nng_sockaddr address = from_nng1(checked(group, "nng_udp_multicast_membership"));
    return checked(udp, "nng_udp_multicast_membership").membership(address, join);
}

}  // extern "C"
