// An allocator that counts, checks the sizes it is given back, and can be told to fail. One per test, any thread.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <map>
#include <mutex>

#include "base/allocator.h"

namespace naio {

class TestAllocator : public Allocator {
  public:
    TestAllocator() {
        blocks().clear();
        allocations() = 0;
        to_go() = kNever;
        Hooks hooks;
        hooks.allocate = [](std::size_t size) { return take(std::malloc, size); };
        hooks.allocate_zeroed = [](std::size_t count, std::size_t size) {
            return take([](std::size_t bytes) { return std::calloc(1, bytes); }, count * size);
        };
        hooks.release = give_back;
        static_cast<void>(install(hooks));
    }
    ~TestAllocator() { EXPECT_TRUE(blocks().empty()) << blocks().size() << " blocks leaked"; }

    // The n-th allocation from now fails, counted from 0, and all after it.
    static void fail_after(long n) { to_go() = n; }
    static void fail_no_more() { to_go() = kNever; }

    [[nodiscard]] static long allocated() { return allocations(); }  // since the beginning
    [[nodiscard]] static std::size_t in_use() { return blocks().size(); }

  private:
    static constexpr long kNever = -1;

    static void* take(void* (*source)(std::size_t), std::size_t size) {
        const std::lock_guard lock(mutex());
        if (to_go() == 0) return nullptr;
        if (to_go() > 0) --to_go();
        ++allocations();
        void* block = source(size);
        blocks().emplace(block, size);
        return block;
    }
    static void give_back(void* block, std::size_t size) {
        const std::lock_guard lock(mutex());
        const auto entry = blocks().find(block);
        ASSERT_NE(entry, blocks().end());
        EXPECT_EQ(entry->second, size);
        blocks().erase(entry);
        std::free(block);
    }

    static std::mutex& mutex() {
        static std::mutex instance;
        return instance;
    }
    static std::map<void*, std::size_t>& blocks() {
        static std::map<void*, std::size_t> instance;
        return instance;
    }
    static long& allocations() {
        static long count = 0;
        return count;
    }
    static long& to_go() {
        static long count = kNever;
        return count;
    }
};

}  // namespace naio
