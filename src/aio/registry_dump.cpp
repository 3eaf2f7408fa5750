// The registry's part of a dump: the lines of all handles, or of one.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "aio/operation_dump.h"
#include "aio/registry.h"
#include "aio/slab.h"

namespace naio {

namespace {

// Adds to the copies the names of the objects that they refer to. False if the table of names stays locked. REQUIRES:
// the registry's lock is held, so that the handles of the copies exist.
bool find_names(std::span<OperationCopy> copies) noexcept {
    if (!Dump::lock_soon(ObjectName::table())) return false;
    for (OperationCopy& copy : copies) copy.find_names();
    ObjectName::table().unlock();
    return true;
}

void skip_names(Dump& dump) noexcept { dump.skip("names of streams, listeners and signals"); }

}  // namespace

// Moves the position to the next slab and returns that slab, or nullptr at the end. If a slab was released after the
// last call, this may have been the slab of the position. In that case, searches for the next slab from the first one
// on.
Registry::Slab* Registry::advance(Position& position) noexcept {
    InOrder* next = nullptr;
    if (position.slab != nullptr && position.released == released_) {
        next = all_.after(position.slab->in_order);
    } else {
        next = all_.front();
        while (next != nullptr && next->slab.number <= position.number) next = all_.after(*next);
    }
    if (next == nullptr) return nullptr;
    position = {.number = next->slab.number, .slab = &next->slab, .released = released_};
    return position.slab;
}

void Registry::dump(Dump& dump) noexcept {
    Position position;
    std::size_t all = 0, busy = 0;
    for (bool named = true;;) {
        bool locked_out = false;
        std::array<OperationCopy, Slab::kCapacity> copies;
        std::size_t size = 0;
        if (!dump.lock(mutex_, "handles")) return;
        Slab* const slab = advance(position);
        if (slab != nullptr) {
            slab->for_each([&](Aio& aio) {
                ++all;
                const OperationCopy copy = aio.copy();
                if (copy.state.busy() || copy.state.given_up()) copies[size++] = copy;
            });
            locked_out = named && size != 0 && !find_names({copies.data(), size});
        }
        mutex_.unlock();
        if (slab == nullptr) break;
        busy += size;
        if (locked_out) skip_names(dump);
        named = named && !locked_out;
        for (std::size_t i = 0; i < size; ++i) copies[i].write(dump);
    }
    dump.line("handles: %zu, of which %zu are not idle", all, busy);
}

// Returns the handle for which `is` returns true, or nullptr if there is none.
template <class Is>
Operation* Registry::find(Is is) noexcept {
    Operation* found = nullptr;
    for_each_slab([&](Slab& slab) {
        slab.for_each([&](Operation& each) {
            if (found == nullptr && is(each)) found = &each;
        });
    });
    return found;
}

bool Registry::dump(Dump& dump, const void* operation) noexcept {
    OperationCopy copy;
    bool named = true;
    if (!dump.lock(mutex_, "a handle")) return false;
    const Operation* const found = find([operation](const Operation& each) { return &each == operation; });
    if (found != nullptr) {
        copy = found->copy();
        named = find_names({&copy, 1});
    }
    mutex_.unlock();
    if (found == nullptr) return false;
    if (!named) skip_names(dump);
    copy.write(dump);
    return true;
}

const void* Registry::handle_of(Dump& dump, const void* task) noexcept {
    if (!dump.lock(mutex_, "a handle")) return nullptr;
    const void* const handle = find([task](const Task& each) { return &each == task; });
    mutex_.unlock();
    return handle;
}

}  // namespace naio
