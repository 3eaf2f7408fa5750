// The data of one operation that its provider and the test's checks need.
//
// It is the argument of the cancel function, so the checks notice a cancel function that is called too late, twice, or
// for another operation. A handle has a ring of these objects, so the next operation never uses the same one.
//
// The library orders the accesses to the plain fields: those of the thread that starts before the cancel function,
// those of the thread that finishes before the callback. Without this order ThreadSanitizer reports a race.
#pragma once

#include <nng/nng.h>

#include <atomic>
#include <cstdint>
#include <limits>

namespace race {

class Provider;

using Number = std::uint32_t;  // of a handle's operations, from 1

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
inline constexpr auto kUnfinished = static_cast<nng_err>(0x7fff);  // until the provider has finished the operation

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
    std::int64_t asleep_until = 0;     // for an operation of nng_sleep_aio
    nng_err result = kUnfinished;      // the result with which the provider has finished the operation

    // Used by the provider: the operation's number until a thread takes over the duty to finish it, and 0 then.
    std::atomic<Number> held{0};
    std::atomic<Number> known{0};     // the latest number whose start has returned true
    std::atomic<Number> finished{0};  // the latest number whose finish has returned
    Operation* before = nullptr;      // link in the list of a provider that has one
    Operation* after = nullptr;

    // Used by the checks:
    std::atomic<int> cancels{0};         // calls of the cancel function
    std::atomic<bool> in_cancel{false};  // one of them has not returned
    std::atomic<bool> begun{false};      // its callback has begun
};

// Raises `latest` to `number`. It stays if it is higher already, because the operation may be over, and a later one may
// use its place.
inline void raise(std::atomic<Number>& latest, Number number) {
    Number seen = latest.load(std::memory_order_relaxed);
    while (seen < number && !latest.compare_exchange_weak(seen, number, std::memory_order_release)) {
    }
}

}  // namespace race
