// Random numbers that are good enough for keys. Any thread may call random_u32.
#pragma once

#include <cstdint>

namespace naio {

// Returns a number from the operating system's generator. Ends the process if the generator fails, because a number
// from a weaker source would be unsafe.
[[nodiscard]] std::uint32_t random_u32() noexcept;

}  // namespace naio
