// The functions that the library's threads call: those of the provider, callbacks, and the function in a slot.
#include "world.h"

namespace simulation {

void World::call_back(void* argument) {
    auto& handle = *static_cast<Handle*>(argument);
    if (handle.in_callback.fetch_add(1) != 0) handle.misordered = true;
    if (handle.in_queue) {
        const std::scoped_lock lock(handle.world->mutex_);
        handle.world->order_.push_back(handle.place);
    }
    if (handle.again != 0) {
        --handle.again;
        for (const Call& call : handle.then) handle.world->make(call);
    }
    handle.in_callback.fetch_sub(1);
    ++handle.callbacks;
}

void World::cancel_plain(nng_aio* aio, void* argument, nng_err reason) {
    auto& handle = *static_cast<Handle*>(argument);
    handle.asked = 0;
    handle.asked_reason = reason;
    ++handle.cancel_calls;
    if (handle.policy == Policy::kFinish) nng_aio_finish(aio, reason);
}

bool World::cancel_typed(nng_aio* aio, void* argument, naio_cancel types, nng_err reason) {
    auto& handle = *static_cast<Handle*>(argument);
    handle.asked = types;
    handle.asked_reason = reason;
    ++handle.cancel_calls;
    if (handle.policy == Policy::kFinish) naio_aio_finish(aio, reason, 0);
    return handle.policy != Policy::kDecline;
}

void World::release(void* argument) {
    auto& handle = *static_cast<Handle*>(argument);
    if (handle.in_callback != 0) handle.misordered = true;
    ++handle.releases;
}

// A step of a composed operation. Starts the next of the provider's operations, or finishes if none is left or one has
// failed.
void World::step(naio_op* op, void* argument, nng_err result, std::size_t) {
    auto& handle = *static_cast<Handle*>(argument);
    nng_aio* const child = naio_op_child(op);
    const bool is_first = handle.target != child;
    if (!is_first && result == NNG_OK) ++handle.steps_done;
    if (result != NNG_OK || handle.steps_left == 0) return naio_op_finish(op, result, handle.steps_done);
    --handle.steps_left;
    handle.target = child;
    if (naio_aio_start(child, NAIO_CANCEL_TOTAL, cancel_typed, nullptr, &handle)) ++handle.steps;
}

bool World::handle_request(void* argument, naio_cancel) {
    auto& signal = *static_cast<Signal*>(argument);
    ++signal.calls;
    return signal.accepts;
}

}  // namespace simulation
