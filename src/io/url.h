// struct nng_url: a URL in parts. The C type is this class.
//
// A URL is one block of memory: the object, and behind it the parts, each with a zero byte at its end. The object has
// the offsets of the parts in the block, so that a copy of the block is a copy of the URL.
//
// The caller creates, uses and frees a URL; any thread may read it.
#pragma once

#include <nng/nng.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/allocator.h"

struct nng_url final {
  public:
    static constexpr std::size_t kMaxSize = 65535;
    static constexpr std::size_t kMaxHost = 255;

    // Creates a URL from a text. The comment on nng_url_parse lists the errors. Sets `to` only on success.
    [[nodiscard]] static nng_err parse(const naio::Allocator& allocator, std::string_view text, nng_url*& to) noexcept;
    // Returns a copy, or nullptr if there is no memory.
    [[nodiscard]] nng_url* clone() const noexcept;
    void free() noexcept;

    [[nodiscard]] const char* scheme() const noexcept { return scheme_->name; }
    [[nodiscard]] const char* userinfo() const noexcept { return part(userinfo_); }
    // Returns the host, or nullptr if the scheme has none. The empty text stands for every address.
    [[nodiscard]] const char* hostname() const noexcept { return part(hostname_); }
    [[nodiscard]] const char* path() const noexcept { return part(path_); }
    [[nodiscard]] const char* query() const noexcept { return part(query_); }
    [[nodiscard]] const char* fragment() const noexcept { return part(fragment_); }
    [[nodiscard]] std::uint32_t port() const noexcept { return port_; }
    // Returns the family of the addresses that the scheme allows: NNG_AF_INET ("tcp4"), NNG_AF_INET6 ("tcp6"), or
    // NNG_AF_UNSPEC.
    [[nodiscard]] int family() const noexcept;

    void resolve_port(std::uint32_t port) noexcept {
        if (port_ == 0) port_ = port;
    }

    // Prints the URL, and returns as snprintf does.
    int print(char* buffer, std::size_t size) const noexcept;

  private:
    struct Scheme {
        const char* name;
        std::uint16_t port;  // the port of a URL that names none; 0: the scheme has no such port
        bool has_host;
    };
    class Parser;
    using Offset = std::uint32_t;  // 0: there is no such part

    friend class naio::Allocator;
    nng_url(const naio::Allocator& allocator, std::size_t room) noexcept : allocator_(&allocator), room_(room) {}
    [[nodiscard]] static const Scheme* find(std::string_view name) noexcept;
    [[nodiscard]] const char* part(Offset offset) const noexcept {
        return offset != 0 ? reinterpret_cast<const char*>(this) + offset : nullptr;
    }

    const naio::Allocator* allocator_;
    std::size_t room_;  // the number of bytes behind the object, for its texts
    const Scheme* scheme_ = nullptr;
    Offset userinfo_ = 0;
    Offset hostname_ = 0;
    Offset path_ = 0;
    Offset query_ = 0;
    Offset fragment_ = 0;
    std::uint32_t port_ = 0;
};
