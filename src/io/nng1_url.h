// URLs as NNG 1 has them: a struct of strings that the program may read and replace. The caller creates, uses and frees
// a URL; any thread may read it.
#pragma once

#include <nng/nng.h>

#include "base/allocator.h"

namespace naio {

// nng_url of <naio/nng1.h>, which no file of the library includes. Each string is a block of its own. Its size is that
// of the string with its zero byte, as nng_strdup and nng_strfree have it. tests/io/nng1_test.cpp checks the layout.
struct Nng1Url {
    char* rawurl;
    char* scheme;
    char* userinfo;
    char* host;
    char* hostname;
    char* port;
    char* path;
    char* query;
    char* fragment;
    char* requri;

    // Sets `to` only on success. Fails with NNG_EINVAL or NNG_ENOMEM.
    [[nodiscard]] static nng_err parse(const Allocator& allocator, const char* text, Nng1Url*& to) noexcept;
    [[nodiscard]] static Nng1Url* clone(const Allocator& allocator, const Nng1Url& from) noexcept;
    static void free(const Allocator& allocator, Nng1Url* url) noexcept;

    // Creates the URL that this one names, for a dialer or, if it `listens`, for a listener. Fails with NNG_ENOTSUP if
    // streams do not have the scheme, and with NNG_EADDRINVAL if host, port and path name no address.
    [[nodiscard]] nng_err convert(const Allocator& allocator, bool listens, nng_url*& to) const noexcept;

    // All strings, in the order of their declarations.
    static constexpr char* Nng1Url::*kStrings[] = {
        &Nng1Url::rawurl, &Nng1Url::scheme, &Nng1Url::userinfo, &Nng1Url::host,     &Nng1Url::hostname,
        &Nng1Url::port,   &Nng1Url::path,   &Nng1Url::query,    &Nng1Url::fragment, &Nng1Url::requri};
};

}  // namespace naio
