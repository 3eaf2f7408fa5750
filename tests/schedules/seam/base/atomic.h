// Takes the place of src/base/atomic.h: before each operation the scheduler may run another thread. The operation keeps
// its memory order, so that ThreadSanitizer sees what it orders. The functions are always inlined, because
// ThreadSanitizer takes an order that is not a constant for the strongest one.
#pragma once

#include <atomic>

#include "scheduler.h"

namespace naio {

template <class T>
class Atomic {
    static constexpr auto kStrongest = std::memory_order_seq_cst;
    using Order = std::memory_order;

  public:
    constexpr Atomic() noexcept = default;
    constexpr Atomic(T value) noexcept : value_(value) {}  // NOLINT: as std::atomic's
    Atomic(const Atomic&) = delete;
    Atomic& operator=(const Atomic&) = delete;

    [[nodiscard, gnu::always_inline]] inline T load(Order order = kStrongest) const noexcept {
        schedules::point();
        return value_.load(order);
    }
    [[gnu::always_inline]] inline void store(T value, Order order = kStrongest) noexcept {
        schedules::point();
        value_.store(value, order);
    }
    [[gnu::always_inline]] inline T exchange(T value, Order order = kStrongest) noexcept {
        schedules::point();
        return value_.exchange(value, order);
    }
    [[gnu::always_inline]] inline bool compare_exchange_strong(T& seen, T value, Order done, Order failed) noexcept {
        schedules::point();
        return value_.compare_exchange_strong(seen, value, done, failed);
    }
    [[gnu::always_inline]] inline bool compare_exchange_weak(T& seen, T value, Order done, Order failed) noexcept {
        schedules::point();
        if (schedules::fails_spuriously()) {
            seen = value_.load(failed);
            return false;
        }
        return value_.compare_exchange_strong(seen, value, done, failed);
    }
    [[gnu::always_inline]] inline bool compare_exchange_strong(T& seen, T value, Order order = kStrongest) noexcept {
        return compare_exchange_strong(seen, value, order, of_failure(order));
    }
    [[gnu::always_inline]] inline bool compare_exchange_weak(T& seen, T value, Order order = kStrongest) noexcept {
        return compare_exchange_weak(seen, value, order, of_failure(order));
    }
    template <class U>
    [[gnu::always_inline]] inline T fetch_add(U value, Order order = kStrongest) noexcept {
        schedules::point();
        return value_.fetch_add(value, order);
    }
    template <class U>
    [[gnu::always_inline]] inline T fetch_sub(U value, Order order = kStrongest) noexcept {
        schedules::point();
        return value_.fetch_sub(value, order);
    }
    [[gnu::always_inline]] inline T fetch_or(T value, Order order = kStrongest) noexcept {
        schedules::point();
        return value_.fetch_or(value, order);
    }
    [[gnu::always_inline]] inline T fetch_and(T value, Order order = kStrongest) noexcept {
        schedules::point();
        return value_.fetch_and(value, order);
    }

  private:
    static constexpr Order of_failure(Order order) noexcept {
        if (order == std::memory_order_acq_rel) return std::memory_order_acquire;
        return order == std::memory_order_release ? std::memory_order_relaxed : order;
    }

    std::atomic<T> value_{};
};

}  // namespace naio
