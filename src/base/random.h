// Random numbers fit for keys. Any thread.
#pragma once

#include <cstdint>

namespace naio {

// Returns a number of the operating system's generator. Ends the process if the generator fails, because a weaker
// number would be unsafe.
[[nodiscard]] std::uint32_t random_u32() noexcept;

}  // namespace naio
