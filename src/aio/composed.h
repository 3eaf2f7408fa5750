// naio_op: an operation that consists of other operations, one after the other.
//
// The outer operation is on the consumer's handle. It has no cancel function of its own: requests are passed on to the
// handle's own slot, to which the child handle is bound. If an operation is in flight on the child, that operation is
// asked to end. If none is in flight, the step is about to start one, and that start is refused. So no request is lost.
//
// The step runs first on the thread that starts the outer operation, and then as the child's callback. Two threads
// never run it at once. If the child has an inline callback and the step starts an operation that completes at once,
// the step is called again before its first call has returned.
//
// Invariants:
//  1. The outer operation's release function frees this object and reaps the child. The release function runs after the
//     operation has ended, when no thread passes on a request any more.
//  2. After the step has started an operation on the child or has finished the outer operation, no code here uses this
//     object or the child, because both may be gone.
#pragma once

#include <naio/naio.h>

#include "aio/aio.h"

struct naio_op {
  public:
    struct Parts {
        naio_stepfn step;
        void (*release)(void*);
        void* argument;
        // kInline is for steps of the library that never block: a step runs on the thread that completes the previous
        // operation of the child.
        nng_aio::Delivery delivery = nng_aio::Delivery::kQueued;
        bool own = false;  // as in Cancellation
    };

    // Starts the operation. Returns NNG_ENOMEM if there is no memory to start it. Whatever happens, parts.release is
    // called once with parts.argument, unless parts.release is nullptr.
    [[nodiscard]] static nng_err compose(nng_aio& outer, naio::Types guarantee, const Parts& parts) noexcept;

    [[nodiscard]] nng_aio& child() noexcept { return *child_; }
    [[nodiscard]] nng_aio& outer() noexcept { return outer_; }
    // Panics if an operation is in flight on the child. `call` is the public function that was called.
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
