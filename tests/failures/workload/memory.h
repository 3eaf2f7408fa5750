// Memory functions for nng_init. They count the memory that is in use, and can be ordered to fail.
#pragma once

#include <nng/nng.h>

namespace failures {

[[nodiscard]] nng_init_params counted_memory() noexcept;
// Return the number of blocks and the number of bytes that are in use.
[[nodiscard]] long blocks_in_use() noexcept;
[[nodiscard]] long bytes_in_use() noexcept;

}  // namespace failures
