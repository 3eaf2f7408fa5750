// Makes a dialer or a listener of a URL.
#pragma once

#include <nng/nng.h>

#include "base/panic.h"
#include "runtime/runtime.h"

namespace naio {

template <class Handle>
nng_err make_from_url(Handle** to, const nng_url* url, const char* call) noexcept {
    require(to, call);
    require(url, call);
    const nng_err error = runtime().ensure();
    return error == NNG_OK ? Handle::create(runtime().streams(), *url, *to) : error;
}

template <class Handle>
nng_err make_from_text(Handle** to, const char* text, const char* call) noexcept {
    require(text, call);
    nng_url* url = nullptr;
    nng_err error = nng_url_parse(&url, text);
    if (error != NNG_OK) return error;
    error = make_from_url(to, url, call);
    nng_url_free(url);
    return error;
}

}  // namespace naio
