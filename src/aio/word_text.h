// The operation word for people: what a panic says about a handle's state.
#pragma once

#include <array>

#include "aio/operation_word.h"

namespace naio::word {

// Room for all flags and the number, for example "PENDING CANCELING, operation 7".
using Text = std::array<char, 160>;

[[nodiscard]] Text describe(Word w) noexcept;

}  // namespace naio::word
