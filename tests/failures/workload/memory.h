// Memory functions for nng_init. They count the memory that is in use, and fail if an order (failures.h) says so.
#pragma once

#include <nng/nng.h>

namespace failures {

[[nodiscard]] nng_init_params counted_memory() noexcept;
// The numbers of blocks and of bytes that are in use.
[[nodiscard]] long blocks_in_use() noexcept;
[[nodiscard]] long bytes_in_use() noexcept;

}  // namespace failures
