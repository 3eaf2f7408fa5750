// nng_aio: the handle of an operation. The struct of the C interface is this class.
//
// It adds to Operation the values that the consumer sets for an operation (timeouts, vectors, inputs), and the outputs.
//
// The table says which thread may touch which fields, and when (the other fields are in operation_fields.h):
//
//    fields                            written by                                     read by
//    timeout_, timeout_types_          any thread, at any time                        start
//    inputs_, outputs_, vectors_,      the owner                                      the owner
//      vector_count_, mark_
#pragma once

#include <nng/nng.h>

#include <cstddef>
#include <cstdint>
#include <new>

#include "aio/operation.h"
#include "base/list.h"

struct alignas(64) nng_aio final : public naio::Operation {
  public:
    // A node for the provider's list of operations.
    struct Link : naio::ListNode {
        explicit Link(nng_aio& owner) noexcept : aio(owner) {}
        nng_aio& aio;
    };

    static constexpr unsigned kMaxVectors = 8;
    static constexpr unsigned kMaxParameters = 4;

    nng_aio(naio::Services& services, Callback callback, void* argument, Delivery delivery, void* home,
            bool closed) noexcept
        : Operation(services, callback, argument, delivery, home, closed) {}

    // ---- the consumer's side

    void set_timeout(nng_duration timeout) noexcept;
    [[nodiscard]] nng_duration timeout() const noexcept { return timeout_.load(std::memory_order_relaxed); }
    void set_timeout_types(naio::Types types) noexcept;
    void set_expire(nng_time time) noexcept;
    void skip_callback(bool* skipped) noexcept;
    [[nodiscard]] nng_err set_vectors(unsigned count, const nng_iov* vectors) noexcept;
    [[nodiscard]] nng_err set_input(unsigned index, void* value) noexcept;
    [[nodiscard]] void* output(unsigned index) const noexcept;

    // ---- the provider's side

    // Do what the members of Operation with these names do, with the deadline that the consumer has set.
    using Operation::start;
    [[nodiscard]] bool start(nng_aio_cancelfn cancel_function, void* argument) noexcept;
    [[nodiscard]] bool start(const naio::Cancellation& cancellation) noexcept;
    [[nodiscard]] naio::Started try_start(const naio::Cancellation& cancellation) noexcept;
    // Starts the rest of an operation of which an attempt has moved `moved` bytes. The count becomes `moved`, even if
    // the start is refused. If the deadline has passed, the start is refused only if the guarantee permits one of the
    // types that the deadline requests.
    [[nodiscard]] naio::Started try_start_rest(const naio::Cancellation& cancellation, std::size_t moved) noexcept;
    // Sets what NNG_DURATION_DEFAULT means for the next operation. No effect if the consumer has set another timeout or
    // an expiry, or if this was called for that operation before.
    void set_default_timeout(nng_duration timeout) noexcept;
    // Returns the deadline of an operation that begins at the time `at`, and forgets the deadlines that set_expire and
    // limit have set.
    [[nodiscard]] naio::Limit take_limit(naio::Nanoseconds at) noexcept;
    // Returns take_limit(now()), but reads the clock only if the operation may have a deadline.
    [[nodiscard]] naio::Limit own_limit() noexcept { return unlimited() ? naio::Limit{} : take_limit(naio::now()); }
    // True if the consumer has asked to skip the callback, or has set a deadline. Such a consumer may notice whether
    // the operation completes at once or a moment later.
    [[nodiscard]] bool insists() const noexcept { return skips_ || !unlimited(); }

    [[nodiscard]] unsigned vectors(const nng_iov** vectors) const noexcept {
        *vectors = vectors_;
        return vector_count_;
    }
    [[nodiscard]] std::size_t advance_vectors(std::size_t count) noexcept;
    [[nodiscard]] void* input(unsigned index) const noexcept;
    [[nodiscard]] nng_err set_output(unsigned index, void* value) noexcept;
    // Makes a link for the provider in the memory of outputs 1 to 3, and returns it. The provider calls this after the
    // start, and may use the link until it finishes the operation. The provider also decides what `mark` means.
    Link& make_link(std::uint8_t mark = 0) noexcept {
        mark_ = mark;
        return *new (outputs_ + 1) Link(*this);
    }
    Link& link() noexcept { return *std::launder(reinterpret_cast<Link*>(outputs_ + 1)); }
    [[nodiscard]] std::uint8_t mark() const noexcept { return mark_; }
    void set_mark(std::uint8_t mark) noexcept { mark_ = mark; }

  private:
    [[nodiscard]] bool unlimited() const noexcept {
        if (expire_.load(std::memory_order_relaxed) != kNoExpiry) return false;
        if (limited_.load(std::memory_order_relaxed)) return false;
        const nng_duration timeout = timeout_.load(std::memory_order_relaxed);
        return timeout == NNG_DURATION_INFINITE || timeout == NNG_DURATION_DEFAULT;
    }
    // Returns the deadline that set_timeout or set_expire has set, whichever was called last. Forgets that of
    // set_expire.
    [[nodiscard]] naio::Nanoseconds take_own_deadline(naio::Nanoseconds at) noexcept;

    // The timeouts are atomic, because the consumer may change them while a callback or a provider starts the next
    // operation. The members down to timeout_ are in the last cache line that each operation touches (OperationFields).
    naio::Atomic<std::uint8_t> timeout_types_{naio::kAllTypes};
    std::uint8_t vector_count_ = 0;
    std::uint8_t mark_ = 0;
    naio::Atomic<nng_duration> timeout_{NNG_DURATION_INFINITE};

    void* inputs_[kMaxParameters] = {};
    void* outputs_[kMaxParameters];
    nng_iov vectors_[kMaxVectors];
};

static_assert(sizeof(nng_aio) <= 448);
static_assert(sizeof(nng_aio::Link) <= (nng_aio::kMaxParameters - 1) * sizeof(void*));

namespace naio {

using Aio = ::nng_aio;

inline Aio& Operation::handle() noexcept { return static_cast<Aio&>(*this); }

}  // namespace naio
