// The registry of all handles: it owns their memory, and ends all their operations when the library is finalized.
//
// Handles live in slabs of 64 (slab.h), aligned to cache lines. So a handle takes no more memory than its own size, and
// alloc and free take one lock and one scan of a bit mask each.
//
// Invariants:
//  1. Bit i of a slab's live mask is set exactly while handle i exists. (A slab in memory of the program has only
//     handle 0; all its other bits are set.)
//  2. In slabs_, slabs with a free place come before full ones.
//  3. Each slab is in all_, and in slabs_ or seen_. A slab in memory of the program is also in foreign_.
//  4. No handle is destroyed while another thread holds the lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "aio/operation.h"
#include "base/allocator.h"
#include "base/dump.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/stats.h"
#include "exec/stall.h"
#include "exec/wait.h"

namespace naio {

class Registry {
  public:
    Registry(Services& services, const Allocator& allocator) noexcept : services_(services), allocator_(allocator) {}

    // Returns a new handle, or nullptr if there is no memory. Any thread.
    [[nodiscard]] nng_aio* create(Operation::Callback callback, void* argument,
                                  Operation::Delivery delivery = Operation::Delivery::kQueued) noexcept;

    // Makes a handle in memory of the program, which has at least foreign_size() bytes. The memory is the handle's
    // until it is destroyed. Panics if there is a handle at this place already; `call` is the public function. Any
    // thread.
    [[nodiscard]] nng_aio& create_in(void* memory, Operation::Callback callback, void* argument,
                                     const char* call) noexcept;
    // Returns the number of bytes that a handle in memory of the program needs, wherever that memory begins.
    [[nodiscard]] static constexpr std::size_t foreign_size() noexcept;  // slab.h defines it
    // True if the handle is in memory of the program.
    [[nodiscard]] static bool is_foreign(const Operation& operation) noexcept;
    // Says that a handle in memory of the program may be destroyed. Otherwise `destroy` panics, because the program has
    // freed the handle as if its memory were the library's. Any thread.
    void expect_end(Operation& operation) noexcept;
    // Panics if the handle is in memory of the program, and expect_end was not called for it. Any thread.
    void require_own_memory(Operation& operation) noexcept;

    [[nodiscard]] const Allocator& allocator() const noexcept { return allocator_; }

    // Destroys the handle. Any thread. REQUIRES: the handle is idle, and no other thread uses it.
    void destroy(Operation& operation) noexcept;

    // Count the functions of EndReports: begin_report before the handle is destroyed, end_report after the function has
    // returned. begin_report returns true if the caller has to call the function itself: close has returned, so that no
    // other thread may call the function after the last nng_fini. Any thread.
    [[nodiscard]] bool begin_report() noexcept;
    void end_report() noexcept;

    // Refuses every start from now on, asks every operation in flight to end with NNG_ESTOPPED, and blocks until all
    // handles are idle, all callbacks have returned, all handles that were reaped are gone, and the functions that are
    // called then have returned.
    void close() noexcept;

    // Says that a handle has become busy while the registry is closed, and is busy still. Any thread.
    void report_busy() noexcept;

    // Accepts starts again, even on handles that were made before the last close.
    void open() noexcept;

    // Releases the slabs in which no handle lives.
    void trim() noexcept;

    // Writes a line for each handle that is not idle. Handles that come or go during the dump may be missing.
    void dump(Dump& dump) noexcept;
    // Writes the line of the handle whose address is `operation`. False if there is none, or if the lock is not free
    // soon.
    [[nodiscard]] bool dump(Dump& dump, const void* operation) noexcept;
    // Adds the number of handles, and the number that were made.
    void count_into(Stats& stats) noexcept;
    // Returns the handle whose task has this address; nullptr if there is none, or if the lock is not free soon.
    [[nodiscard]] const void* handle_of(Dump& dump, const void* task) noexcept;

  private:
    struct Slab;
    struct ForeignSlab;
    struct InOrder : ListNode {
        explicit InOrder(Slab& its_slab) noexcept : slab(its_slab) {}
        Slab& slab;
    };
    // The place of a dump in all_: the slab that the dump has copied last, and the number of that slab.
    struct Position {
        std::uint64_t number = 0;
        Slab* slab = nullptr;  // exists only if released_ equals `released`
        std::uint64_t released = 0;
    };

    void end_operations() noexcept;
    [[nodiscard]] bool end_rounds(StallWatch& watch) noexcept;
    [[nodiscard]] bool wait_for_operations(StallWatch& watch) noexcept;

    static constexpr std::size_t kChains = 256;

    void end(nng_aio& aio) noexcept NAIO_REQUIRES(mutex_);
    void leave_full(Slab& slab, nng_aio& aio, std::uint64_t bit) noexcept NAIO_REQUIRES(mutex_);
    void require_ending(const ForeignSlab& slab, const Operation& operation) noexcept NAIO_REQUIRES(mutex_);
    Slab* grow() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] ForeignSlab*& place_in_chain(const void* address) noexcept NAIO_REQUIRES(mutex_);
    void place(Slab& slab) noexcept NAIO_REQUIRES(mutex_);
    void release(Slab& slab) noexcept NAIO_REQUIRES(mutex_);
    template <class Visit>
    void for_each_slab(Visit visit) noexcept NAIO_REQUIRES(mutex_);
    template <class Is>
    [[nodiscard]] Operation* find(Is is) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] Slab* advance(Position& position) noexcept NAIO_REQUIRES(mutex_);

    Services& services_;
    const Allocator& allocator_;
    Mutex mutex_;
    List<Slab> slabs_ NAIO_GUARDED_BY(mutex_);
    List<Slab> seen_ NAIO_GUARDED_BY(mutex_);                     // the slabs that close has examined in this round
    List<InOrder> all_ NAIO_GUARDED_BY(mutex_);                   // all slabs, in the order of their numbers
    ForeignSlab* foreign_[kChains] NAIO_GUARDED_BY(mutex_) = {};  // the slabs in memory of the program, by address
    std::uint64_t slabs_made_ NAIO_GUARDED_BY(mutex_) = 0;        // the number of slabs that were made
    std::uint64_t released_ NAIO_GUARDED_BY(mutex_) = 0;          // the number of these that were released
    std::uint64_t made_ NAIO_GUARDED_BY(mutex_) = 0;              // the number of handles that were made
    std::uint64_t gone_ NAIO_GUARDED_BY(mutex_) = 0;              // the number of these that were destroyed
    bool closed_ NAIO_GUARDED_BY(mutex_) = false;
    bool over_ NAIO_GUARDED_BY(mutex_) = true;              // close has returned, or open was never called
    bool report_begun_ NAIO_GUARDED_BY(mutex_) = false;     // since close began its last rounds
    std::uint64_t busy_again_ NAIO_GUARDED_BY(mutex_) = 0;  // how often report_busy has counted
    std::uint64_t reports_ NAIO_GUARDED_BY(mutex_) = 0;     // begun and not ended
    Waiters destroyed_;  // notified when a handle is destroyed, or a report begins or ends, while closed_
};

}  // namespace naio
