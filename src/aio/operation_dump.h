// A copy of a handle's fields, which a dump makes while no thread can destroy the handle, and writes later.
#pragma once

#include <cstdint>

#include "aio/api.h"
#include "aio/state.h"
#include "base/clock.h"
#include "base/dump.h"
#include "base/object_name.h"

namespace naio {

struct OperationCopy {
    const void* handle = nullptr;
    State state;
    Api started_by = Api::kLibrary;
    int descriptor = -1;    // the descriptor that the operation waits for; -1: none
    std::int64_t age = -1;  // the milliseconds since its start; -1 if that time is not known
    Nanoseconds deadline = kNever;
    void (*callback)(void*) = nullptr;
    const void* queue = nullptr;
    const void* slot = nullptr;
    DumpName name;
    DumpName descriptor_name;
    DumpName slot_name;

    // Looks up the names of the descriptor and of the slot in the table of names. Finds none if the copied operation is
    // over, because the descriptor or the address may then belong to another object. REQUIRES: the handle exists.
    void find_names() noexcept NAIO_REQUIRES(ObjectName::table());
    void write(Dump& dump) const noexcept;
};

}  // namespace naio
