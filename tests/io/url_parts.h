// The parts of a URL, which tests compare and print.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "io/url.h"

namespace naio {

struct UrlParts {
    std::string scheme, userinfo, host, path, query, fragment;
    std::uint32_t port = 0;

    bool operator==(const UrlParts&) const = default;

    friend std::ostream& operator<<(std::ostream& out, const UrlParts& p) {
        return out << p.scheme << " | " << p.userinfo << " | " << p.host << " | " << p.port << " | " << p.path << " | "
                   << p.query << " | " << p.fragment;
    }
};

// Returns the parts of a URL. A part that the URL does not have is "-".
inline UrlParts parts_of(const nng_url& url) {
    const auto text = [](const char* part) { return part != nullptr ? std::string(part) : std::string("-"); };
    return {text(url.scheme()), text(url.userinfo()), text(url.hostname()),
            text(url.path()),   text(url.query()),    text(url.fragment()),
            url.port()};
}

inline std::string printed(const nng_url& url) {
    std::string text(static_cast<std::size_t>(url.print(nullptr, 0)) + 1, '\0');
    url.print(text.data(), text.size());
    text.pop_back();
    return text;
}

struct FreeUrl {
    void operator()(nng_url* url) const noexcept { url->free(); }
};
using OwnedUrl = std::unique_ptr<nng_url, FreeUrl>;

}  // namespace naio
