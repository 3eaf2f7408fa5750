// An EndReport is the function, with its argument, that the program passes to naio_aio_reap_then. The library calls the
// function when the handle is gone.
//
// Both are kept in the two words of the handle that otherwise hold deadlines of its next operation, because a reaped
// handle has no next operation. But the handle's callback may still run, and set or take such deadlines at the same
// time. So a word that holds a part of a report is less than every deadline, and less than the value that stands for no
// deadline. A thread that sets or takes a deadline leaves such a word alone.
#pragma once

#include <bit>
#include <cstdint>

#include "base/assert.h"
#include "base/clock.h"

namespace naio {

struct EndReport {
    struct Words {
        Nanoseconds first;
        Nanoseconds second;
    };

    void (*function)(void*);
    void* argument;

    // True if the word is one that pack has returned. Deadlines are not negative, and -1 stands for none.
    [[nodiscard]] static constexpr bool is_part(Nanoseconds word) noexcept { return word < -1; }

    // The first word has the upper two bits of the argument and the function, whose address is less than 2^61. The
    // second word has the other bits of the argument. Both are negative. Neither is -1: no function has the address
    // 2^61 - 1, and bit 62 of the second word is 0.
    [[nodiscard]] Words pack() const noexcept {
        const std::uint64_t code = reinterpret_cast<std::uintptr_t>(function);
        const std::uint64_t value = reinterpret_cast<std::uintptr_t>(argument);
        NAIO_ASSERT(code >> 61 == 0);
        return {std::bit_cast<Nanoseconds>(kMark | value >> 62 << 61 | code),
                std::bit_cast<Nanoseconds>(kMark | (value & kLower))};
    }

    [[nodiscard]] static EndReport unpack(Words words) noexcept {
        const auto first = std::bit_cast<std::uint64_t>(words.first);
        const auto second = std::bit_cast<std::uint64_t>(words.second);
        const std::uint64_t code = first & kLower >> 1, value = (first >> 61 & 3) << 62 | (second & kLower);
        return {reinterpret_cast<void (*)(void*)>(static_cast<std::uintptr_t>(code)),
                reinterpret_cast<void*>(static_cast<std::uintptr_t>(value))};
    }

  private:
    static constexpr std::uint64_t kMark = std::uint64_t{1} << 63;
    static constexpr std::uint64_t kLower = (std::uint64_t{1} << 62) - 1;
};

}  // namespace naio
