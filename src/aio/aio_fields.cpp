// What an operation takes along and brings back: the fields that only their owner touches (see aio.h).
#include <algorithm>
#include <utility>

#include "aio/aio.h"

using naio::kMillisecond;
using naio::kNever;
using naio::Nanoseconds;

void nng_aio::set_timeout(nng_duration timeout) noexcept {
    timeout_.store(timeout, std::memory_order_relaxed);
    expire_.store(kNoExpiry, std::memory_order_relaxed);
}

void nng_aio::set_expire(nng_time time) noexcept {
    constexpr nng_time kLast = static_cast<nng_time>(kNever / kMillisecond);
    const Nanoseconds expire = time < kLast ? static_cast<Nanoseconds>(time) * kMillisecond : kNever;
    expire_.store(expire, std::memory_order_relaxed);
}

Nanoseconds nng_aio::take_expiry() noexcept {
    if (expire_.load(std::memory_order_relaxed) == kNoExpiry) return kNoExpiry;
    return expire_.exchange(kNoExpiry, std::memory_order_relaxed);
}

bool nng_aio::unlimited() const noexcept {
    if (expire_.load(std::memory_order_relaxed) != kNoExpiry) return false;
    const nng_duration timeout = timeout_.load(std::memory_order_relaxed);
    return timeout == NNG_DURATION_INFINITE || timeout == NNG_DURATION_DEFAULT;
}

nng_aio::Limit nng_aio::take_limit(Nanoseconds at) noexcept {
    const Nanoseconds expiry = take_expiry();
    if (expiry != kNoExpiry) return {.deadline = expiry, .passed = expiry <= at};
    const nng_duration timeout = timeout_.load(std::memory_order_relaxed);
    if (timeout == NNG_DURATION_INFINITE || timeout == NNG_DURATION_DEFAULT) return {};
    if (timeout <= 0) return {.passed = true};
    return {.deadline = at + timeout * kMillisecond};
}

void nng_aio::skip_callback(bool* skipped) noexcept {
    *skipped = false;
    skipped_ = skipped;
}

nng_err nng_aio::set_vectors(unsigned count, const nng_iov* vectors) noexcept {
    if (count > kMaxVectors) return NNG_EINVAL;
    std::copy_n(vectors, count, vectors_);
    vector_count_ = count;
    return NNG_OK;
}

nng_err nng_aio::set_input(unsigned index, void* value) noexcept {
    if (index >= kMaxParameters) return NNG_EINVAL;
    inputs_[index] = value;
    return NNG_OK;
}

void* nng_aio::input(unsigned index) const noexcept { return index < kMaxParameters ? inputs_[index] : nullptr; }

// Starting an operation forgets the outputs of the one before without touching their cache line.
nng_err nng_aio::set_output(unsigned index, void* value) noexcept {
    if (index >= kMaxParameters) return NNG_EINVAL;
    outputs_[index] = value;
    outputs_set_ = static_cast<std::uint8_t>(outputs_set_ | 1u << index);
    return NNG_OK;
}

void* nng_aio::output(unsigned index) const noexcept {
    return index < kMaxParameters && (outputs_set_ & 1u << index) != 0 ? outputs_[index] : nullptr;
}
