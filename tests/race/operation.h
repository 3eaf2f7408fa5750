// One operation as its provider and its judge know it.
//
// It is the argument of the cancel function, so a cancel function that is called too late, twice, or for another
// operation gives itself away. A handle has a ring of them: the next operation never uses the same one.
//
// What is plain here is handed over by the library: from who starts to the cancel function, from who finishes to the
// callback. ThreadSanitizer sees if that is not so.
#pragma once

#include <nng/nng.h>

#include <atomic>
#include <cstdint>
#include <limits>

namespace race {

class Provider;

using Number = std::uint32_t;  // of a handle's operations, from 1

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
inline constexpr auto kUnfinished = static_cast<nng_err>(0x7fff);  // no provider has finished it

struct Operation {
    void prepare(nng_aio* on, Provider* by, Number is, std::int64_t may_time_out_from) {
        aio = on;
        provider = by;
        result = kUnfinished;
        not_before = may_time_out_from;
        cancels.store(0, std::memory_order_relaxed);
        begun.store(false, std::memory_order_relaxed);
        number.store(is, std::memory_order_relaxed);
    }

    std::atomic<Number> number{0};

    nng_aio* aio = nullptr;
    Provider* provider = nullptr;
    std::int64_t not_before = kNever;  // the time before which it must not time out
    std::int64_t asleep_until = 0;     // if it is nng_sleep_aio's
    nng_err result = kUnfinished;      // what the provider has finished it with

    // The provider's: the operation's number until a thread takes over the duty to finish it, and 0 then.
    std::atomic<Number> held{0};
    std::atomic<Number> known{0};     // the latest number whose start has returned true
    std::atomic<Number> finished{0};  // the latest number whose finish has returned
    Operation* before = nullptr;      // links of a provider that has a list
    Operation* after = nullptr;

    // The judge's.
    std::atomic<int> cancels{0};         // calls of the cancel function
    std::atomic<bool> in_cancel{false};  // one of them has not returned
    std::atomic<bool> begun{false};      // its callback has begun
};

// Others may be ahead: the operation may be over, and its place taken by a later one.
inline void raise(std::atomic<Number>& latest, Number number) {
    Number seen = latest.load(std::memory_order_relaxed);
    while (seen < number && !latest.compare_exchange_weak(seen, number, std::memory_order_release)) {
    }
}

}  // namespace race
