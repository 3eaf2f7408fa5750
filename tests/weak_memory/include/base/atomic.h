// Takes the place of src/base/atomic.h: Relacy's atomic objects.
#pragma once

#include <bit>
#include <type_traits>

#include "../../execution.h"

namespace naio {

template <class T>
class Atomic {
    // Relacy prints the values, so they are numbers.
    template <class U>
    static constexpr auto raw_of() noexcept {
        if constexpr (std::is_enum_v<U>)
            return std::underlying_type_t<U>{};
        else if constexpr (std::is_pointer_v<U>)
            return std::uintptr_t{};
        else if constexpr (std::is_class_v<U>)
            return std::uint64_t{};
        else
            return U{};
    }
    using Raw = decltype(raw_of<T>());
    using Order = std::memory_order;
    using At = weak_memory::At;
    static constexpr Order kSequential = std::memory_order_seq_cst;

    static constexpr Order of_failure(Order order) noexcept {
        if (order == std::memory_order_acq_rel) return std::memory_order_acquire;
        return order == std::memory_order_release ? std::memory_order_relaxed : order;
    }

  public:
    Atomic() noexcept : Atomic(T()) {}
    Atomic(T value) noexcept : initial_(value) {
        if (weak_memory::execution.threads_run) make(true);
    }
    Atomic(const Atomic&) = delete;
    Atomic& operator=(const Atomic&) = delete;

    T load(Order order = kSequential, At at = At::current()) const noexcept {
        const weak_memory::Step step;
        if (weak_memory::execution.spins(this)) rl::yield(1, weak_memory::info(at));
        return std::bit_cast<T>(object().load(weak_memory::order(order), weak_memory::info(at)));
    }
    void store(T value, Order order = kSequential, At at = At::current()) noexcept {
        const weak_memory::Step step;
        object().store(std::bit_cast<Raw>(value), weak_memory::order(order), weak_memory::info(at));
    }
    T exchange(T value, Order order = kSequential, At at = At::current()) noexcept {
        const weak_memory::Step step;
        return std::bit_cast<T>(
            object().exchange(std::bit_cast<Raw>(value), weak_memory::order(order), weak_memory::info(at)));
    }
    T fetch_add(T value, Order order = kSequential, At at = At::current()) noexcept {
        const weak_memory::Step step;
        return object().fetch_add(value, weak_memory::order(order), weak_memory::info(at));
    }
    T fetch_sub(T value, Order order = kSequential, At at = At::current()) noexcept {
        const weak_memory::Step step;
        return object().fetch_sub(value, weak_memory::order(order), weak_memory::info(at));
    }
    bool compare_exchange_weak(T& expected, T value, Order success, Order failure, At at = At::current()) noexcept {
        return compare_exchange(rl::bool_t<true>(), expected, value, success, failure, at);
    }
    bool compare_exchange_weak(T& expected, T value, Order order = kSequential, At at = At::current()) noexcept {
        return compare_exchange_weak(expected, value, order, of_failure(order), at);
    }
    bool compare_exchange_strong(T& expected, T value, Order success, Order failure, At at = At::current()) noexcept {
        return compare_exchange(rl::bool_t<false>(), expected, value, success, failure, at);
    }
    bool compare_exchange_strong(T& expected, T value, Order order = kSequential, At at = At::current()) noexcept {
        return compare_exchange_strong(expected, value, order, of_failure(order), at);
    }

  private:
    using Success = unsigned (rl::thread_info_base::*)(rl::atomic_data*, bool&);
    using Failure = unsigned (rl::thread_info_base::*)(rl::atomic_data*);

    // Does not call Relacy's own function, which does not support an order of failure stronger than that of success.
    template <bool kSpurious>
    bool compare_exchange(rl::bool_t<kSpurious> spurious, T& expected, T value, Order success, Order failure,
                          const At& at) noexcept {
        const weak_memory::Step step;
        Raw raw = std::bit_cast<Raw>(expected);
        const bool done = with_success<kSpurious>(raw, std::bit_cast<Raw>(value), success, failure, at);
        expected = std::bit_cast<T>(raw);
        return done;
    }
    template <bool kSpurious>
    bool with_success(Raw& raw, Raw value, Order success, Order failure, const At& at) noexcept {
        using Thread = rl::thread_info_base;
        switch (success) {
            case std::memory_order_relaxed:
                return with_failure<kSpurious, rl::mo_relaxed, &Thread::atomic_rmw_relaxed>(raw, value, failure, at);
            case std::memory_order_acquire:
                return with_failure<kSpurious, rl::mo_acquire, &Thread::atomic_rmw_acquire>(raw, value, failure, at);
            case std::memory_order_release:
                return with_failure<kSpurious, rl::mo_release, &Thread::atomic_rmw_release>(raw, value, failure, at);
            case std::memory_order_acq_rel:
                return with_failure<kSpurious, rl::mo_acq_rel, &Thread::atomic_rmw_acq_rel>(raw, value, failure, at);
            default:
                return with_failure<kSpurious, rl::mo_seq_cst, &Thread::atomic_rmw_seq_cst>(raw, value, failure, at);
        }
    }
    template <bool kSpurious, rl::memory_order kOrder, Success kSuccess>
    bool with_failure(Raw& raw, Raw value, Order failure, const At& at) noexcept {
        using Thread = rl::thread_info_base;
        const rl::debug_info where = weak_memory::info(at);
        switch (failure) {
            case std::memory_order_relaxed:
                return object()
                    .template compare_swap_impl<kSpurious, kOrder, kSuccess, rl::mo_relaxed,
                                                &Thread::atomic_load_relaxed_rmw>(raw, value, where);
            case std::memory_order_acquire:
                return object()
                    .template compare_swap_impl<kSpurious, kOrder, kSuccess, rl::mo_acquire,
                                                &Thread::atomic_load_acquire_rmw>(raw, value, where);
            default:
                return object()
                    .template compare_swap_impl<kSpurious, kOrder, kSuccess, rl::mo_seq_cst,
                                                &Thread::atomic_load_seq_cst_rmw>(raw, value, where);
        }
    }

    rl::atomic<Raw>& object() const noexcept {
        if (!lazy_.is_made()) make(false);
        return lazy_.get();
    }

    // Sets the initial value without a step of the execution. The object had this value before the threads began, or,
    // if `now`, the calling thread writes it.
    void make(bool now) const noexcept {
        rl::atomic<Raw>& made = lazy_.get();
        const unsigned index = rl::ctx().threadx_->atomic_init(made.impl_);
        weak_memory::execution.initialize(made.impl_, index, now);
        made.last_index_ = index;
        made.history_[index] = std::bit_cast<Raw>(initial_);
        made.value_ = std::bit_cast<Raw>(initial_);
        made.initialized_ = true;
    }

    const T initial_;
    mutable weak_memory::Lazy<rl::atomic<Raw>> lazy_;
};

}  // namespace naio

// Turns static assertions off, because objects that contain Relacy's objects are larger than the library's allow.
#define static_assert(...) static_assert(true)
