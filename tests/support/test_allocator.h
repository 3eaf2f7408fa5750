// The library's allocator for tests of single classes, with the functions of Ledger, which can be made to fail. One
// TestAllocator exists at a time; any thread may use it.
#pragma once

#include <cstddef>

#include "base/allocator.h"
#include "support/ledger.h"

namespace support {

class TestAllocator : public naio::Allocator {
  public:
    TestAllocator() {
        Ledger::open();
        static_cast<void>(install({Ledger::allocate, Ledger::allocate_zeroed, Ledger::release}));
    }
    ~TestAllocator() { Ledger::expect_balance(); }
    TestAllocator(const TestAllocator&) = delete;
    TestAllocator& operator=(const TestAllocator&) = delete;

    // Makes the n-th allocation from now fail, and all after it; the next one is number 0.
    static void fail_after(long n) { Ledger::fail_from(n + 1); }
    static void fail_no_more() { Ledger::fail_from(Ledger::kNever); }

    [[nodiscard]] static long allocated() { return Ledger::allocations; }  // allocations from its creation on
    [[nodiscard]] static std::size_t in_use() { return static_cast<std::size_t>(Ledger::blocks); }
};

}  // namespace support
