// Reads the environment variables by which a user changes what the library does.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/decimal.h"

#if !defined(__linux__)
#include <unistd.h>
#endif

namespace naio {

// Returns the variable's value, or nullptr if it is not set. Also returns nullptr in a program that has more rights
// than its user, as a setuid program has, because the user controls the environment.
inline const char* environment(const char* name) noexcept {
#if defined(__linux__)
    return ::secure_getenv(name);
#else
    return ::issetugid() != 0 ? nullptr : std::getenv(name);
#endif
}

// Reads a number of seconds such as 5 or 0.5. The fraction begins with a point in every locale of the program. (For
// std::strtod the character depends on the locale.) Returns nothing if the text is no such number, or if the number is
// above 10^9.
inline std::optional<Nanoseconds> seconds_in(std::string_view text) noexcept {
    constexpr std::uint64_t kMax = 1'000'000'000;
    const Decimal whole = decimal_at_begin(text, kMax);
    if (whole.digits == 0 || whole.value > kMax) return std::nullopt;
    auto time = static_cast<Nanoseconds>(whole.value) * kSecond;
    const std::string_view rest = text.substr(whole.digits);
    if (rest.empty()) return time;
    if (rest.front() != '.' || rest.size() == 1) return std::nullopt;
    Nanoseconds unit = kSecond;
    for (const char digit : rest.substr(1)) {
        if (digit < '0' || digit > '9') return std::nullopt;
        unit /= 10;
        time += (digit - '0') * unit;
    }
    return time;
}

}  // namespace naio
