#include "io/nng1_url.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "io/url.h"
#include "io/url_text.h"

namespace naio {

namespace {

// Returns a copy of the text in a block of its own, or nullptr if there is no memory.
char* copy(const Allocator& allocator, std::string_view text) noexcept {
    auto* const made = static_cast<char*>(allocator.allocate(text.size() + 1));
    if (made != nullptr) *std::copy(text.begin(), text.end(), made) = '\0';
    return made;
}

bool has_only_a_path(std::string_view scheme) noexcept {
    return scheme == "ipc" || scheme == "unix" || scheme == "abstract" || scheme == "inproc";
}

// Returns the port of the scheme, or an empty text. The scheme may end with 4 or 6.
std::string_view port_of_scheme(std::string_view scheme) noexcept {
    struct Port {
        std::string_view scheme, port;
    };
    static constexpr Port kPorts[] = {{"git", "9418"}, {"gopher", "70"}, {"http", "80"}, {"https", "443"},
                                      {"ssh", "22"},   {"telnet", "23"}, {"ws", "80"},   {"wss", "443"}};
    if (scheme.ends_with('4') || scheme.ends_with('6')) scheme.remove_suffix(1);
    for (const Port& each : kPorts)
        if (each.scheme == scheme) return each.port;
    return {};
}

// Resolves the path in place, and returns its new length. Unlike RFC 3986, NNG 1 leaves no slash where the path ends in
// "/." or "/..".
std::size_t resolve(char* path, std::size_t length) noexcept {
    const std::string_view text(path, length);
    const std::string_view last = text.substr(std::min(text.find_last_of('/'), text.size() - 1) + 1);
    const bool dots = last == "." || last == "..";
    const std::size_t resolved = resolve_path(path, length);
    return dots && resolved != 0 && path[resolved - 1] == '/' ? resolved - 1 : resolved;
}

// Brings path, query and fragment into their normal form, in place. False if they are malformed.
bool normalize(char* text) noexcept {
    TextWriter to(text);
    if (!percent_normalize(text, to)) return false;
    *to.at() = '\0';
    const std::string_view all(text);
    const std::size_t length = std::min(all.find_first_of("?#"), all.size());
    const std::size_t resolved = length != 0 ? resolve(text, length) : 0;
    std::memmove(text + resolved, text + length, all.size() - length + 1);
    return valid_utf8(text);
}

// Builds a URL from a text, part by part. The functions return NNG_EINVAL if the text is malformed.
class Builder {
  public:
    Builder(const Allocator& allocator, Nng1Url& url) noexcept : allocator_(allocator), url_(url) {}

    nng_err build(const char* raw) noexcept {
        const std::string_view text(raw);
        const std::size_t colon = text.find(':');
        if (colon == text.npos || !text.substr(colon).starts_with("://")) return NNG_EINVAL;
        if (!put(url_.rawurl, text) || !put_lower(url_.scheme, text.substr(0, colon))) return NNG_ENOMEM;
        const std::string_view rest = text.substr(colon + 3);
        if (has_only_a_path(url_.scheme)) return put(url_.path, rest) ? NNG_OK : NNG_ENOMEM;
        const std::size_t authority = std::min(rest.find_first_of("/?#"), rest.size());
        nng_err error = build_authority(rest.substr(0, authority));
        if (error == NNG_OK) error = build_rest(rest.substr(authority));
        return error == NNG_OK ? build_host(url_.host) : error;
    }

  private:
    [[nodiscard]] bool put(char*& part, std::string_view text) noexcept {
        part = copy(allocator_, text);
        return part != nullptr;
    }
    [[nodiscard]] bool put_lower(char*& part, std::string_view text) noexcept {
        if (!put(part, text)) return false;
        std::transform(text.begin(), text.end(), part, lower_case);
        return true;
    }

    nng_err build_authority(std::string_view text) noexcept {
        const std::size_t at = text.find('@');
        if (at != text.npos) {
            if (!put(url_.userinfo, text.substr(0, at))) return NNG_ENOMEM;
            text.remove_prefix(at + 1);
            if (text.find('@') != text.npos) return NNG_EINVAL;
        }
        if (text == "*" || text.starts_with("*:")) text.remove_prefix(1);
        return put_lower(url_.host, text) ? NNG_OK : NNG_ENOMEM;
    }

    nng_err build_rest(std::string_view text) noexcept {
        char* const normal = copy(allocator_, text);
        if (normal == nullptr) return NNG_ENOMEM;
        const bool valid = normalize(normal);
        const nng_err error = valid ? split(normal) : NNG_EINVAL;
        allocator_.release(normal, text.size() + 1);
        return error;
    }

