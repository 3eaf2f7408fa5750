#include "io/endpoint.h"

#include <cstdio>
#include <cstring>
#include <string_view>

#include "io/url_text.h"

namespace naio {

namespace {

nng_err parse_path(const char* path, nng_sockaddr& to) noexcept {
    const std::size_t size = std::strlen(path);
    if (size == 0 || size >= sizeof(to.s_ipc.sa_path)) return NNG_EADDRINVAL;
    to.s_ipc.sa_family = NNG_AF_IPC;
    std::memcpy(to.s_ipc.sa_path, path, size + 1);
    return NNG_OK;
}

// Stores the abstract name that the text stands for. The name may contain any byte; the text may write it as %XX.
nng_err parse_abstract(std::string_view text, nng_sockaddr& to) noexcept {
    auto& address = to.s_abstract;
    const auto size = percent_decode(text, reinterpret_cast<char*>(address.sa_name), sizeof(address.sa_name));
    if (!size) return NNG_EADDRINVAL;
    address.sa_family = NNG_AF_ABSTRACT;
    address.sa_len = static_cast<std::uint16_t>(*size);
    return NNG_OK;
}

}  // namespace

nng_err Endpoint::parse(const nng_url& url, Endpoint& to) noexcept {
    const std::string_view scheme = url.scheme();
    to = {};
    if (scheme == "tcp" || scheme == "tcp4" || scheme == "tcp6") {
        to.kind = StreamKind::kTcp;
        to.family = url.family();
        to.port = static_cast<std::uint16_t>(url.port());
        if (std::strcmp(url.hostname(), "*") != 0) std::snprintf(to.host, sizeof(to.host), "%s", url.hostname());
        return NNG_OK;
    }
    to.kind = StreamKind::kLocal;
    if (scheme == "ipc" || scheme == "unix") return parse_path(url.path(), to.address);
#if defined(__linux__)
    if (scheme == "abstract") return parse_abstract(url.path(), to.address);
#endif
    to.kind = StreamKind::kSocket;
    return scheme == "socket" ? NNG_OK : NNG_ENOTSUP;
}

}  // namespace naio
