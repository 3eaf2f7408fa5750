#include "io/url_text.h"

#include <algorithm>
#include <cstdint>

namespace naio {

namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::size_t hex_value(char c) noexcept { return kHexDigits.find(c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c); }

// Returns the byte that the text begins with in the form %XX, or std::nullopt if the text does not begin with a byte in
// this form.
std::optional<unsigned char> encoded_byte(std::string_view text) noexcept {
    if (text.size() < 3) return std::nullopt;
    const std::size_t high = hex_value(text[1]), low = hex_value(text[2]);
    if (high == kHexDigits.npos || low == kHexDigits.npos) return std::nullopt;
    return static_cast<unsigned char>(16 * high + low);
}

bool unreserved(unsigned char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

// Returns the number of bytes of the text's first character, or 0 if the character is not valid.
std::size_t character_size(std::string_view text) noexcept {
    const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
    std::uint32_t value = first & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
        value = value << 6 | (byte(i) & 0x3fu);
    }
    constexpr std::uint32_t kMin[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    return value >= kMin[size] && value <= 0x10ffff && !surrogate ? size : 0;
}

}  // namespace

void TextWriter::put(std::string_view text) noexcept { at_ = std::copy(text.begin(), text.end(), at_); }

char lower_case(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::optional<std::size_t> percent_decode(std::string_view text, char* to, std::size_t size) noexcept {
    std::size_t length = 0;
    while (!text.empty()) {
        if (length == size) return std::nullopt;
        const bool encoded = text.front() == '%';
        const auto byte = encoded ? encoded_byte(text) : static_cast<unsigned char>(text.front());
        if (!byte) return std::nullopt;
        to[length++] = static_cast<char>(*byte);
        text.remove_prefix(encoded ? 3 : 1);
    }
    return length;
}

bool percent_normalize(std::string_view text, TextWriter& to) noexcept {
    while (!text.empty()) {
        if (text.front() != '%') {
            to.put(text.front());
            text.remove_prefix(1);
            continue;
        }
        const auto byte = encoded_byte(text);
        if (!byte) return false;
        if (unreserved(*byte) || *byte >= 0x80) {
            to.put(static_cast<char>(*byte));
        } else {
            for (const char c : {'%', kHexDigits[*byte / 16], kHexDigits[*byte % 16]}) to.put(c);
        }
        text.remove_prefix(3);
    }
    return true;
}

std::size_t resolve_path(char* path, std::size_t length) noexcept {
    // At the start of each round, `rest` begins with a slash and the next segment, which may be empty. The writer never
    // overtakes the reader.
    std::string_view rest{path, length};
    TextWriter to{path};
    bool ends_with_slash = false;
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::string_view segment = rest.substr(0, rest.find('/'));
        rest.remove_prefix(segment.size());
        ends_with_slash = segment.empty() || segment == "." || segment == "..";
        if (segment == "..") {
            while (to.at() != path && *(to.at() - 1) != '/') to.back_to(to.at() - 1);
            if (to.at() != path) to.back_to(to.at() - 1);
        } else if (!ends_with_slash) {
            to.put('/');
            to.put(segment);
        }
    }
    if (ends_with_slash) to.put('/');
    return static_cast<std::size_t>(to.at() - path);
}

bool valid_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

bool printable(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; });
}

}  // namespace naio
