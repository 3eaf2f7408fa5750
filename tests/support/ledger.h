// Memory functions for nng_init_params that count their blocks, and can be made to fail.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "support/library.h"

namespace support {

// The three memory functions, and the numbers of the blocks and bytes that they have allocated and released.
class Ledger {
  public:
    static nng_init_params params() {
        nng_init_params params = two_workers();
        params.malloc_fn = &Ledger::allocate;
        params.calloc_fn = &Ledger::allocate_zeroed;
        params.free_fn = &Ledger::release;
        return params;
    }

    static void open() {
        allocations = 0;
        blocks = 0;
        bytes = 0;
        wrong_sizes = 0;
        fail_from(kNever);
    }

    // Makes `times` allocations fail, beginning with the n-th one from now; the next one is number 1.
    static void fail_from(long n, long times = kNever) {
        first_failure = n == kNever ? kNever : allocations + n;
        last_failure = times == kNever ? kNever : first_failure + times - 1;
    }
    static constexpr long kNever = LONG_MAX;

    static void expect_balance() {
        EXPECT_EQ(blocks, 0);
        EXPECT_EQ(bytes, 0);
        EXPECT_EQ(wrong_sizes, 0);
    }

    static inline std::atomic<long> allocations{0};  // allocations that were tried
    static inline std::atomic<long> blocks{0};       // blocks that are not released yet
    static inline std::atomic<long> bytes{0};        // the size of these blocks
    static inline std::atomic<long> wrong_sizes{0};  // blocks that were released with a size other than their own

    static void* allocate(std::size_t size) {
        return allocate_filled(size, 0xa5);  // no caller may rely on zeros
    }
    static void* allocate_zeroed(std::size_t n, std::size_t size) {
        if (size != 0 && n > std::numeric_limits<std::size_t>::max() / size) return nullptr;
        return allocate_filled(n * size, 0);
    }

    static void release(void* block, std::size_t size) {
        if (block == nullptr) return;
        Size* const header = static_cast<Size*>(block) - 1;
        if (header->value != size) add(wrong_sizes, 1);
        add(blocks, -1);
        add(bytes, -static_cast<long>(header->value));
        std::free(header);
    }

  private:
    // A header in front of every block. The header's size is a multiple of malloc's alignment, so the block has this
    // alignment, too.
    struct alignas(std::max_align_t) Size {
        std::size_t value;
    };

    // Adds `more` and returns the new value. The order is relaxed, so that counting hides no data race of the library.
    static long add(std::atomic<long>& counter, long more) {
        return counter.fetch_add(more, std::memory_order_relaxed) + more;
    }

    static void* allocate_filled(std::size_t size, int byte) {
        const long number = add(allocations, 1);
        if (number >= first_failure && number <= last_failure) return nullptr;
        auto* const header = static_cast<Size*>(std::malloc(sizeof(Size) + size));
        if (header == nullptr) return nullptr;
        header->value = size;
        add(blocks, 1);
        add(bytes, static_cast<long>(size));
        return std::memset(header + 1, byte, size);
    }

    static inline std::atomic<long> first_failure{kNever};
    static inline std::atomic<long> last_failure{kNever};
};

class Allocation : public testing::Test {
  protected:
    Allocation() {
        bring_library_down();
        Ledger::open();
    }
    ~Allocation() override { bring_library_down(); }
};

}  // namespace support
