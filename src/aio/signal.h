// naio_signal: emits requests. The signal's slot passes them on to the handles that are bound to the slot. The slot
// lives until the signal is destroyed and no handle is bound to the slot any more.
#pragma once

#include "aio/slot.h"
#include "base/allocator.h"
#include "base/object_name.h"

struct naio_signal {
  public:
    // Creates a signal and its slot. Returns nullptr if there is no memory.
    [[nodiscard]] static naio_signal* create(const naio::Allocator& allocator, naio::Slot::Kind kind) noexcept {
        naio::Slot* slot = naio::Slot::create(allocator, kind);
        if (slot == nullptr) return nullptr;
        auto* signal = allocator.create<naio_signal>(*slot);
        if (signal == nullptr) slot->release();
        return signal;
    }

    explicit naio_signal(naio::Slot& slot) noexcept : slot_(slot) {}
    ~naio_signal() { slot_.release(); }
    naio_signal(const naio_signal&) = delete;
    naio_signal& operator=(const naio_signal&) = delete;

    [[nodiscard]] naio::Slot& slot() noexcept { return slot_; }

    // Gives the slot a name for dumps, for as long as the signal exists.
    void set_name(const naio::Allocator& allocator, const char* name) noexcept {
        name_.set(allocator, naio::ObjectName::key_of(&slot_), name);
    }

    // Requests the types of the slot's targets. Returns what Slot::emit returns, but always true if the slot is a
    // scope, which remembers the types, and `types` is not 0.
    bool emit(naio::Types types) noexcept {
        if (!slot_.has_receiver()) return false;  // decides first, so that such an emission costs a load
        const bool remembers = types != 0 && slot_.is_scope();
        return slot_.emit(types, remembers ? types : 0, NNG_ECANCELED) || remembers;
    }

  private:
    naio::Slot& slot_;
    naio::ObjectName name_;
};

namespace naio {
using Signal = ::naio_signal;
}
