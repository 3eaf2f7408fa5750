#include "memory.h"

#include <atomic>
#include <cstdlib>

#include "failures.h"

namespace failures {

namespace {

std::atomic<long> blocks{0};
std::atomic<long> bytes{0};

void* counted(void* block, std::size_t size) noexcept {
    if (block == nullptr) return nullptr;
    ++blocks;
    bytes += static_cast<long>(size);
    return block;
}

// Calls calloc instead of malloc, because __wrap_malloc counts each call of malloc as one of the library's (kMalloc).
void* take(std::size_t size) { return fails(Kind::kMemory) ? nullptr : counted(std::calloc(1, size), size); }

void* take_zeroed(std::size_t count, std::size_t size) {
    return fails(Kind::kMemory) ? nullptr : counted(std::calloc(count, size), count * size);
}

void give_back(void* block, std::size_t size) {
    if (block == nullptr) return;
    --blocks;
    bytes -= static_cast<long>(size);
    std::free(block);
}

}  // namespace

nng_init_params counted_memory() noexcept {
    nng_init_params params{};
    params.malloc_fn = take;
    params.calloc_fn = take_zeroed;
    params.free_fn = give_back;
    return params;
}

long blocks_in_use() noexcept { return blocks; }

long bytes_in_use() noexcept { return bytes; }

}  // namespace failures
