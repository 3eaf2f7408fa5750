// The library with memory functions that count, check the sizes given back, and fail when they are told to.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstdlib>
#include <map>
#include <mutex>

namespace naio {

class CountedLibrary {
  public:
    CountedLibrary() {
        for (int i = 0; i < 16; ++i) nng_fini();  // whatever other tests have left
        nng_init_params params{};
        params.malloc_fn = [](std::size_t size) { return take(size, std::malloc(size)); };
        params.calloc_fn = [](std::size_t n, std::size_t size) { return take(n * size, std::calloc(n, size)); };
        params.free_fn = give_back;
        EXPECT_EQ(nng_init(&params), NNG_OK);
        in_use_before_ = in_use();
    }
    CountedLibrary(const CountedLibrary&) = delete;
    CountedLibrary& operator=(const CountedLibrary&) = delete;
    ~CountedLibrary() {
        failing() = false;
        EXPECT_EQ(in_use(), in_use_before_) << "leaked";
        nng_fini();
    }

    static void fail(bool on) { failing() = on; }
    [[nodiscard]] static std::size_t in_use() {
        const std::lock_guard lock(mutex());
        return blocks().size();
    }

  private:
    static void* take(std::size_t size, void* block) {
        const std::lock_guard lock(mutex());
        if (!failing()) return blocks().emplace(block, size).first->first;
        std::free(block);
        return nullptr;
    }
    static void give_back(void* block, std::size_t size) {
        const std::lock_guard lock(mutex());
        const auto entry = blocks().find(block);
        ASSERT_NE(entry, blocks().end());
        EXPECT_EQ(entry->second, size);
        blocks().erase(entry);
        std::free(block);
    }

    static std::map<void*, std::size_t>& blocks() {
        static std::map<void*, std::size_t> instance;
        return instance;
    }
    static std::mutex& mutex() {
        static std::mutex instance;
        return instance;
    }
    static bool& failing() {
        static bool on = false;
        return on;
    }

    std::size_t in_use_before_ = 0;
};

}  // namespace naio
