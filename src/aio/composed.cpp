#include "aio/composed.h"

#include "aio/registry.h"
#include "base/fault.h"
#include "base/panic.h"

using naio::Registry;
using naio::Types;

nng_err naio_op::compose(nng_aio& outer, Types guarantee, const Parts& parts) noexcept {
    naio_op* op = create(outer, parts);
    if (op == nullptr) {
        if (parts.release != nullptr && !NAIO_FAULT(release_forgotten_without_memory)) parts.release(parts.argument);
        return NNG_ENOMEM;
    }
    const naio::Started start =
        outer.try_start({.guarantee = guarantee, .release = release, .argument = op, .own = parts.own});
    if (start.in_flight) {
        parts.step(op, parts.argument, NNG_OK, 0);
    } else {
        if (!NAIO_FAULT(release_forgotten_after_refusal)) release(op);
        if (start.refused) outer.report(start);
    }
    return NNG_OK;
}

naio_op* naio_op::create(nng_aio& outer, const Parts& parts) noexcept {
    Registry& registry = outer.services().registry;
    naio::Slot* slot = outer.slot();
    if (slot == nullptr) return nullptr;
    auto* op = registry.allocator().create<naio_op>(outer, parts);
    if (op == nullptr) return nullptr;
    op->child_ = registry.create(child_done, op, parts.delivery);
    if (op->child_ == nullptr) {
        registry.allocator().destroy(op);
        return nullptr;
    }
    if (!NAIO_FAULT(request_does_not_reach_the_step)) op->child_->bind_slot(slot, naio::kAllTypes);
    if (!NAIO_FAULT(steps_without_the_queue)) op->child_->set_queue(outer.queue());
    return op;
}

void naio_op::child_done(void* self) noexcept {
    auto& op = *static_cast<naio_op*>(self);
    // For the step, a refused start on the child is a result like any other. If it were not reported, the step would
    // not be called again, and the outer operation would not end.
    if (!NAIO_FAULT(refused_step_is_not_reported)) op.child_->report_again();
    op.parts_.step(&op, op.parts_.argument, op.child_->result(), op.child_->count());
}

void naio_op::require_idle_child(const char* call) noexcept {
    if (child_->in_flight())
        naio::panic("%s(%p): an operation is in flight on the child", call, static_cast<void*>(this));
}

// This may run inside the child's callback, which is the step that has finished the operation. So the child is reaped,
// and thus destroyed after that callback has returned.
void naio_op::release(void* self) noexcept {
    auto& op = *static_cast<naio_op*>(self);
    const Parts parts = op.parts_;
    const naio::Allocator& allocator = op.outer_.services().registry.allocator();
    NAIO_FAULT(child_destroyed_in_its_callback) ? op.child_->services().registry.destroy(*op.child_)
                                                : op.child_->reap();
    allocator.destroy(&op);
    if (parts.release != nullptr) parts.release(parts.argument);
}
