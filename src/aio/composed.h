// An operation that consists of others, one after the other: naio_op.
//
// It is an operation on the consumer's handle without a cancel function of its own: requests are passed on to the
// handle's own slot, to which the child is bound. If the child is in flight, its operation is asked to end. Otherwise
// the step is about to start it, and that start is refused. So no request is lost.
//
// The step runs on the thread that starts the operation, and then as the child's callback. Two threads never run it at
// once. If the child has an inline callback, and the step starts an operation on it that is over at once, the step is
// called again within itself.
//
// Invariants:
//  1. The outer operation's release function gives up the object and the child. It runs when the operation has ended,
//     and no thread passes a request on any more.
//  2. After the step has submitted the child or has finished, no code here uses the object or the child, because both
//     may be gone.
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
        bool release_inline = false;  // as in Cancellation
    };

    // Starts the operation. Returns NNG_ENOMEM if nothing was started. Owns the argument in all cases.
    [[nodiscard]] static nng_err compose(nng_aio& outer, naio::Types guarantee, const Parts& parts) noexcept;

    [[nodiscard]] nng_aio& child() noexcept { return *child_; }
    [[nodiscard]] nng_aio& outer() noexcept { return outer_; }
    // Stops the program if an operation is in flight on the child. `call` is the public function that finds this.
    void require_idle_child(const char* call) noexcept;
    void finish(const naio::Completion& completion) noexcept { outer_.finish(completion); }

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
