// Brings steps of several threads close together in time, so that they race: Gate, Pace, and wait_until, which spins.
#pragma once

#include <sched.h>

#include <atomic>

namespace support {

// Counts the turns of a loop that waits for another thread. After kTurns turns, wear() yields the processor, because
// the other thread may need it.
class Patience {
  public:
    void wear() {
        if (++turns_ < kTurns)
            asm volatile("" ::: "memory");
        else
            sched_yield();
    }

  private:
    static constexpr unsigned kTurns = 500;
    unsigned turns_ = 0;
};

template <class Condition>
void wait_until(Condition condition) {
    for (Patience patience; !condition();) patience.wear();
}

// Blocks each thread in pass() until all `threads` threads have called it. The gate can be used again and again.
class Gate {
  public:
    explicit Gate(unsigned threads) : threads_(threads) {}

    void pass() {
        const unsigned turn = turn_.load(std::memory_order_acquire);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 < threads_)
            return wait_until([&] { return turn_.load(std::memory_order_acquire) != turn; });
        arrived_.store(0, std::memory_order_relaxed);
        turn_.store(turn + 1, std::memory_order_release);
    }

  private:
    const unsigned threads_;
    std::atomic<unsigned> arrived_{0};
    std::atomic<unsigned> turn_{0};
};

// Keeps two threads that walk over the same items at about the same item while both are awake: the faster thread waits
// a moment for the other one. The accesses of Pace are relaxed and order no other accesses, so Pace hides no data race.
class Pace {
  public:
    // Called before each walk, while no thread walks.
    void start() {
        for (auto& place : at_) place.store(0, std::memory_order_relaxed);
    }

    void step(unsigned walker) {
        constexpr unsigned kGlances = 200;
        const unsigned mine = at_[walker].load(std::memory_order_relaxed) + 1;
        at_[walker].store(mine, std::memory_order_relaxed);
        for (unsigned i = 0; i < kGlances && at_[1 - walker].load(std::memory_order_relaxed) < mine; ++i)
            asm volatile("" ::: "memory");
    }

  private:
    std::atomic<unsigned> at_[2] = {};
};

}  // namespace support
