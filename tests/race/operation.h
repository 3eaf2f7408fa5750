// The data of one operation that its provider and the test's checks need.
//
// An Operation is the argument of the cancel function, so the checks notice a cancel function that is called too late,
// twice, or for another operation. A handle has a ring of Operations, so the next operation uses another object.
//
// The library orders the accesses to the plain fields. The accesses of the thread that starts the operation come before
// those of the cancel function. The accesses of the thread that finishes the operation come before those of the
// callback. Without this order ThreadSanitizer reports a race.
#pragma once

#include <nng/nng.h>

#include <atomic>
#include <cstdint>
#include <limits>

namespace race {

class Provider;

using Number = std::uint32_t;  // the number of an operation of its handle, from 1 on

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
inline constexpr auto kUnfinished = static_cast<nng_err>(0x7fff);  // `result` before the provider has finished

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
    std::int64_t not_before = kNever;  // the operation must not time out before this time
    std::int64_t asleep_until = 0;     // an operation of nng_sleep_aio must not succeed before this time
    nng_err result = kUnfinished;      // the result with which the provider has finished the operation

    // Used by the provider: the operation's number until a thread takes over the duty to finish it, and 0 after that.
    std::atomic<Number> held{0};
    std::atomic<Number> known{0};     // the latest number whose start has returned true
    std::atomic<Number> finished{0};  // the latest number whose finish has returned
    Operation* before = nullptr;      // link in the list of a provider that has a list
    Operation* after = nullptr;

    // Used by the checks:
    std::atomic<int> cancels{0};         // calls of the cancel function
    std::atomic<bool> in_cancel{false};  // a call of the cancel function has not returned
    std::atomic<bool> begun{false};      // the callback has begun
};

// Raises `latest` to `number`, unless `latest` is higher already: the operation may be over, and a later operation may
// use the object.
inline void raise(std::atomic<Number>& latest, Number number) {
    Number seen = latest.load(std::memory_order_relaxed);
    while (seen < number && !latest.compare_exchange_weak(seen, number, std::memory_order_release)) {
    }
}

}  // namespace race
