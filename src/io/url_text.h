// The text of URLs: percent-encoding, dot segments, UTF-8 (RFC 3986). Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace naio {

// Appends to a buffer that is known to be large enough.
class TextWriter {
  public:
    explicit TextWriter(char* at) noexcept : at_(at) {}
    void put(char c) noexcept { *at_++ = c; }
    void put(std::string_view text) noexcept;
    [[nodiscard]] char* at() const noexcept { return at_; }
    void back_to(char* at) noexcept { at_ = at; }

  private:
    char* at_;
};

[[nodiscard]] char lower_case(char c) noexcept;

// The bytes that the text stands for, %XX decoded, in `to`, which has room for `size`; how many there are. Nothing if
// there is not enough room, or a % without two digits.
[[nodiscard]] std::optional<std::size_t> percent_decode(std::string_view text, char* to, std::size_t size) noexcept;

// The normal form: %XX of what need not be encoded, and of bytes above 127, is decoded, and otherwise in upper case.
// It is not longer than the text. False if there is a % without two digits.
[[nodiscard]] bool percent_normalize(std::string_view text, TextWriter& to) noexcept;

// Resolves "." and "..", and makes several slashes one, in place; returns the new length.
[[nodiscard]] std::size_t resolve_path(char* path, std::size_t length) noexcept;

// UTF-8 in its shortest form, of characters that exist.
[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

// Contains no control characters and no spaces.
[[nodiscard]] bool printable(std::string_view text) noexcept;

}  // namespace naio
