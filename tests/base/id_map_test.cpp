// Tests the map behind nng_id_map by example and against std::map.
#include "base/id_map.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "support/scale.h"
#include "support/test_allocator.h"

namespace naio {
namespace {

using namespace support;

void* value(std::uint64_t number) { return reinterpret_cast<void*>(number * 8 + 8); }

class IdMapTest : public testing::Test {
  protected:
    IdMap make(std::uint64_t lo, std::uint64_t hi, bool random = false) { return IdMap(allocator_, lo, hi, random); }
    static std::uint64_t allocate(IdMap& map) {
        std::uint64_t id = 0;
        EXPECT_EQ(map.allocate(&id, value(1)), NNG_OK);
        return id;
    }

    TestAllocator allocator_;
};

TEST_F(IdMapTest, FindsWhatWasSetAndNothingElse) {
    IdMap map = make(1, 10);
    EXPECT_EQ(map.get(5), nullptr);
    ASSERT_EQ(map.set(5, value(5)), NNG_OK);
    EXPECT_EQ(map.get(5), value(5));
    EXPECT_EQ(map.get(4), nullptr);
    ASSERT_EQ(map.set(5, value(6)), NNG_OK);
    EXPECT_EQ(map.get(5), value(6));
    EXPECT_EQ(map.remove(5), NNG_OK);
    EXPECT_EQ(map.get(5), nullptr);
    EXPECT_EQ(map.remove(5), NNG_ENOENT);
}

TEST_F(IdMapTest, AnyIdCanBeSet) {
    IdMap map = make(1, 10);
    for (const std::uint64_t id : {std::uint64_t{0}, std::uint64_t{11}, UINT64_MAX}) {
        ASSERT_EQ(map.set(id, value(7)), NNG_OK);
        EXPECT_EQ(map.get(id), value(7));
    }
}

TEST_F(IdMapTest, NullIsNoValue) {
    IdMap map = make(1, 10);
    std::uint64_t id = 77;
    EXPECT_EQ(map.set(1, nullptr), NNG_EINVAL);
    EXPECT_EQ(map.allocate(&id, nullptr), NNG_EINVAL);
    EXPECT_EQ(id, 77u);
    EXPECT_EQ(allocate(map), 1u);
}

TEST_F(IdMapTest, CountsUpwardAndWrapsAround) {
    IdMap map = make(10, 12);
    EXPECT_EQ(allocate(map), 10u);
    EXPECT_EQ(allocate(map), 11u);
    ASSERT_EQ(map.remove(10), NNG_OK);
    EXPECT_EQ(allocate(map), 12u);  // 10 is free, but comes after 12
    EXPECT_EQ(allocate(map), 10u);
}

TEST_F(IdMapTest, SkipsIdsThatAreInUse) {
    IdMap map = make(1, 5);
    for (const std::uint64_t id : {1u, 2u, 4u}) ASSERT_EQ(map.set(id, value(id)), NNG_OK);
    EXPECT_EQ(allocate(map), 3u);
    EXPECT_EQ(allocate(map), 5u);
}

TEST_F(IdMapTest, AFullRangeIsOutOfMemory) {
    IdMap map = make(1, 2);
    allocate(map);
    allocate(map);
    std::uint64_t id = 77;
    EXPECT_EQ(map.allocate(&id, value(3)), NNG_ENOMEM);
    EXPECT_EQ(id, 77u);
    ASSERT_EQ(map.remove(2), NNG_OK);
    EXPECT_EQ(allocate(map), 2u);
}

TEST_F(IdMapTest, IdsOutsideOfTheRangeDoNotFillIt) {
    IdMap map = make(5, 6);
    for (const std::uint64_t id : {0u, 1u, 4u, 7u, 8u, 9u}) ASSERT_EQ(map.set(id, value(id)), NNG_OK);
    EXPECT_EQ(allocate(map), 5u);
    EXPECT_EQ(allocate(map), 6u);
    std::uint64_t id = 0;
    EXPECT_EQ(map.allocate(&id, value(1)), NNG_ENOMEM);
    ASSERT_EQ(map.remove(7), NNG_OK);
    EXPECT_EQ(map.allocate(&id, value(1)), NNG_ENOMEM);
}

TEST_F(IdMapTest, ARangeCanBeASingleId) {
    IdMap map = make(7, 7);
    EXPECT_EQ(allocate(map), 7u);
    std::uint64_t id = 0;
    EXPECT_EQ(map.allocate(&id, value(1)), NNG_ENOMEM);
    ASSERT_EQ(map.remove(7), NNG_OK);
    EXPECT_EQ(allocate(map), 7u);
}

TEST_F(IdMapTest, TheLastIdOfAllDoesNotOverflow) {
    IdMap map = make(UINT64_MAX - 1, UINT64_MAX);
    EXPECT_EQ(allocate(map), UINT64_MAX - 1);
    EXPECT_EQ(allocate(map), UINT64_MAX);
    ASSERT_EQ(map.remove(UINT64_MAX - 1), NNG_OK);
    EXPECT_EQ(allocate(map), UINT64_MAX - 1);
    IdMap all = make(1, UINT64_MAX);
    EXPECT_EQ(allocate(all), 1u);
}

TEST_F(IdMapTest, ARandomStartIsInTheRangeAndRarelyTheSame) {
    std::set<std::uint64_t> wide;
    std::set<std::uint64_t> narrow;
    for (int i = 0; i < 200; ++i) {
        IdMap map = make(1000, UINT64_MAX, true);
        wide.insert(allocate(map));
        IdMap small = make(5, 6, true);
        narrow.insert(allocate(small));
    }
    EXPECT_EQ(wide.size(), 200u);
    EXPECT_GE(*wide.begin(), 1000u);
    EXPECT_GT(*wide.rbegin(), std::uint64_t{1} << 60);
    EXPECT_EQ(narrow, (std::set<std::uint64_t>{5, 6}));

    IdMap map = make(1, UINT64_MAX, true);
    const std::uint64_t first = allocate(map);
    EXPECT_EQ(allocate(map), first == UINT64_MAX ? 1 : first + 1);
}

TEST_F(IdMapTest, AVisitSeesEveryEntryOnce) {
    IdMap map = make(1, 100);
    std::set<std::uint64_t> expected;
    for (std::uint64_t id = 3; id < 100'000; id *= 3) {
        ASSERT_EQ(map.set(id, value(id)), NNG_OK);
        expected.insert(id);
    }
    std::set<std::uint64_t> seen;
    std::uint32_t cursor = 0;
    std::uint64_t id = 0;
    void* found = nullptr;
    while (map.visit(&id, &found, &cursor)) {
        EXPECT_EQ(found, value(id));
        EXPECT_TRUE(seen.insert(id).second);
    }
    EXPECT_EQ(seen, expected);
    EXPECT_FALSE(map.visit(&id, &found, &cursor));
}

TEST_F(IdMapTest, AVisitMayRemoveWhatItLikes) {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        IdMap map = make(1, 1000);
        std::set<std::uint64_t> left;
        for (int i = 0; i < 100; ++i) left.insert(allocate(map));
        std::uint32_t cursor = 0;
        std::uint64_t id = 0;
        while (map.visit(&id, nullptr, &cursor)) {
            ASSERT_EQ(left.erase(id), 1u);
            if (random() % 2 == 0) map.remove(id);
            // Removes one more id, which the visit must not return after the removal.
            const std::uint64_t other = 1 + random() % 100;
            if (map.remove(other) == NNG_OK) left.erase(other);
        }
        EXPECT_TRUE(left.empty());
    }
}

TEST_F(IdMapTest, AVisitNeedNotAskForAnything) {
    IdMap map = make(1, 10);
    allocate(map);
    std::uint32_t cursor = 0;
    EXPECT_TRUE(map.visit(nullptr, nullptr, &cursor));
    EXPECT_FALSE(map.visit(nullptr, nullptr, &cursor));
    cursor = UINT32_MAX;
    EXPECT_FALSE(map.visit(nullptr, nullptr, &cursor));
}

TEST_F(IdMapTest, AnEmptiedMapForgetsHowManySlotsItHad) {
    IdMap map = make(1, 1000);
    for (int i = 0; i < 100; ++i) allocate(map);
    for (std::uint64_t id = 1; id <= 100; ++id) ASSERT_EQ(map.remove(id), NNG_OK);
    std::uint32_t cursor = 0;
    EXPECT_FALSE(map.visit(nullptr, nullptr, &cursor));
    EXPECT_EQ(cursor, 0u);
    EXPECT_EQ(allocate(map), 101u);
    EXPECT_TRUE(map.visit(nullptr, nullptr, &cursor));
}

TEST_F(IdMapTest, SlotsAreUsedAgain) {
    IdMap map = make(1, UINT64_MAX);
    allocate(map);
    const long before = allocator_.allocated();
    std::uint64_t id = 0;
    for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(map.allocate(&id, value(1)), NNG_OK);
        ASSERT_EQ(map.remove(id), NNG_OK);
    }
    // Each round allocates a node of the index. The array of slots grows once, to two slots.
    EXPECT_LE(allocator_.allocated() - before, 1002);
}