    nng_err split(std::string_view text) noexcept {
        if (!put(url_.requri, text)) return NNG_ENOMEM;
        const std::string_view path = text.substr(0, text.find_first_of("?#"));
        if (!put(url_.path, path)) return NNG_ENOMEM;
        text.remove_prefix(path.size());
        const std::string_view query = text.substr(0, text.find('#'));
        if (!query.empty() && !put(url_.query, query.substr(1))) return NNG_ENOMEM;
        text.remove_prefix(query.size());
        return text.empty() || put(url_.fragment, text.substr(1)) ? NNG_OK : NNG_ENOMEM;
    }

    nng_err build_host(std::string_view text) noexcept {
        const bool brackets = text.starts_with('[');
        if (brackets) text.remove_prefix(1);
        const std::string_view name = text.substr(0, text.find(brackets ? ']' : ':'));
        if (brackets && name.size() == text.size()) return NNG_EINVAL;
        text.remove_prefix(name.size() + (brackets ? 1 : 0));
        if (!text.empty() && (text.front() != ':' || text.size() == 1)) return NNG_EINVAL;
        const std::string_view port = text.empty() ? port_of_scheme(url_.scheme) : text.substr(1);
        return put(url_.hostname, name) && put(url_.port, port) ? NNG_OK : NNG_ENOMEM;
    }

    const Allocator& allocator_;
    Nng1Url& url_;
};

const char* or_empty(const char* text) noexcept { return text != nullptr ? text : ""; }

bool is_tcp(std::string_view scheme) noexcept { return scheme == "tcp" || scheme == "tcp4" || scheme == "tcp6"; }

}  // namespace

nng_err Nng1Url::parse(const Allocator& allocator, const char* text, Nng1Url*& to) noexcept {
    Nng1Url* const url = allocator.create<Nng1Url>();
    if (url == nullptr) return NNG_ENOMEM;
    *url = {};
    const nng_err error = Builder(allocator, *url).build(text);
    if (error == NNG_OK)
        to = url;
    else
        free(allocator, url);
    return error;
}

Nng1Url* Nng1Url::clone(const Allocator& allocator, const Nng1Url& from) noexcept {
    Nng1Url* const url = allocator.create<Nng1Url>();
    if (url == nullptr) return nullptr;
    *url = {};
    for (char* Nng1Url::*const each : kStrings) {
        if (from.*each == nullptr || (url->*each = copy(allocator, from.*each)) != nullptr) continue;
        free(allocator, url);
        return nullptr;
    }
    return url;
}

void Nng1Url::free(const Allocator& allocator, Nng1Url* url) noexcept {
    for (char* Nng1Url::*const each : kStrings)
        if (url->*each != nullptr) allocator.release(url->*each, std::strlen(url->*each) + 1);
    allocator.destroy(url);
}

// A dialer or a listener needs only scheme, host and port, or scheme and path.
// A listener without a host listens at IPv4 alone with NNG 1, so that its streams have IPv4 addresses. A listener of
// NNG 2 would listen at IPv6, too.
nng_err Nng1Url::convert(const Allocator& allocator, bool listens, nng_url*& to) const noexcept {
    const char* const names = or_empty(scheme);
    const bool local = has_only_a_path(names), tcp = is_tcp(names);
    if (!local && !tcp && std::strcmp(names, "socket") != 0) return NNG_ENOTSUP;
    const char* place = or_empty(local ? path : hostname);
    const char* const number = or_empty(local ? nullptr : port);
    if (tcp && *place == '\0') {
        if (!listens || *number == '\0') return NNG_EADDRINVAL;
        if (std::strcmp(names, "tcp6") != 0) place = "0.0.0.0";
    }
    const bool brackets = !local && std::strchr(place, ':') != nullptr;
    const std::size_t size = std::strlen(names) + std::strlen(place) + std::strlen(number) + sizeof("://[]:");
    auto* const text = static_cast<char*>(allocator.allocate(size));
    if (text == nullptr) return NNG_ENOMEM;
    std::snprintf(text, size, "%s://%s%s%s%s%s", names, brackets ? "[" : "", place, brackets ? "]" : "",
                  *number != '\0' ? ":" : "", number);
    const nng_err error = nng_url::parse(allocator, text, to);
    allocator.release(text, size);
    return error == NNG_EINVAL ? NNG_EADDRINVAL : error;
}

}  // namespace naio
