#include "io/url.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <type_traits>

#include "base/decimal.h"
#include "base/fault.h"
#include "base/os.h"
#include "io/address.h"
#include "io/url_text.h"

using naio::TextWriter;

namespace {

constexpr std::size_t kMaxService = 32;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDigits = "0123456789";

// True if the text consists of allowed characters. A letter in `allowed` is in lower case and stands for both cases.
bool only(std::string_view text, std::initializer_list<std::string_view> allowed) noexcept {
    return std::all_of(text.begin(), text.end(), [&allowed](char c) {
        return std::any_of(allowed.begin(), allowed.end(),
                           [c](std::string_view some) { return some.find(naio::lower_case(c)) != some.npos; });
    });
}

// Removes the text before the separator, and the separator, from `rest`. Returns the text, or std::nullopt if there is
// no separator.
std::optional<std::string_view> cut(std::string_view& rest, std::string_view separator) noexcept {
    const std::size_t end = rest.find(separator);
    if (end == rest.npos) return std::nullopt;
    const std::string_view before = rest.substr(0, end);
    rest.remove_prefix(end + separator.size());
    return before;
}

// Returns the port of a service. Without a host, getaddrinfo only reads the list of services. Unlike getservbyname,
// getaddrinfo may be called by several threads at once.
std::optional<std::uint16_t> service_port(std::string_view name) noexcept {
    if (name.empty() || name.size() > kMaxService || !only(name, {kLetters, kDigits, "-_"})) return std::nullopt;
    char text[kMaxService + 1];
    *std::transform(name.begin(), name.end(), text, naio::lower_case) = '\0';
    addrinfo hints{};
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    addrinfo* found = nullptr;
    if (naio::os::getaddrinfo(nullptr, text, &hints, &found) != 0) return std::nullopt;
    sockaddr_in address;
    std::memcpy(&address, found->ai_addr, sizeof(address));
    naio::os::freeaddrinfo(found);
    return ntohs(address.sin_port);
}

std::optional<std::uint16_t> port_of(std::string_view text) noexcept {
    if (!only(text, {kDigits})) return service_port(text);
    const naio::Decimal number = naio::decimal_at_begin(text, naio::kMaxPort);
    if (number.digits == 0 || (number.value > naio::kMaxPort && !NAIO_FAULT(large_port_taken))) return std::nullopt;
    return static_cast<std::uint16_t>(number.value);
}

bool valid_ipv6(std::string_view text) noexcept {
    char copy[INET6_ADDRSTRLEN];
    in6_addr ignored;
    if (text.size() >= sizeof(copy)) return false;
    *std::copy(text.begin(), text.end(), copy) = '\0';
    return ::inet_pton(AF_INET6, copy, &ignored) == 1;
}

}  // namespace

// Returns the scheme with this name, or nullptr. The list contains the schemes that NNG knows.
const nng_url::Scheme* nng_url::find(std::string_view name) noexcept {
    static constexpr Scheme kSchemes[] = {
        {"tcp", 0, true},       {"tcp4", 0, true},    {"tcp6", 0, true},     {"ipc", 0, false},     {"unix", 0, false},
        {"abstract", 0, false}, {"socket", 0, false}, {"inproc", 0, false},  {"udp", 0, true},      {"udp4", 0, true},
        {"udp6", 0, true},      {"tls+tcp", 0, true}, {"tls+tcp4", 0, true}, {"tls+tcp6", 0, true}, {"dtls", 0, true},
        {"dtls4", 0, true},     {"dtls6", 0, true},   {"http", 80, true},    {"https", 443, true},  {"ws", 80, true},
        {"ws4", 80, true},      {"ws6", 80, true},    {"wss", 443, true},    {"wss4", 443, true},   {"wss6", 443, true},
        {"file", 0, true},      {"mailto", 0, true},  {"gopher", 70, true},  {"ftp", 0, true},      {"ssh", 22, true},
        {"git", 9418, true},    {"telnet", 23, true}, {"irc", 0, true},      {"imap", 0, true},     {"imaps", 0, true},
    };
    for (const Scheme& scheme : kSchemes) {
        const std::string_view known = scheme.name;
        if (std::equal(name.begin(), name.end(), known.begin(), known.end(),
                       [](char a, char b) { return naio::lower_case(a) == b; }))
            return &scheme;
    }
    return nullptr;
}

// Reads a text from front to back, and writes the URL's parts to the memory behind the object. The functions return
// false if the text is malformed.
class nng_url::Parser {
  public:
    // Returns the room that the parts of a URL need: for the text, and for a zero byte after each of the five parts.
    // The separators between the parts are not stored.
    [[nodiscard]] static std::size_t size_for(std::string_view text) noexcept { return text.size() + 5; }

    explicit Parser(nng_url& url) noexcept : url_(url), to_(reinterpret_cast<char*>(&url + 1)) {}

    [[nodiscard]] bool parse(std::string_view text) noexcept {
        if (!url_.scheme_->has_host) return put(url_.path_, text);
        const std::size_t authority = std::min(text.find_first_of("/?#"), text.size());
        return naio::printable(text) && parse_authority(text.substr(0, authority)) &&
               parse_path(text.substr(authority));
    }

  private:
    [[nodiscard]] bool parse_authority(std::string_view text) noexcept {
        if (const auto userinfo = cut(text, "@"))
            if (!put_normalized(url_.userinfo_, *userinfo)) return false;
        return text.starts_with('[') ? parse_ipv6(text.substr(1)) : parse_name(text);
    }

    [[nodiscard]] bool parse_name(std::string_view text) noexcept {
        const std::string_view host = text.substr(0, text.find(':'));
        if (!only(host, {kLetters, kDigits, "-._~!$&'()*+,;="})) return false;
        return put_host(host, {}) && parse_port(text.substr(host.size()));
    }