// Whichever allocation fails, set and allocate return NNG_ENOMEM and leave the map as it was.
TEST_F(IdMapTest, LosesNothingWhenMemoryRunsOut) {
    for (int filled = 0; filled < 40; ++filled) {
        IdMap map = make(1, 1000);
        for (int i = 0; i < filled; ++i) allocate(map);
        const std::uint64_t next = static_cast<std::uint64_t>(filled) + 1;
        nng_err error = NNG_ENOMEM;
        for (long n = 0; error != NNG_OK; ++n) {
            allocator_.fail_after(n);
            std::uint64_t id = 77;
            error = map.set(2000, value(1));
            if (error == NNG_OK) break;
            ASSERT_EQ(error, NNG_ENOMEM);
            ASSERT_EQ(map.get(2000), nullptr);
            error = map.allocate(&id, value(1));
            ASSERT_EQ(error == NNG_OK ? next : 77, id);
            ASSERT_EQ(map.get(next), error == NNG_OK ? value(1) : nullptr);
            for (std::uint64_t old = 1; old < next; ++old) {
                ASSERT_EQ(map.get(old), value(1));
                ASSERT_EQ(map.set(old, value(1)), NNG_OK);  // overwriting needs no memory
            }
        }
        allocator_.fail_no_more();
        std::uint32_t cursor = 0;
        int seen = 0;
        while (map.visit(nullptr, nullptr, &cursor)) ++seen;
        EXPECT_EQ(seen, filled + 1);
    }
}

