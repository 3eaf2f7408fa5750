// Defines the functions of NNG 1 that take no handle and differ from those of NNG 2: nng_strerror, nng_version,
// nng_str_sockaddr, nng_socket_pair, and those on URLs.
#include <nng/nng.h>

#include "base/error.h"
#include "base/panic.h"
#include "capi/handle.h"
#include "capi/nng1.h"
#include "io/address.h"
#include "io/nng1_address.h"
#include "io/nng1_url.h"
#include "runtime/runtime.h"

using naio::checked;
using naio::Nng1Address;
using naio::Nng1Url;
using naio::runtime;

extern "C" {

// NNG 1 has two codes that NNG 2 does not have, NNG_ENOARG and NNG_EAMBIGUOUS, and it has no NNG_ESTOPPED.
NAIO_EXPORTED const char* NAIO_NNG1(strerror)(int code) {
    if (code == 28) return "Option requires argument";
    if (code == 29) return "Ambiguous option";
    if (code == NNG_ESTOPPED) return "Unknown error #999";
    return naio::error_text(static_cast<nng_err>(code));
}

NAIO_EXPORTED const char* NAIO_NNG1(version)(void) { return "1.11.0"; }

NAIO_EXPORTED const char* NAIO_NNG1(str_sockaddr)(const Nng1Address* address, char* buffer, size_t size) {
    return naio::text_of(from_nng1(checked(address, "nng_str_sockaddr")), buffer, size);
}

NAIO_EXPORTED int NAIO_NNG1(socket_pair)(int descriptors[2]) { return nng_socket_pair(descriptors); }

NAIO_EXPORTED int NAIO_NNG1(url_parse)(Nng1Url** to, const char* text) {
    naio::require(to, "nng_url_parse");
    naio::require(text, "nng_url_parse");
    return Nng1Url::parse(runtime().allocator(), text, *to);
}

NAIO_EXPORTED void NAIO_NNG1(url_free)(Nng1Url* url) {
    if (url != nullptr) Nng1Url::free(runtime().allocator(), url);
}

NAIO_EXPORTED int NAIO_NNG1(url_clone)(Nng1Url** to, const Nng1Url* url) {
    naio::require(to, "nng_url_clone");
    Nng1Url* const copy = Nng1Url::clone(runtime().allocator(), checked(url, "nng_url_clone"));
    if (copy == nullptr) return NNG_ENOMEM;
    *to = copy;
    return NNG_OK;
}

}  // extern "C"
