// Tests nng_alloc, nng_free and nng_strdup: the program's allocator, missing memory and NULL.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstdint>
#include <cstring>

#include "library.h"

namespace naio {
namespace {

TEST(Memory, ComesFromTheHooksAndReturnsWithItsSize) {
    CountedLibrary library;
    const std::size_t before = library.in_use();
    void* block = nng_alloc(100);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 8, 0u);
    std::memset(block, 1, 100);
    char* string = nng_strdup("a string");
    EXPECT_STREQ(string, "a string");
    EXPECT_EQ(library.in_use(), before + 2);
    nng_free(block, 100);
    nng_strfree(string);
    string = nng_strdup("");
    EXPECT_STREQ(string, "");
    nng_free(string, 1);
    EXPECT_EQ(library.in_use(), before);
}

TEST(Memory, MayRunOut) {
    CountedLibrary library;
    library.fail(true);
    EXPECT_EQ(nng_alloc(1), nullptr);
    EXPECT_EQ(nng_strdup("x"), nullptr);
    library.fail(false);
}

TEST(Memory, NothingIsNull) {
    CountedLibrary library;
    EXPECT_EQ(nng_alloc(0), nullptr);
    nng_free(nullptr, 0);
    nng_free(nullptr, 10);
    nng_strfree(nullptr);
}

TEST(MemoryDeathTest, NullIsNoString) { EXPECT_DEATH(nng_strdup(nullptr), "nng_strdup"); }

}  // namespace
}  // namespace naio
