// Tests TimerWheel against a sorted map: no entry comes early or late, and each is examined only a few times.
#include "time/timer_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "support/scale.h"

namespace naio {
namespace {

constexpr unsigned kUnlimited = std::numeric_limits<unsigned>::max();
constexpr unsigned kLevels = 11;  // an entry is examined once on each level that it passes
constexpr Tick kLastTick = kNoTick - 1;

// A wheel, and a sorted map as its model. arm, disarm and advance change both of them, and then compare them.
class CheckedWheel {
  public:
    struct Entry : TimerEntry {
        std::multimap<Tick, Entry*>::iterator place;
        bool armed = false;
    };

    void set_now(Tick now) {
        now_ = std::max(now_, now);
        wheel_.advance(now);
        check_next();
    }

    void arm(Entry& entry, Tick tick) {
        const Tick alarm = wheel_.insert(entry, tick);
        ASSERT_LE(alarm, tick);
        ASSERT_TRUE(alarm == tick || model_.size() + 1 > TimerWheel::kDense)
            << "a few entries are examined before their time";
        entry.place = model_.emplace(tick, &entry);
        entry.armed = true;
        ++armed_;
        ASSERT_EQ(entry.tick(), tick);
        check_next();
    }

    void disarm(Entry& entry) {
        wheel_.remove(entry);
        model_.erase(entry.place);
        entry.armed = false;
        ASSERT_EQ(entry.tick(), kNoTick);
        check_next();
    }

    // Advances the time to `now`. Appends the entries that are due to `due`, as many as the budget permits, and checks
    // that no others come out. Returns true if the budget was not used up, so that all entries that were due have come.
    bool advance(Tick now, unsigned budget, std::vector<Entry*>& due) {
        now_ = std::max(now_, now);
        const unsigned before = budget;
        Tick tick = kNoTick;
        while (auto* entry = static_cast<Entry*>(wheel_.pop(now, budget, tick))) {
            EXPECT_TRUE(entry->armed) << "an entry came that was not armed";
            EXPECT_EQ(tick, entry->place->first);
            EXPECT_LE(tick, now) << "an entry came early";
            EXPECT_EQ(entry->tick(), kNoTick);
            model_.erase(entry->place);
            entry->armed = false;
            due.push_back(entry);
            if (testing::Test::HasFailure()) break;
        }
        examined_ += before - budget;
        const bool all = budget != 0;
        if (all) {
            EXPECT_TRUE(model_.empty() || earliest() > now) << "an entry is late";
            EXPECT_TRUE(wheel_.next() > now) << "the alarm would go off forever without an entry";
        }
        check_next();
        return all;
    }

    // Advances to one alarm of the wheel after the other until an entry is due. Returns the number of these alarms.
    unsigned follow_alarms(std::vector<Entry*>& due) {
        unsigned wakes = 0;
        while (!model_.empty() && due.empty() && wakes <= kLevels) {
            advance(wheel_.next(), kUnlimited, due);
            ++wakes;
        }
        return wakes;
    }

    // Checks that the wheel has examined an entry at most kLevels times for each time that it was armed, on average.
    void check_effort() const { EXPECT_LE(examined_, armed_ * kLevels); }

    [[nodiscard]] Tick now() const { return now_; }
    [[nodiscard]] Tick next() const { return wheel_.next(); }
    [[nodiscard]] bool empty() const { return model_.empty(); }
    [[nodiscard]] Tick earliest() const { return model_.begin()->first; }

  private:
    void check_next() const {
        if (model_.empty())
            ASSERT_EQ(wheel_.next(), kNoTick);
        else
            ASSERT_LE(wheel_.next(), std::max(earliest(), now_)) << "the alarm goes off late";
        if (!model_.empty() && model_.size() <= TimerWheel::kDense && earliest() >= now_) {
            ASSERT_EQ(wheel_.next(), earliest()) << "the alarm goes off only to cascade";
        }
    }