    // Parses an address that may have a zone: "fe80::1%25eth0", the form of RFC 6874, or "fe80::1%eth0".
    [[nodiscard]] bool parse_ipv6(std::string_view text) noexcept {
        const auto brackets = cut(text, "]");
        if (!brackets) return false;
        std::string_view zone = *brackets;
        const auto address = cut(zone, "%");
        if (!address) return valid_ipv6(*brackets) && put_host(*brackets, {}) && parse_port(text);
        if (zone.starts_with("25") && zone.size() > 2) zone.remove_prefix(2);
        if (zone.empty() || !only(zone, {kLetters, kDigits, "-._~"})) return false;
        return valid_ipv6(*address) && put_host(*address, zone) && parse_port(text);
    }

    [[nodiscard]] bool parse_port(std::string_view text) noexcept {
        url_.port_ = url_.scheme_->port;
        if (text.empty()) return true;
        const auto port = text.front() == ':' ? port_of(text.substr(1)) : std::nullopt;
        if (port) url_.port_ = *port;
        return port.has_value();
    }

    [[nodiscard]] bool parse_path(std::string_view text) noexcept {
        const std::string_view path = text.substr(0, text.find_first_of("?#"));
        text.remove_prefix(path.size());
        if (!put_normalized(url_.path_, path)) return false;
        const std::string_view query = text.substr(0, text.find('#'));
        text.remove_prefix(query.size());
        return (query.empty() || put_normalized(url_.query_, query.substr(1))) &&
               (text.empty() || put_normalized(url_.fragment_, text.substr(1)));
    }

    void begin(Offset& part) noexcept { part = static_cast<Offset>(to_.at() - reinterpret_cast<char*>(&url_)); }

    [[nodiscard]] bool put(Offset& part, std::string_view text) noexcept {
        begin(part);
        to_.put(text);
        to_.put('\0');
        return true;
    }

    // Stores the host in lower case. A zone keeps its case, because it is the name of an interface.
    [[nodiscard]] bool put_host(std::string_view host, std::string_view zone) noexcept {
        if (host.size() + zone.size() + (zone.empty() ? 0 : 1) > kMaxHost) return false;
        begin(url_.hostname_);
        for (const char c : host) to_.put(naio::lower_case(c));
        if (!zone.empty()) to_.put('%');
        to_.put(zone);
        to_.put('\0');
        return true;
    }

    [[nodiscard]] bool put_normalized(Offset& part, std::string_view text) noexcept {
        begin(part);
        char* const from = to_.at();
        if (!naio::percent_normalize(text, to_)) return false;
        if (&part == &url_.path_) to_.back_to(from + naio::resolve_path(from, length_since(from)));
        const bool valid = naio::valid_utf8({from, length_since(from)});
        to_.put('\0');
        return valid;
    }

    [[nodiscard]] std::size_t length_since(const char* from) const noexcept {
        return static_cast<std::size_t>(to_.at() - from);
    }

    nng_url& url_;
    TextWriter to_;
};

nng_err nng_url::parse(const naio::Allocator& allocator, std::string_view text, nng_url*& to) noexcept {
    static_assert(std::is_trivially_copyable_v<nng_url> && std::is_trivially_destructible_v<nng_url>);
    if (text.size() > kMaxSize) return NNG_EINVAL;
    const auto name = cut(text, "://");
    if (!name || name->empty() || !only(*name, {kLetters, kDigits, "+-."})) return NNG_EINVAL;
    const Scheme* scheme = find(*name);
    if (scheme == nullptr) return NNG_ENOTSUP;

    const std::size_t room = Parser::size_for(text);
    auto* url = allocator.create_with_room<nng_url>(room, allocator, room);
    if (url == nullptr) return NNG_ENOMEM;
    url->scheme_ = scheme;
    if (!Parser(*url).parse(text)) {
        url->free();
        return NNG_EINVAL;
    }
    to = url;
    return NNG_OK;
}

nng_url* nng_url::clone() const noexcept {
    auto* copy = allocator_->create_with_room<nng_url>(room_, *this);
    if (copy != nullptr) std::memcpy(copy + 1, this + 1, room_);
    return copy;
}

void nng_url::free() noexcept { allocator_->destroy_with_room(this, room_); }

int nng_url::family() const noexcept {
    const char last = std::string_view(scheme_->name).back();
    return last == '4' ? NNG_AF_INET : last == '6' ? NNG_AF_INET6 : NNG_AF_UNSPEC;
}

int nng_url::print(char* buffer, std::size_t size) const noexcept {
    if (!scheme_->has_host) return std::snprintf(buffer, size, "%s://%s", scheme(), path());
    // Encodes the % before a zone; otherwise the % would look like the start of an encoded byte.
    const std::string_view host = hostname();
    const std::string_view address = host.substr(0, host.find('%'));
    const bool brackets = host.find(':') != host.npos;
    const bool zone = address.size() < host.size();
    char port[16] = "";
    if (port_ == 0 || port_ != scheme_->port) std::snprintf(port, sizeof(port), ":%u", static_cast<unsigned>(port_));
    return std::snprintf(buffer, size, "%s://%s%.*s%s%s%s%s%s%s%s%s%s", scheme(), brackets ? "[" : "",
                         static_cast<int>(address.size()), address.data(), zone ? "%25" : "",
                         zone ? host.data() + address.size() + 1 : "", brackets ? "]" : "", port, path(),
                         query() != nullptr ? "?" : "", query() != nullptr ? query() : "",
                         fragment() != nullptr ? "#" : "", fragment() != nullptr ? fragment() : "");
}
