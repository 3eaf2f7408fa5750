// Waits for another thread without a system call. Spinning is faster if the other thread needs less time than the
// system needs to put a thread to sleep and wake it.
#pragma once

#include <chrono>

#include "base/clock.h"

namespace naio {

// The number of attempts that a thread makes before it sleeps, of an operation that another thread or process makes
// possible (spin_policy.h). Together they take about as long as it takes to wake a thread.
inline constexpr unsigned kAttemptsBeforeSleep = 32;

inline void pause_cpu() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// Spins until `done` returns true, but no longer than `max`. Returns what `done` returned last.
template <class Done>
bool spin_until(Done done, std::chrono::nanoseconds max) noexcept {
    constexpr int kGlances = 16;  // calls of `done` for each read of the clock, which takes as long as a few calls
    const Nanoseconds end = now() + max.count();
    do {
        for (int i = 0; i < kGlances; ++i) {
            if (done()) return true;
            pause_cpu();
        }
    } while (now() < end);
    return done();
}

}  // namespace naio
