// Memory functions for nng_init that count, and that can be ordered to fail.
#pragma once

#include <nng/nng.h>

namespace failures {

[[nodiscard]] nng_init_params counted_memory() noexcept;
// How much of it is in use.
[[nodiscard]] long blocks_in_use() noexcept;
[[nodiscard]] long bytes_in_use() noexcept;

}  // namespace failures
