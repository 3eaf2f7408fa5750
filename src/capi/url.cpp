// Defines nng_url_*: URLs.
#include "io/url.h"

#include <nng/nng.h>

#include "base/panic.h"
#include "capi/handle.h"
#include "runtime/runtime.h"

using naio::checked;

extern "C" {

nng_err nng_url_parse(nng_url** to, const char* text) {
    naio::require(to, __func__);
    naio::require(text, __func__);
    return nng_url::parse(naio::runtime().allocator(), text, *to);
}

void nng_url_free(nng_url* url) {
    if (url != nullptr) url->free();
}

nng_err nng_url_clone(nng_url** to, const nng_url* url) {
    naio::require(to, __func__);
    nng_url* copy = checked(url, __func__).clone();
    if (copy == nullptr) return NNG_ENOMEM;
    *to = copy;
    return NNG_OK;
}

int nng_url_sprintf(char* buffer, size_t size, const nng_url* url) {
    return checked(url, __func__).print(buffer, size);
}

const char* nng_url_scheme(const nng_url* url) { return checked(url, __func__).scheme(); }

const char* nng_url_userinfo(const nng_url* url) { return checked(url, __func__).userinfo(); }

const char* nng_url_hostname(const nng_url* url) { return checked(url, __func__).hostname(); }

const char* nng_url_path(const nng_url* url) { return checked(url, __func__).path(); }

const char* nng_url_query(const nng_url* url) { return checked(url, __func__).query(); }

const char* nng_url_fragment(const nng_url* url) { return checked(url, __func__).fragment(); }

uint32_t nng_url_port(const nng_url* url) { return checked(url, __func__).port(); }

void nng_url_resolve_port(nng_url* url, uint32_t port) { checked(url, __func__).resolve_port(port); }

}  // extern "C"
