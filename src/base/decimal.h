// Reads decimal numbers. The library does not use std::from_chars for integers, because that has a table in an inline
// function: without optimization the table is a unique symbol of the program, and the dynamic loader never unloads a
// plugin that has such a symbol and is linked with the static library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace naio {

struct Decimal {
    std::uint64_t value = 0;  // max + 1 if the number is larger than max
    std::size_t digits = 0;   // the number of digits that were read
};

// Reads the digits at the beginning of the text. REQUIRES: max is at most 2^32.
constexpr Decimal decimal_at_begin(std::string_view text, std::uint64_t max) noexcept {
    Decimal number;
    for (const char each : text) {
        if (each < '0' || each > '9') break;
        if (number.value <= max) number.value = number.value * 10 + static_cast<std::uint64_t>(each - '0');
        ++number.digits;
    }
    if (number.value > max) number.value = max + 1;
    return number;
}

}  // namespace naio
