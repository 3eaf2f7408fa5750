// Defines the public functions that dialers and listeners have in common.
#pragma once

#include <nng/nng.h>

#include "base/panic.h"
#include "capi/forked.h"
#include "capi/option.h"
#include "runtime/runtime.h"

namespace naio {

template <class Handle>
nng_err create_from_url(Handle** to, const nng_url* url, const char* function) noexcept {
    require(to, function);
    require(url, function);
    const nng_err error = runtime().ensure(function);
    return error == NNG_OK ? Handle::create(runtime().streams(), *url, *to) : error;
}

template <class Handle>
nng_err create_from_text(Handle** to, const char* text, const char* function) noexcept {
    require(to, function);
    require(text, function);
    nng_url* url = nullptr;
    nng_err error = nng_url_parse(&url, text);
    if (error != NNG_OK) return error;
    error = create_from_url(to, url, function);
    nng_url_free(url);
    return error;
}

}  // namespace naio

// Defines these functions for a handle's C type.
#define NAIO_ENDPOINT_FUNCTIONS(handle)                                                                              \
    nng_err handle##_alloc_url(handle** to, const nng_url* url) { return naio::create_from_url(to, url, __func__); } \
    nng_err handle##_alloc(handle** to, const char* text) { return naio::create_from_text(to, text, __func__); }     \
    void handle##_close(handle* object) {                                                                            \
        if (naio::is_ours(object)) object->close();                                                                  \
    }                                                                                                                \
    void handle##_stop(handle* object) {                                                                             \
        if (naio::is_ours(object)) object->stop();                                                                   \
    }                                                                                                                \
    void handle##_free(handle* object) {                                                                             \
        if (naio::is_ours(object)) object->free();                                                                   \
    }                                                                                                                \
    NAIO_GET_OPTIONS(handle)                                                                                         \
    NAIO_SET_OPTIONS(handle)                                                                                         \
    nng_err handle##_set_addr(handle* object, const char* option, const nng_sockaddr* value) {                       \
        return naio::set_option(object, option, naio::OptionType::kAddress, value, __func__);                        \
    }                                                                                                                \
    nng_err handle##_get_tls(handle* object, nng_tls_config**) {                                                     \
        naio::require(object, __func__);                                                                             \
        return NNG_ENOTSUP;                                                                                          \
    }                                                                                                                \
    nng_err handle##_set_tls(handle* object, nng_tls_config*) {                                                      \
        naio::require(object, __func__);                                                                             \
        return NNG_ENOTSUP;                                                                                          \
    }
