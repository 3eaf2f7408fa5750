#include "io/endpoint.h"

#include <cstdio>
#include <cstring>
#include <string_view>

namespace naio {

namespace {

int digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

nng_err parse_path(const char* path, nng_sockaddr& to) noexcept {
    const std::size_t size = std::strlen(path);
    if (size == 0 || size >= sizeof(to.s_ipc.sa_path)) return NNG_EADDRINVAL;
    to.s_ipc.sa_family = NNG_AF_IPC;
    std::memcpy(to.s_ipc.sa_path, path, size + 1);
    return NNG_OK;
}

// The name may have any bytes: %XX stands for one.
nng_err parse_abstract(std::string_view text, nng_sockaddr& to) noexcept {
    to.s_abstract.sa_family = NNG_AF_ABSTRACT;
    std::uint16_t size = 0;
    while (!text.empty()) {
        if (size == sizeof(to.s_abstract.sa_name)) return NNG_EADDRINVAL;
        int byte = static_cast<unsigned char>(text.front());
        std::size_t used = 1;
        if (byte == '%') {
            if (text.size() < 3 || digit(text[1]) < 0 || digit(text[2]) < 0) return NNG_EADDRINVAL;
            byte = digit(text[1]) * 16 + digit(text[2]);
            used = 3;
        }
        to.s_abstract.sa_name[size++] = static_cast<std::uint8_t>(byte);
        text.remove_prefix(used);
    }
    to.s_abstract.sa_len = size;
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
