// The text of URLs: percent-encoding, dot segments, UTF-8 (RFC 3986). The functions have no state.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace naio {

// Appends text to a buffer. The caller makes sure that the buffer is large enough.
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

// Decodes %XX and stores the bytes in `to`, which has room for `size`. Returns the number of bytes, or std::nullopt if
// there is not enough room or the text has a % without two hexadecimal digits.
[[nodiscard]] std::optional<std::size_t> percent_decode(std::string_view text, char* to, std::size_t size) noexcept;

// Writes the normal form of the text, which is not longer than the text. Decodes %XX if the byte need not be encoded or
// is above 127, and writes any other %XX in upper case. False if the text has a % without two hexadecimal digits.
[[nodiscard]] bool percent_normalize(std::string_view text, TextWriter& to) noexcept;

// Resolves "." and "..", and replaces several slashes in a row by one, all in place. Returns the new length.
[[nodiscard]] std::size_t resolve_path(char* path, std::size_t length) noexcept;

// True if the text is valid UTF-8: each character is in its shortest form, is at most U+10FFFF and is no surrogate.
[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

// True if the text contains no control characters and no spaces.
[[nodiscard]] bool printable(std::string_view text) noexcept;

}  // namespace naio