// Compares the map with a std::map in random steps. In some steps an allocation fails.
class Model {
  public:
    Model(TestAllocator& allocator, std::uint64_t lo, std::uint64_t hi, unsigned seed)
        : allocator_(allocator), map_(allocator, lo, hi, false), lo_(lo), hi_(hi), next_(lo), random_(seed) {}

    void step() {
        allocator_.fail_after(random_() % 10 == 0 ? static_cast<long>(random_() % 2) : 1'000'000);
        switch (random_() % 4) {
            case 0:
                set(any_id());
                break;
            case 1:
                allocate();
                break;
            default:
                remove(any_id());
        }
        const std::uint64_t id = any_id();
        const auto entry = expected_.find(id);
        ASSERT_EQ(map_.get(id), entry != expected_.end() ? entry->second : nullptr);
        if (random_() % 100 == 0) visit();
    }

  private:
    std::uint64_t any_id() { return lo_ - 1 + random_() % (hi_ - lo_ + 3); }  // may be just outside of the range

    void set(std::uint64_t id) {
        void* stored = value(random_());
        const nng_err error = map_.set(id, stored);
        if (error == NNG_OK)
            expected_[id] = stored;
        else
            ASSERT_EQ(error, NNG_ENOMEM);
    }

    std::optional<std::uint64_t> next_free() const {
        for (std::uint64_t i = 0; i <= hi_ - lo_; ++i) {
            const std::uint64_t id = lo_ + (next_ - lo_ + i) % (hi_ - lo_ + 1);
            if (!expected_.contains(id)) return id;
        }
        return std::nullopt;
    }

    void allocate() {
        void* stored = value(random_());
        std::uint64_t id = 0;
        const nng_err error = map_.allocate(&id, stored);
        const auto free = next_free();
        if (error != NNG_OK) {
            ASSERT_EQ(error, NNG_ENOMEM);
            return;
        }
        ASSERT_EQ(id, free);
        expected_[id] = stored;
        next_ = id == hi_ ? lo_ : id + 1;
    }

    void remove(std::uint64_t id) { ASSERT_EQ(map_.remove(id), expected_.erase(id) == 1 ? NNG_OK : NNG_ENOENT); }

    void visit() {
        std::map<std::uint64_t, void*> seen;
        std::uint32_t cursor = 0;
        std::uint64_t id = 0;
        void* found = nullptr;
        while (map_.visit(&id, &found, &cursor)) ASSERT_TRUE(seen.emplace(id, found).second);
        ASSERT_EQ(seen, expected_);
    }

    TestAllocator& allocator_;
    IdMap map_;
    std::uint64_t lo_;
    std::uint64_t hi_;
    std::uint64_t next_;
    std::mt19937 random_;
    std::map<std::uint64_t, void*> expected_;
};

TEST_F(IdMapTest, BehavesLikeAMapWhateverIsDoneToIt) {
    for (unsigned seed = 0; seed < support::rounds(10); ++seed) {
        Model model(allocator_, 1 + seed * 1000, 1 + seed * 1000 + seed * seed * 4, seed);
        for (int i = 0; i < 100'000; ++i) {
            model.step();
            if (HasFatalFailure()) FAIL() << "seed " << seed << ", step " << i;
        }
        allocator_.fail_no_more();
    }
}

}  // namespace
}  // namespace naio