    TimerWheel wheel_;
    std::multimap<Tick, Entry*> model_;
    Tick now_ = 0;
    std::size_t armed_ = 0;
    std::size_t examined_ = 0;
};

using Entry = CheckedWheel::Entry;

// ---- small cases

class TimerWheelTest : public testing::Test {
  protected:
    // Returns the entries that expire at `now`, with an unlimited budget.
    std::vector<Entry*> at(Tick now) {
        std::vector<Entry*> due;
        EXPECT_TRUE(wheel_.advance(now, kUnlimited, due));
        return due;
    }
    using Entries = std::vector<Entry*>;

    CheckedWheel wheel_;
    Entry a_, b_, c_;
};

TEST_F(TimerWheelTest, HasNothingToSayWhenItIsEmpty) {
    EXPECT_EQ(wheel_.next(), kNoTick);
    EXPECT_EQ(at(0), Entries{});
    EXPECT_EQ(at(kLastTick), Entries{});
}

TEST_F(TimerWheelTest, AnEntryComesAtItsTick) {
    wheel_.arm(a_, 5);
    EXPECT_EQ(wheel_.next(), 5u);
    EXPECT_EQ(at(4), Entries{});
    EXPECT_EQ(at(5), Entries{&a_});
    EXPECT_EQ(at(6), Entries{});
}

TEST_F(TimerWheelTest, AnEntryInThePastIsDueAtOnce) {
    at(1000);
    wheel_.arm(a_, 10);
    EXPECT_LE(wheel_.next(), 1000u);
    EXPECT_EQ(at(1000), Entries{&a_});
}

TEST_F(TimerWheelTest, AnEntryForThisVeryTickIsDueAtOnce) {
    at(1000);
    wheel_.arm(a_, 1000);
    EXPECT_EQ(wheel_.next(), 1000u);
    EXPECT_EQ(at(1000), Entries{&a_});
}

TEST_F(TimerWheelTest, AnEntryIsDueAtTheBeginningOfTime) {
    wheel_.arm(a_, 0);
    EXPECT_EQ(at(0), Entries{&a_});
}

TEST_F(TimerWheelTest, EntriesOfOneTickComeInTheOrderTheyWereArmedIn) {
    for (const Tick tick : {Tick{7}, Tick{64}, Tick{5000}}) {
        wheel_.arm(a_, tick);
        wheel_.arm(b_, tick);
        wheel_.arm(c_, tick);
        EXPECT_EQ(at(tick), (Entries{&a_, &b_, &c_}));
    }
}

TEST_F(TimerWheelTest, AnEntryThatIsMovedComesOnceAtItsNewTick) {
    wheel_.arm(a_, 100);
    wheel_.disarm(a_);
    wheel_.arm(a_, 3);
    EXPECT_EQ(at(3), Entries{&a_});
    wheel_.arm(a_, 100);
    wheel_.disarm(a_);
    wheel_.arm(a_, 200);
    EXPECT_EQ(at(199), Entries{});
    EXPECT_EQ(at(200), Entries{&a_});
}

TEST_F(TimerWheelTest, ADisarmedEntryDoesNotCome) {
    wheel_.arm(a_, 70);
    wheel_.arm(b_, 70);
    wheel_.disarm(a_);
    EXPECT_EQ(at(70), Entries{&b_});
    EXPECT_EQ(wheel_.next(), kNoTick);
}

TEST_F(TimerWheelTest, EveryBoundaryBetweenLevelsIsExact) {
    for (unsigned shift = 6; shift < 64; shift += 6) {
        const Tick boundary = Tick{1} << shift;
        CheckedWheel wheel;
        Entry before, on, after;
        std::vector<Entry*> due;
        wheel.arm(after, boundary + 1);
        wheel.arm(on, boundary);
        wheel.arm(before, boundary - 1);
        EXPECT_TRUE(wheel.advance(boundary - 2, kUnlimited, due));
        EXPECT_EQ(due, Entries{});
        EXPECT_TRUE(wheel.advance(boundary - 1, kUnlimited, due));
        EXPECT_EQ(due, Entries{&before});
        EXPECT_TRUE(wheel.advance(boundary, kUnlimited, due));
        EXPECT_EQ(due, (Entries{&before, &on}));
        EXPECT_TRUE(wheel.advance(boundary + 1, kUnlimited, due));
        EXPECT_EQ(due, (Entries{&before, &on, &after}));
    }
}

TEST_F(TimerWheelTest, TheFarthestTickIsReached) {
    wheel_.arm(a_, kLastTick);
    wheel_.arm(b_, Tick{1} << 48);
    EXPECT_EQ(at((Tick{1} << 48) - 1), Entries{});
    EXPECT_EQ(at(Tick{1} << 48), Entries{&b_});
    EXPECT_EQ(at(kLastTick - 1), Entries{});
    EXPECT_EQ(at(kLastTick), Entries{&a_});
}

TEST_F(TimerWheelTest, TheBudgetBoundsTheEntriesThatAreExamined) {
    wheel_.arm(a_, 200);
    wheel_.arm(b_, 200);
    wheel_.arm(c_, 201);
    Entries due;
    EXPECT_FALSE(wheel_.advance(199, 2, due));  // moves two entries down
    EXPECT_EQ(due, Entries{});
    EXPECT_FALSE(wheel_.advance(200, 2, due));  // moves the third entry down, and a_ comes out
    EXPECT_EQ(due, Entries{&a_});
    EXPECT_FALSE(wheel_.advance(200, 1, due));
    EXPECT_EQ(due, (Entries{&a_, &b_}));
    EXPECT_TRUE(wheel_.advance(200, 1, due));
    EXPECT_TRUE(wheel_.advance(201, 2, due));
    EXPECT_EQ(due, (Entries{&a_, &b_, &c_}));
}

TEST_F(TimerWheelTest, NoEntryIsExaminedWithoutABudget) {
    wheel_.arm(a_, 1);
    Entries due;
    EXPECT_FALSE(wheel_.advance(1, 0, due));
    EXPECT_EQ(due, Entries{});
    EXPECT_EQ(wheel_.next(), 1u);
}

TEST_F(TimerWheelTest, AnEntryCanBeDisarmedWhileItsSlotCascades) {
    for (const Tick tick : {Tick{64}, Tick{130}}) {
        wheel_.arm(a_, tick);
        wheel_.arm(b_, tick);
        wheel_.arm(c_, tick);
        Entries due;
        EXPECT_FALSE(wheel_.advance(tick, 1, due));
        wheel_.disarm(b_);
        EXPECT_TRUE(wheel_.advance(tick, kUnlimited, due));
        EXPECT_EQ(due, (Entries{&a_, &c_}));
        EXPECT_EQ(wheel_.next(), kNoTick);
    }
}

TEST_F(TimerWheelTest, AnEntryArmedWhileItsSlotCascadesComesWhenAnotherIsDisarmed) {
    wheel_.arm(a_, 64);
    wheel_.arm(b_, 64);
    Entries due;
    EXPECT_FALSE(wheel_.advance(64, 1, due));
    ASSERT_EQ(due, Entries{&a_});
    wheel_.arm(c_, 64);
    wheel_.disarm(b_);
    EXPECT_EQ(at(64), Entries{&c_});
}

TEST_F(TimerWheelTest, TimeThatRunsBackwardsDoesNoHarm) {
    at(1000);
    wheel_.arm(a_, 1001);
    EXPECT_EQ(wheel_.next(), 1001u);
    Entries due;
    wheel_.advance(1, kUnlimited, due);
    EXPECT_EQ(due, Entries{});
    EXPECT_EQ(wheel_.next(), 1001u);
    EXPECT_EQ(at(1001), Entries{&a_});
}

TEST_F(TimerWheelTest, OneAlarmLeadsToALoneEntry) {
    for (unsigned shift = 0; shift < 64; ++shift) {
        CheckedWheel wheel;
        Entry entry;
        Entries due;
        wheel.arm(entry, (Tick{1} << shift) | (Tick{1} << shift >> 3) | 1);
        EXPECT_EQ(wheel.follow_alarms(due), 1u);
        EXPECT_EQ(due, Entries{&entry});
    }
}

TEST_F(TimerWheelTest, TheNextAlarmIsExactOnceTimeHasAdvanced) {
    wheel_.arm(a_, 2'000'000);
    wheel_.set_now(1'000'000);
    wheel_.arm(b_, 1'000'127);
    EXPECT_EQ(wheel_.next(), 1'000'127u);
    EXPECT_EQ(at(1'000'127), Entries{&b_});
    EXPECT_EQ(at(2'000'000), Entries{&a_});
}

TEST_F(TimerWheelTest, AnEntryIsLinkedNearItsTickOnceTimeHasAdvanced) {
    wheel_.arm(a_, 2'000'000);
    wheel_.set_now(1'000'000);
    wheel_.arm(b_, 1'000'127);
    wheel_.arm(c_, 1'000'100);
    Entries due;
    wheel_.advance(1'000'100, 1, due);  // the only entry that is examined is the one that is due
    EXPECT_EQ(due, Entries{&c_});
}

TEST_F(TimerWheelTest, AnEntryThatIsDueWhenTimeAdvancesStillComes) {
    for (const Tick tick : {Tick{10}, Tick{200}, Tick{100'000}}) {
        wheel_.arm(a_, tick);
        wheel_.set_now(tick + 5);
        wheel_.arm(b_, tick + 6);
        EXPECT_EQ(at(tick + 5), Entries{&a_});
        EXPECT_EQ(at(tick + 6), Entries{&b_});
    }
}

TEST_F(TimerWheelTest, ASlotIsNotTakenForTheOneALevelBefore) {
    for (unsigned level = 0; level < 9; ++level) {
        const Tick last = (Tick{1} << 6 * level) - 1;  // the last tick of a slot of this level
        CheckedWheel wheel;
        Entry entry;
        wheel.set_now(last);
        wheel.arm(entry, last + (Tick{128} << 6 * level) - 1);
        Entries due;
        wheel.follow_alarms(due);
        EXPECT_EQ(due, Entries{&entry});
    }
}

TEST_F(TimerWheelTest, AFewEntriesAreNotExaminedAhead) {
    TimerWheel wheel;
    TimerEntry entry;
    wheel.insert(entry, 40'970);
    Tick tick = 0;
    unsigned budget = 1;
    EXPECT_EQ(wheel.pop(40'959, budget, tick), nullptr);
    EXPECT_EQ(budget, 1u);
    EXPECT_EQ(wheel.next(), 40'970u);  // the slot starts at 40,960
    wheel.remove(entry);
}

TEST_F(TimerWheelTest, ASlotOfLevelOneIsCascadedWhenAnotherEntryIsDue) {
    TimerWheel wheel;
    TimerEntry first, second;
    wheel.insert(first, 580);
    wheel.insert(second, 650);  // its slot can be cascaded from 576 on
    Tick tick = 0;
    unsigned budget = 3;  // first; second, which is cascaded; and one more
    EXPECT_EQ(wheel.pop(580, budget, tick), &first);
    EXPECT_EQ(wheel.pop(580, budget, tick), nullptr);
    EXPECT_EQ(budget, 1u);
    EXPECT_EQ(wheel.next(), 650u);
    wheel.remove(second);
}

TEST_F(TimerWheelTest, AFewEntriesNeedOneAlarmEachBesideManyThatAreFarAway) {
    std::array<Entry, 4 * TimerWheel::kDense> many;
    for (Entry& entry : many) wheel_.arm(entry, 100'000'000 + static_cast<Tick>(&entry - many.data()));
    for (Tick tick = 700; tick < 700'000; tick += 701) {
        wheel_.arm(a_, tick);
        EXPECT_EQ(wheel_.next(), tick);
        EXPECT_EQ(at(tick), Entries{&a_});
    }
    for (Entry& entry : many) wheel_.disarm(entry);
}

// ---- dense slots

class DenseTimerWheelTest : public TimerWheelTest {
  protected:
    static constexpr Tick kSlot = 64;  // the ticks of a slot of level 1
    static constexpr Tick kStart = 10 * kSlot;

    // Arms all entries in one slot, and none at its start.
    DenseTimerWheelTest() {
        for (Entry& entry : many_) wheel_.arm(entry, kStart + 1 + static_cast<Tick>(&entry - many_.data()) % 63);
    }

    static constexpr std::size_t kMany = 32 * TimerWheel::kDense;
    std::array<Entry, kMany> many_;
};

TEST_F(DenseTimerWheelTest, CascadesBeforeItHoldsUpWhatIsDue) {
    wheel_.arm(a_, kStart);
    wheel_.arm(b_, 1'000'000);
    EXPECT_EQ(wheel_.next(), kStart - kSlot);
    Entries due;
    unsigned turns = 0;
    for (Tick now = wheel_.next(); wheel_.next() < kStart; ++turns) wheel_.advance(now, 32, due);
    EXPECT_EQ(turns, kMany / 32);  // one entry is left, which the alarm need not go off for
    EXPECT_EQ(wheel_.next(), kStart);
    EXPECT_TRUE(wheel_.advance(kStart, 2, due));
    EXPECT_EQ(due, Entries{&a_});
}

TEST_F(DenseTimerWheelTest, DoesNotHoldUpWhatIsDueWhileItCascades) {
    wheel_.arm(a_, kStart - 1);
    wheel_.arm(b_, kStart - kSlot);
    EXPECT_EQ(wheel_.next(), kStart - kSlot);
    Entries due;
    EXPECT_FALSE(wheel_.advance(kStart - kSlot, 10, due));  // begins to cascade
    EXPECT_EQ(due, Entries{&b_});
    EXPECT_FALSE(wheel_.advance(kStart - 1, 1, due));
    EXPECT_EQ(due, (Entries{&b_, &a_}));
}

TEST_F(DenseTimerWheelTest, IsNotLateWhenItCouldNotCascadeAhead) {
    Entries due;
    EXPECT_FALSE(wheel_.advance(kStart - 1, 10, due));
    EXPECT_TRUE(wheel_.advance(kStart + 1, kUnlimited, due));
    EXPECT_EQ(due.size(), (many_.size() + 62) / 63);
}

TEST_F(DenseTimerWheelTest, CanBeDisarmedWhileItCascades) {
    Entries due;
    EXPECT_FALSE(wheel_.advance(kStart - kSlot, 10, due));
    EXPECT_EQ(wheel_.next(), kStart - kSlot);  // more of the slot can be cascaded
    for (Entry& entry : many_) wheel_.disarm(entry);
    EXPECT_EQ(wheel_.next(), kNoTick);
    EXPECT_EQ(at(kStart + kSlot), Entries{});
}

TEST_F(DenseTimerWheelTest, IsCascadedFromTheStartOfTheSlotBefore) {
    wheel_.arm(a_, kStart - 1);
    EXPECT_EQ(wheel_.next(), kStart - kSlot);
    Entries due;
    EXPECT_TRUE(wheel_.advance(kStart - kSlot, kUnlimited, due));
    EXPECT_EQ(due, Entries{});
    EXPECT_EQ(wheel_.next(), kStart - 1);
}

TEST_F(DenseTimerWheelTest, IsCascadedBeforeAnEntryThatIsDueEarlier) {
    wheel_.set_now(kStart - kSlot - 1);
    wheel_.arm(a_, kStart - 1);
    EXPECT_EQ(wheel_.next(), kStart - kSlot);
}

TEST(DenseSlot, OfLevelTwoIsCascadedAheadToo) {
    constexpr Tick kSlot = 64 * 64;
    constexpr Tick kStart = 10 * kSlot;
    TimerWheel wheel;
    std::array<TimerEntry, TimerWheel::kDense + 1> entries;
    for (TimerEntry& entry : entries) wheel.insert(entry, kStart + 100 + 100 * static_cast<Tick>(&entry - &entries[0]));
    EXPECT_EQ(wheel.next(), kStart - kSlot);
    Tick tick = 0;
    unsigned budget = 100;
    EXPECT_EQ(wheel.pop(kStart - kSlot, budget, tick), nullptr);
    EXPECT_EQ(budget, 100 - entries.size());
    EXPECT_EQ(wheel.next(), kStart + 100);
    for (TimerEntry& entry : entries) wheel.remove(entry);
}

TEST(DenseSlot, BringsTheAlarmForwardWhileItHasManyEntries) {
    constexpr Tick kSlot = 64;
    constexpr Tick kStart = 10 * kSlot;
    TimerWheel wheel;
    std::array<TimerEntry, TimerWheel::kDense + 1> entries;
    for (TimerEntry& entry : entries) {
        const bool last = &entry == &entries.back();
        EXPECT_EQ(wheel.insert(entry, kStart + 7), last ? kStart - kSlot : kStart + 7);
    }
    EXPECT_EQ(wheel.next(), kStart - kSlot);
    wheel.remove(entries.front());
    EXPECT_EQ(wheel.next(), kStart + 7);  // the slot is not dense any more
    for (TimerEntry& entry : entries)
        if (entry.tick() != kNoTick) wheel.remove(entry);
}

// ---- random operations

class RandomWheel {
  public:
    RandomWheel(unsigned seed, std::size_t entries) : random_(seed), entries_(entries) {}

    void run(std::size_t operations) {
        for (std::size_t i = 0; i < operations && !testing::Test::HasFailure(); ++i) step();
        drain();
        wheel_.check_effort();
    }

  private:
    static constexpr Tick kEndOfTime = Tick{1} << 60;  // only drain() reaches entries that are armed for later

    void step() {
        Entry& entry = entries_[below(entries_.size())];
        switch (below(16)) {
            case 0:
                return advance(wheel_.now() + distance(), kUnlimited);
            case 1:
                return advance(wheel_.now() + below(100), static_cast<unsigned>(below(8)));
            case 2:
                return advance(wheel_.empty() ? wheel_.now() : wheel_.next(), static_cast<unsigned>(below(20)));
            case 3:
                return advance(around(wheel_.empty() ? wheel_.now() : wheel_.earliest()), kUnlimited);
            case 4:
                if (below(8) == 0) return follow_alarms();
                [[fallthrough]];
            case 5:
                if (below(2) == 0) return wheel_.set_now(std::min(wheel_.now() + distance(), kEndOfTime));
                [[fallthrough]];
            case 6:
                if (entry.armed) wheel_.disarm(entry);
                return;
            default:
                if (entry.armed) wheel_.disarm(entry);
                wheel_.arm(entry, tick());
        }
    }

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    // Returns a random distance. Its number of bits is random, too: up to 30 in four cases of five, otherwise up to 48.
    Tick distance() {
        if (below(5) != 0) return random_() >> (63 - below(30));
        return random_() >> (63 - below(48));
    }

    Tick around(Tick tick) {
        const std::uint64_t offset = below(3);
        return tick + offset == 0 ? 0 : tick + offset - 1;
    }

    Tick tick() {
        const Tick now = wheel_.now();
        switch (below(20)) {
            case 0:
                return now;
            case 1:
                return now - std::min(now, distance());  // a tick in the past
            case 2:
                if (below(50) == 0) return kLastTick - below(2);
                [[fallthrough]];
            case 3:
            case 4: {
                const auto shift = 6 * (1 + below(7));
                return around(((now >> shift) + 1) << shift);  // where a slot of a coarser level begins
            }
            default:
                return now + distance();
        }
    }

    void advance(Tick now, unsigned budget) {
        due_.clear();
        wheel_.advance(std::max(std::min(now, kEndOfTime), wheel_.now()), budget, due_);
    }

    void follow_alarms() {
        if (!wheel_.empty() && wheel_.earliest() > kEndOfTime) return;
        due_.clear();
        EXPECT_LE(wheel_.follow_alarms(due_), kLevels);
    }

    void drain() {
        while (!wheel_.empty() && !testing::Test::HasFailure()) wheel_.advance(wheel_.next(), kUnlimited, due_);
    }

    std::mt19937_64 random_;
    CheckedWheel wheel_;
    std::deque<Entry> entries_;
    std::vector<Entry*> due_;
};

TEST(TimerWheelRandomTest, AgreesWithASortedMapWhateverIsDoneToIt) {
#ifdef __OPTIMIZE__
    constexpr unsigned kWheels = support::rounds(400);
#else
    constexpr unsigned kWheels = support::rounds(40);
#endif
    constexpr std::size_t kOperations = 10'000;
    for (unsigned seed = 0; seed < kWheels && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        const std::size_t entries = std::array<std::size_t, 4>{3, 30, 300, 3000}[seed % 4];
        RandomWheel(seed, entries).run(kOperations);
    }
    std::printf("%zu operations\n", kWheels * kOperations);
}

}  // namespace
}  // namespace naio
