#include "io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "base/fault.h"

namespace naio {

namespace {

constexpr std::size_t kPathOffset = offsetof(sockaddr_un, sun_path);
constexpr std::size_t kPathSize = sizeof(sockaddr_un::sun_path);

template <class System>
System& fill(SystemAddress& to, int family) noexcept {
    to.storage = {};
    to.storage.ss_family = static_cast<sa_family_t>(family);
    to.size = sizeof(System);
    return reinterpret_cast<System&>(to.storage);
}

template <std::size_t n>
std::string_view text_in(const char (&field)[n]) noexcept {
    return {field, ::strnlen(field, n)};
}

std::string_view name_of(const nng_sockaddr_abstract& address) noexcept {
    return {reinterpret_cast<const char*>(address.sa_name),
            std::min<std::size_t>(address.sa_len, sizeof(address.sa_name))};
}

bool to_unix(std::string_view name, bool abstract, SystemAddress& to) noexcept {
    // The name needs one more byte: a zero before an abstract name, or a zero at the end of a path.
    if (name.size() + 1 > kPathSize) return false;
    sockaddr_un& address = fill<sockaddr_un>(to, AF_UNIX);
    std::memcpy(address.sun_path + (abstract ? 1 : 0), name.data(), name.size());
    to.size = static_cast<socklen_t>(kPathOffset + (abstract && name.empty() ? 0 : name.size() + 1));
    return true;
}

bool from_unix(const SystemAddress& from, nng_sockaddr& to) noexcept {
    const auto& address = reinterpret_cast<const sockaddr_un&>(from.storage);
    const std::size_t size = from.size - std::min<std::size_t>(from.size, kPathOffset);
    const std::string_view name{address.sun_path, std::min(size, kPathSize)};
    if (!name.empty() && name.front() != '\0') {
        to.s_ipc.sa_family = NNG_AF_IPC;
        // The system need not end a path with a zero byte.
        const std::size_t length = std::min(name.find('\0'), name.size());
        std::memcpy(to.s_ipc.sa_path, name.data(), length);
        return true;
    }
    to.s_abstract.sa_family = NNG_AF_ABSTRACT;
    to.s_abstract.sa_len = static_cast<std::uint16_t>(name.empty() ? 0 : name.size() - 1);
    std::memcpy(to.s_abstract.sa_name, name.data() + (name.empty() ? 0 : 1), to.s_abstract.sa_len);
    return true;
}

// The bytes that distinguish an address from others of its family. `any` is false for NNG_AF_UNSPEC and for unknown
// families.
struct Significant {
    bool any = false;
    std::string_view bytes;
};

template <class Member>
Significant all_but_family(const Member& member) noexcept {
    const std::string_view all{reinterpret_cast<const char*>(&member), sizeof(Member)};
    return {true, all.substr(offsetof(Member, sa_port))};
}

Significant significant(const nng_sockaddr& address) noexcept {
    switch (address.s_family) {
        case NNG_AF_INET:
            return all_but_family(address.s_in);
        case NNG_AF_INET6:
            return all_but_family(address.s_in6);
        case NNG_AF_IPC:
            return {true, text_in(address.s_ipc.sa_path)};
        case NNG_AF_INPROC:
            return {true, text_in(address.s_inproc.sa_name)};
        case NNG_AF_ABSTRACT:
            return {true, name_of(address.s_abstract)};
        default:
            return {};
    }
}

int print_ipv6(const nng_sockaddr_in6& address, char* buffer, std::size_t size) noexcept {
    char host[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(AF_INET6, address.sa_addr, host, sizeof(host));
    char scope[16] = "";
    if (address.sa_scope != 0) std::snprintf(scope, sizeof(scope), "%%%u", static_cast<unsigned>(address.sa_scope));
    return std::snprintf(buffer, size, "[%s%s]:%u", host, scope, ntohs(address.sa_port));
}

int print_ipv4(const nng_sockaddr_in& address, char* buffer, std::size_t size) noexcept {
    char host[INET_ADDRSTRLEN] = "";
    ::inet_ntop(AF_INET, &address.sa_addr, host, sizeof(host));
    return std::snprintf(buffer, size, "%s:%u", host, ntohs(address.sa_port));
}

int print_abstract(const nng_sockaddr_abstract& address, char* buffer, std::size_t size) noexcept {
    char name[3 * sizeof(address.sa_name) + 1];
    char* end = name;
    for (const char c : name_of(address)) {
        const bool plain = c > ' ' && c < '\x7f' && c != '%';
        end += std::snprintf(end, 4, plain ? "%c" : "%%%02X", static_cast<unsigned char>(c));
    }
    *end = '\0';
    return std::snprintf(buffer, size, "abstract[%s]", name);
}

int print_name(const char* before, std::string_view name, const char* after, char* buffer, std::size_t size) noexcept {
    return std::snprintf(buffer, size, "%s%.*s%s", before, static_cast<int>(name.size()), name.data(), after);
}

}  // namespace

bool to_system(const nng_sockaddr& from, SystemAddress& to) noexcept {
    switch (from.s_family) {
        case NNG_AF_INET: {
            auto& address = fill<sockaddr_in>(to, AF_INET);
            address.sin_port = from.s_in.sa_port;
            address.sin_addr.s_addr = from.s_in.sa_addr;
            return true;
        }
        case NNG_AF_INET6: {
            auto& address = fill<sockaddr_in6>(to, AF_INET6);
            address.sin6_port = from.s_in6.sa_port;
            address.sin6_scope_id = from.s_in6.sa_scope;
            std::memcpy(address.sin6_addr.s6_addr, from.s_in6.sa_addr, sizeof(from.s_in6.sa_addr));
            return true;
        }
        case NNG_AF_IPC:
            // For the system, a Unix address with an empty path is an abstract address.
            return from.s_ipc.sa_path[0] != '\0' && to_unix(text_in(from.s_ipc.sa_path), false, to);
        case NNG_AF_ABSTRACT:
            return from.s_abstract.sa_len <= sizeof(from.s_abstract.sa_name) &&
                   to_unix(name_of(from.s_abstract), true, to);
        default:
            return false;
    }
}

bool from_system(const SystemAddress& from, nng_sockaddr& to) noexcept {
    to = {};
    const auto has = [&from](std::size_t size) { return from.size >= size; };
    if (!has(sizeof(sa_family_t))) return false;
    if (from.storage.ss_family == AF_INET && has(sizeof(sockaddr_in))) {
        const auto& address = reinterpret_cast<const sockaddr_in&>(from.storage);
        to.s_in = {NNG_AF_INET, address.sin_port, address.sin_addr.s_addr};
        return true;
    }
    if (from.storage.ss_family == AF_INET6 && has(sizeof(sockaddr_in6))) {
        const auto& address = reinterpret_cast<const sockaddr_in6&>(from.storage);
        to.s_in6 = {NNG_AF_INET6, address.sin6_port, address.sin6_scope_id, {}};
        std::memcpy(to.s_in6.sa_addr, address.sin6_addr.s6_addr, sizeof(to.s_in6.sa_addr));
        return true;
    }
    return from.storage.ss_family == AF_UNIX && from_unix(from, to);
}

bool is_mapped_ipv4(const nng_sockaddr& address) noexcept {
    constexpr std::uint8_t kPrefix[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return address.s_family == NNG_AF_INET6 && std::memcmp(address.s_in6.sa_addr, kPrefix, sizeof(kPrefix)) == 0;
}

const char* text_of(const nng_sockaddr& address, char* buffer, std::size_t size) noexcept {
    switch (address.s_family) {
        case NNG_AF_INET:
            print_ipv4(address.s_in, buffer, size);
            break;
        case NNG_AF_INET6:
            print_ipv6(address.s_in6, buffer, size);
            break;
        case NNG_AF_IPC:
            print_name("", text_in(address.s_ipc.sa_path), "", buffer, size);
            break;
        case NNG_AF_INPROC:
            print_name("inproc[", text_in(address.s_inproc.sa_name), "]", buffer, size);
            break;
        case NNG_AF_ABSTRACT:
            print_abstract(address.s_abstract, buffer, size);
            break;
        default:
            std::snprintf(buffer, size, "unknown");
    }
    return buffer;
}

std::uint16_t port_of(const nng_sockaddr& address) noexcept {
    if (address.s_family == NNG_AF_INET) return ntohs(address.s_in.sa_port);
    if (address.s_family == NNG_AF_INET6) return ntohs(address.s_in6.sa_port);
    return 0;
}

bool equal(const nng_sockaddr& a, const nng_sockaddr& b) noexcept {
    const Significant of_a = significant(a);
    return a.s_family == b.s_family && of_a.any && of_a.bytes == significant(b).bytes;
}

std::uint64_t hash_of(const nng_sockaddr& address) noexcept {
    // FNV-1a.
    std::uint64_t hash = 0xcbf29ce484222325u ^ address.s_family;
    for (const char c : significant(address).bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return hash != 0 ? hash : 1;
}

}  // namespace naio
