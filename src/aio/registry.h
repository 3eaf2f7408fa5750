// All handles: their memory, and the walk that reaches them all when the library is finalized.
//
// Handles live in slabs of 64, aligned to cache lines, so that a handle takes no more than its own size, and
// alloc and free are one lock and a bit scan each. Under a sanitizer every handle is a block of its own, so that its
// use after free is seen.
//
// Invariants:
//  1. Bit i of a slab's live mask is set exactly while handle i exists.
//  2. Slabs with a free place come before full ones, except in the slabs that a walk has put aside.
//  3. A handle in a slab is not destroyed while the lock is held.
#pragma once

#include "aio/operation.h"
#include "base/allocator.h"
#include "base/dump.h"
#include "base/list.h"
#include "base/mutex.h"
#include "exec/stall.h"
#include "exec/wait.h"

namespace naio {

class Registry {
  public:
    Registry(Services& services, const Allocator& allocator) noexcept : services_(services), allocator_(allocator) {}

    // Returns a new handle, or nullptr if there is no memory. Any thread.
    [[nodiscard]] nng_aio* create(Operation::Callback callback, void* argument,
                                  Operation::Delivery delivery = Operation::Delivery::kQueued) noexcept;

    [[nodiscard]] const Allocator& allocator() const noexcept { return allocator_; }

    // Destroys the handle. Any thread. REQUIRES: the handle is idle, and no other thread uses it.
    void destroy(Operation& operation) noexcept;

    // Refuses every start from now on, asks every operation in flight to end with NNG_ESTOPPED, and blocks until all
    // handles are idle, all callbacks have returned, and all handles that were reaped are gone.
    void close() noexcept;

    // Accepts starts again, also on handles from before the last close.
    void open() noexcept;

    // Gives back the memory that no handle lives in.
    void trim() noexcept;

    // Writes a line for each handle that is not idle. Handles that come or go during the dump may be missing.
    void dump(Dump& dump) noexcept;
    // Writes the line of one handle, if `operation` is the address of one.
    [[nodiscard]] bool dump(Dump& dump, const void* operation) noexcept;
    // Returns the handle whose task has this address, or nullptr.
    [[nodiscard]] const void* handle_of(Dump& dump, const void* task) noexcept;

  private:
    struct Slab;

    void end_operations() noexcept;
    [[nodiscard]] bool wait_for_operations(StallWatch& watch) noexcept;

    Slab* grow() noexcept NAIO_REQUIRES(mutex_);
    void place(Slab& slab) noexcept NAIO_REQUIRES(mutex_);
    void release(Slab& slab) noexcept NAIO_REQUIRES(mutex_);
    template <class Visit>
    void for_each_slab(Visit visit) noexcept NAIO_REQUIRES(mutex_);
    template <class Is>
    [[nodiscard]] bool find(Dump& dump, OperationCopy& copy, Is is) noexcept;
    [[nodiscard]] Slab* after(std::uint64_t number) noexcept NAIO_REQUIRES(mutex_);

    Services& services_;
    const Allocator& allocator_;
    Mutex mutex_;
    List<Slab> slabs_ NAIO_GUARDED_BY(mutex_);
    List<Slab> seen_ NAIO_GUARDED_BY(mutex_);               // the slabs that the walk of close has put aside
    std::uint64_t slabs_made_ NAIO_GUARDED_BY(mutex_) = 0;  // since the first handle
    bool closed_ NAIO_GUARDED_BY(mutex_) = false;
    Waiters destroyed_;  // notified when a handle is destroyed while closed_
};

}  // namespace naio
