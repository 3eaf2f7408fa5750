// Defines naio_signal_* and naio_slot_*: signals emit requests, slots receive them.
#include "aio/signal.h"

#include <naio/naio.h>

#include "aio/slot.h"
#include "capi/forked.h"
#include "capi/handle.h"
#include "runtime/runtime.h"

using naio::checked;

extern "C" {

nng_err naio_signal_alloc(naio_signal** signal, unsigned flags) {
    naio::require(signal, __func__);
    if ((flags & ~NAIO_SIGNAL_SCOPE) != 0) return NNG_EINVAL;
    const bool scope = (flags & NAIO_SIGNAL_SCOPE) != 0;
    *signal =
        naio_signal::create(naio::runtime().allocator(), scope ? naio::Slot::Kind::kScope : naio::Slot::Kind::kPlain);
    return *signal != nullptr ? NNG_OK : NNG_ENOMEM;
}

void naio_signal_free(naio_signal* signal) {
    if (naio::is_ours(signal)) naio::runtime().allocator().destroy(signal);
}

bool naio_signal_emit(naio_signal* signal, naio_cancel types) {
    if (signal == nullptr) return false;
    naio::require_not_forked(signal, __func__);
    return signal->emit(types & naio::kAllTypes);
}

naio_slot* naio_signal_slot(naio_signal* signal) { return &checked(signal, __func__).slot(); }

void naio_slot_assign(naio_slot* slot, bool (*handler)(void*, naio_cancel), void* argument) {
    naio::require(reinterpret_cast<void*>(handler), __func__);
    checked(slot, __func__).assign(handler, argument);
}

void naio_slot_clear(naio_slot* slot) {
    if (naio::is_ours(slot)) slot->assign(nullptr, nullptr);
}

}  // extern "C"
