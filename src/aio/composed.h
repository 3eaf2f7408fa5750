// An operation that consists of others, one after the other: naio_op.
//
// It is an operation on the consumer's handle without a cancel function of its own: requests are passed on to the
// handle's own slot, to which the child is bound. The child is in flight, or about to be started by the step: in the
// first case it is asked to end, in the second its start is refused. So no request is lost.
//
// The step runs on the thread that starts the operation, then as the child's callback: never twice at once. A child with
// an inline callback completes in place: a step that starts an operation which is over at once is called again inside of
// itself.
//
// Invariants:
//  1. The object and the child are given up by the outer operation's release: after its end and the last cancel call.
//  2. Nothing here is touched after the step has submitted the child or has finished: both may be gone by then.
#pragma once

#include <naio/naio.h>

#include "aio/aio.h"

struct naio_op {
  public:
    struct Parts {
        naio_stepfn step;
        void (*release)(void*);
        void* argument;
        // kInline, for steps of the library that never block: a step runs where the operation before it completes.
        nng_aio::Delivery delivery = nng_aio::Delivery::kQueued;
        bool release_may_block = false;  // `release` is a function of the program
    };

    // Starts it; NNG_ENOMEM if nothing was started. Owns the argument in all cases.
    [[nodiscard]] static nng_err compose(nng_aio& outer, naio::Types guarantee, const Parts& parts) noexcept;

    [[nodiscard]] nng_aio& child() noexcept { return *child_; }
    [[nodiscard]] nng_aio& outer() noexcept { return outer_; }
    // Stops the program if the step has an operation in flight. `call` is the public function that finds this.
    void require_idle_child(const char* call) noexcept;
    void finish(nng_err result, std::size_t count) noexcept;
    // REQUIRES: the caller holds no lock.
    void finish_unlocked(nng_err result, std::size_t count) noexcept;

  private:
    friend class naio::Allocator;
    naio_op(nng_aio& outer, const Parts& parts) noexcept : outer_(outer), parts_(parts) {}
    [[nodiscard]] static naio_op* create(nng_aio& outer, const Parts& parts) noexcept;
    static void child_done(void* self) noexcept;
    static void release(void* self) noexcept;

    nng_aio& outer_;
    Parts parts_;
    nng_aio* child_ = nullptr;
};

namespace naio {
using ComposedOperation = ::naio_op;
}
