// Tests nng_id_map_*: bounds, visits, missing memory and NULL.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstdint>

#include "library.h"

namespace naio {
namespace {

int thing;
int other;

class IdMapCalls : public testing::Test {
  protected:
    void make(std::uint64_t lo, std::uint64_t hi, int flags = 0) {
        ASSERT_EQ(nng_id_map_alloc(&map_, lo, hi, flags), NNG_OK);
    }
    void TearDown() override { nng_id_map_free(map_); }

    std::uint64_t allocate() {
        std::uint64_t id = 0;
        EXPECT_EQ(nng_id_alloc(map_, &id, &thing), NNG_OK);
        return id;
    }

    nng_id_map* map_ = nullptr;
};

TEST_F(IdMapCalls, StoreFindAndRemove) {
    make(0, 0);
    EXPECT_EQ(nng_id_set(map_, 5, &thing), 0);
    EXPECT_EQ(nng_id_get(map_, 5), &thing);
    EXPECT_EQ(nng_id_get(map_, 6), nullptr);
    EXPECT_EQ(nng_id_set(map_, 5, &other), 0);
    EXPECT_EQ(nng_id_get(map_, 5), &other);
    EXPECT_EQ(nng_id_remove(map_, 5), 0);
    EXPECT_EQ(nng_id_remove(map_, 5), NNG_ENOENT);
    EXPECT_EQ(nng_id_get(map_, 5), nullptr);
}

TEST_F(IdMapCalls, ZeroBoundsMeanOneAndThirtyTwoBits) {
    make(0, 0);
    EXPECT_EQ(allocate(), 1u);
    nng_id_map_free(map_);
    make(0xffff'ffff, 0);
    EXPECT_EQ(allocate(), 0xffff'ffffu);
    std::uint64_t id = 0;
    EXPECT_EQ(nng_id_alloc(map_, &id, &thing), NNG_ENOMEM);
}

TEST_F(IdMapCalls, BoundsInTheWrongOrderAreRefused) {
    EXPECT_EQ(nng_id_map_alloc(&map_, 2, 1, 0), NNG_EINVAL);
    EXPECT_EQ(nng_id_map_alloc(&map_, 0x1'0000'0000, 0, 0), NNG_EINVAL);
    EXPECT_EQ(map_, nullptr);
}

TEST_F(IdMapCalls, NullIsNoValue) {
    make(0, 0);
    std::uint64_t id = 0;
    EXPECT_EQ(nng_id_set(map_, 1, nullptr), NNG_EINVAL);
    EXPECT_EQ(nng_id_alloc(map_, &id, nullptr), NNG_EINVAL);
}

TEST_F(IdMapCalls, RandomStartsInTheRange) {
    make(1000, 1'000'000'000, NNG_MAP_RANDOM);
    const std::uint64_t first = allocate();
    EXPECT_GT(first, 1000u);  // fails by chance once in a billion runs
    EXPECT_LE(first, 1'000'000'000u);
}

TEST_F(IdMapCalls, AVisitSeesAllAndTellsWhenItIsOver) {
    make(10, 20);
    for (int i = 0; i < 5; ++i) allocate();
    std::uint32_t cursor = 0;
    std::uint64_t id = 0;
    void* value = nullptr;
    std::uint64_t sum = 0;
    while (nng_id_visit(map_, &id, &value, &cursor)) {
        EXPECT_EQ(value, &thing);
        EXPECT_EQ(nng_id_remove(map_, id), 0);
        sum += id;
    }
    EXPECT_EQ(sum, 10u + 11 + 12 + 13 + 14);
}

TEST(IdMapWithoutMemory, IsReportedAndLeavesThePointerAlone) {
    CountedLibrary library;
    library.fail(true);
    nng_id_map* map = nullptr;
    EXPECT_EQ(nng_id_map_alloc(&map, 0, 0, 0), NNG_ENOMEM);
    EXPECT_EQ(map, nullptr);
    library.fail(false);
    ASSERT_EQ(nng_id_map_alloc(&map, 0, 0, 0), NNG_OK);
    library.fail(true);
    EXPECT_EQ(nng_id_set(map, 1, &thing), NNG_ENOMEM);
    library.fail(false);
    ASSERT_EQ(nng_id_set(map, 1, &thing), NNG_OK);
    nng_id_map_free(map);
    nng_id_map_free(nullptr);
}

TEST(IdMapDeathTest, NullStopsTheProgramByName) {
    EXPECT_DEATH(nng_id_get(nullptr, 1), "nng_id_get");
    EXPECT_DEATH(nng_id_alloc(nullptr, nullptr, &thing), "nng_id_alloc");
    EXPECT_DEATH(nng_id_visit(nullptr, nullptr, nullptr, nullptr), "nng_id_visit");
}

}  // namespace
}  // namespace naio
