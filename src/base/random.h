// Random numbers fit for keys. Any thread.
#pragma once

#include <cstdint>

namespace naio {

// From the operating system's generator; stops the program should there be none, rather than return something weaker.
[[nodiscard]] std::uint32_t random_u32() noexcept;

}  // namespace naio
