#include "aio/aio.h"

#include <algorithm>

#include "aio/operation_start.h"
#include "base/fault.h"
#include "base/order.h"
#include "base/pieces.h"

using naio::kMillisecond;
using naio::kNever;
using naio::Nanoseconds;

namespace {

// Returns the deadline of an operation that begins at the time `at` and has this timeout.
Nanoseconds deadline_after(nng_duration timeout, Nanoseconds at) noexcept {
    if (timeout == NNG_DURATION_INFINITE || timeout == NNG_DURATION_DEFAULT) return kNever;
    return timeout <= 0 ? at : at + timeout * kMillisecond;
}

}  // namespace

void nng_aio::set_timeout(nng_duration timeout) noexcept {
    timeout_.store(timeout, std::memory_order_relaxed);
    if (expire_.load(std::memory_order_relaxed) != kNoExpiry) replace_expiry(kNoExpiry);
}

// A default is an expiry, so the next operation forgets it, whatever that operation's end. If another thread sets a
// timeout or an expiry during this call, that holds for the next operation or for the one after it.
void nng_aio::set_default_timeout(nng_duration timeout) noexcept {
    if (timeout_.load(std::memory_order_relaxed) != NNG_DURATION_DEFAULT) return;
    Nanoseconds none = kNoExpiry;
    expire_.compare_exchange_strong(none, deadline_after(timeout, naio::now()), std::memory_order_relaxed,
                                    std::memory_order_relaxed);
}

void nng_aio::set_timeout_types(naio::Types types) noexcept {
    timeout_types_.store(static_cast<std::uint8_t>(types & naio::kAllTypes), std::memory_order_relaxed);
}

void nng_aio::set_expire(nng_time time) noexcept { replace_expiry(naio::from_milliseconds(time)); }

Nanoseconds nng_aio::take_own_deadline(Nanoseconds at) noexcept {
    const Nanoseconds expiry = take_expiry();
    if (expiry != kNoExpiry) return expiry;
    return deadline_after(timeout_.load(std::memory_order_relaxed), at);
}

naio::Limit nng_aio::take_limit(Nanoseconds at) noexcept {
    const std::uint8_t types = timeout_types_.load(std::memory_order_relaxed);
    Nanoseconds deadline = take_own_deadline(at);
    if (limited_.load(std::memory_order_relaxed)) [[unlikely]]
        deadline = std::min(deadline, take_shortened());
    // A deadline that requests no types has no effect, so this returns none. (A sleep still ends at its own time.)
    if (types == 0 && !NAIO_FAULT(deadline_of_no_types_counts)) [[unlikely]]
        return {};
    const Nanoseconds latest = NAIO_FAULT(deadline_of_now_has_not_passed) ? at - 1 : at;
    return {.deadline = deadline, .expiry = types, .passed = deadline <= latest};
}

bool nng_aio::start(nng_aio_cancelfn cancel_function, void* argument) noexcept {
    const naio::Types guarantee = cancel_function != nullptr ? naio::kTerminal : 0;
    return start_plain(guarantee, cancel_function, argument, own_limit());
}

bool nng_aio::start(const naio::Cancellation& cancellation) noexcept {
    return begun(start_typed(cancellation, own_limit()));
}

naio::Started nng_aio::try_start(const naio::Cancellation& cancellation) noexcept {
    return start_typed(cancellation, own_limit());
}

naio::Started nng_aio::try_start_rest(const naio::Cancellation& cancellation, std::size_t moved) noexcept {
    naio::Limit limit = own_limit();
    if (limit.passed && (limit.expiry & naio::permitted_by(cancellation.guarantee)) == 0) limit = {};
    report_again();  // a refusal must be reported, too, because the report tells the program the count
    const naio::Started start = Operation::try_start(cancellation, limit);
    count_ = moved;
    return start;
}

void nng_aio::skip_callback(bool* skipped) noexcept {
    *skipped = false;
    if (in_flight()) return;  // only the callback of an operation that has not begun can be skipped
    skipped_ = skipped;
    skips_ = true;
}

nng_err nng_aio::set_vectors(unsigned count, const nng_iov* vectors) noexcept {
    if (count > kMaxVectors) return NNG_EINVAL;
    if (count == 1) [[likely]]
        vectors_[0] = *vectors;
    else
        std::copy_n(vectors, count, vectors_);
    vector_count_ = static_cast<std::uint8_t>(count);
    return NNG_OK;
}

std::size_t nng_aio::advance_vectors(std::size_t count) noexcept {
    const unsigned done = naio::advance_pieces(vectors_, vector_count_, &nng_iov::iov_buf, count);
    std::copy(vectors_ + done, vectors_ + vector_count_, vectors_);
    vector_count_ = static_cast<std::uint8_t>(vector_count_ - done);
    return count;
}

nng_err nng_aio::set_input(unsigned index, void* value) noexcept {
    if (index >= kMaxParameters) return NNG_EINVAL;
    inputs_[index] = value;
    return NNG_OK;
}

void* nng_aio::input(unsigned index) const noexcept { return index < kMaxParameters ? inputs_[index] : nullptr; }

// With outputs_set_ a start forgets the outputs of the previous operation without touching their cache line.
nng_err nng_aio::set_output(unsigned index, void* value) noexcept {
    if (index >= kMaxParameters) return NNG_EINVAL;
    outputs_[index] = value;
    outputs_set_ = static_cast<std::uint8_t>(outputs_set_ | 1u << index);
    return NNG_OK;
}

void* nng_aio::output(unsigned index) const noexcept {
    return index < kMaxParameters && (outputs_set_ & 1u << index) != 0 ? outputs_[index] : nullptr;
}
