#include "aio/registry.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>

#include "aio/slab.h"
#include "base/fault.h"
#include "base/panic.h"

namespace naio {

namespace {

// Returns the first address in the memory that is aligned for a slab and its handles. Neither malloc nor an allocator
// of the program aligns to cache lines.
void* aligned(void* memory) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    const std::uintptr_t rounded = (address + alignof(Aio) - 1) / alignof(Aio) * alignof(Aio);
    return static_cast<std::byte*>(memory) + (rounded - address);
}

}  // namespace

nng_aio* Registry::create(Operation::Callback callback, void* argument, Operation::Delivery delivery) noexcept {
    Lock lock(mutex_);
    Slab* slab = slabs_.front();
    if (slab == nullptr || slab->full()) slab = grow();
    if (slab == nullptr) return nullptr;
    const auto index = static_cast<unsigned>(std::countr_one(slab->live));
    ++made_;
    slab->live |= std::uint64_t{1} << index;
    if (slab->full()) place(*slab);
    return new (slab->at(index))
        Aio(services_, callback, argument, delivery, slab, closed_ && !NAIO_FAULT(new_handle_misses_fini));
}

void Registry::destroy(Operation& operation) noexcept {
    Aio& aio = operation.handle();
    Slab& slab = *static_cast<Slab*>(aio.home());
    Lock lock(mutex_);
    const std::uint64_t bit = std::uint64_t{1} << slab.index_of(aio);
    if ((slab.live & bit) == 0) panic("nng_aio %p: freed twice", static_cast<void*>(&aio));
    if (slab.full()) return leave_full(slab, aio, bit);
    end(aio);
    slab.live &= ~bit;
    if (slab.live == 0) {
        // Unless the library is closed, keep one slab with room for the next handle.
        Slab* other = slabs_.front();
        if (other == &slab) other = slabs_.after(slab);
        const bool room_elsewhere = other != nullptr && !other->full();
        if (closed_ || room_elsewhere) release(slab);
    }
}

inline void Registry::end(Aio& aio) noexcept {
    aio.~Aio();
    ++gone_;
    if (closed_ && !NAIO_FAULT(fini_misses_the_destruction)) destroyed_.notify_all();
}

// Destroys a handle in a slab that is full. A slab in memory of the program is always full, so only this function
// checks for such a slab.
[[gnu::noinline]] void Registry::leave_full(Slab& slab, Aio& aio, std::uint64_t bit) noexcept {
    if (slab.foreign()) require_ending(static_cast<ForeignSlab&>(slab), aio);
    end(aio);
    slab.live &= ~bit;
    if (kSanitized || slab.foreign()) return release(slab);
    place(slab);
}

bool Registry::begin_report() noexcept {
    Lock lock(mutex_);
    ++reports_;
    report_begun_ = true;
    if (closed_) destroyed_.notify_all();
    return over_;
}

void Registry::end_report() noexcept {
    Lock lock(mutex_);
    --reports_;
    if (closed_) destroyed_.notify_all();
}

Registry::Slab* Registry::grow() noexcept {
    void* block = allocator_.allocate(Slab::kBlockSize);
    if (block == nullptr) return nullptr;
    auto* slab = new (aligned(block)) Slab(block, ++slabs_made_);
    slabs_.push_front(*slab);
    all_.push_back(slab->in_order);
    return slab;
}

// ---- handles in memory of the program

bool Registry::is_foreign(const Operation& operation) noexcept {
    return static_cast<const Slab*>(operation.home())->foreign();
}

void Registry::expect_end(Operation& operation) noexcept {
    Lock lock(mutex_);
    static_cast<ForeignSlab*>(static_cast<Slab*>(operation.home()))->ending = true;
}

void Registry::require_own_memory(Operation& operation) noexcept {
    if (!is_foreign(operation)) return;
    Lock lock(mutex_);
    require_ending(*static_cast<ForeignSlab*>(static_cast<Slab*>(operation.home())), operation);
}

void Registry::require_ending(const ForeignSlab& slab, const Operation& operation) noexcept {
    if (!slab.ending)
        operation.fail("nng_aio_free or nng_aio_reap", "it is in memory of the program: call naio_aio_fini");
}

// Returns the pointer to the slab at this address in its chain, or, if there is no such slab, to the end of the chain.
Registry::ForeignSlab*& Registry::place_in_chain(const void* address) noexcept {
    ForeignSlab** place = &foreign_[reinterpret_cast<std::uintptr_t>(address) / alignof(Aio) % kChains];
    while (*place != nullptr && *place != address) place = &(*place)->next;
    return *place;
}

nng_aio& Registry::create_in(void* memory, Operation::Callback callback, void* argument, const char* call) noexcept {
    void* const at = aligned(memory);
    Lock lock(mutex_);
    ForeignSlab*& place = place_in_chain(at);
    if (place != nullptr) place->at(0)->fail(call, "this memory has a handle already");
    place = new (at) ForeignSlab(++slabs_made_);
    slabs_.push_back(*place);
    all_.push_back(place->in_order);
    ++made_;
    return *new (place->handle)
        Aio(services_, callback, argument, Operation::Delivery::kQueued, static_cast<Slab*>(place), closed_);
}

void Registry::place(Slab& slab) noexcept {
    slab.unlink();
    if (slab.full())
        slabs_.push_back(slab);
    else
        slabs_.push_front(slab);
}

void Registry::release(Slab& slab) noexcept {
    slab.unlink();
    slab.in_order.unlink();
    ++released_;
    if (slab.foreign()) {
        ForeignSlab*& place = place_in_chain(&slab);
        place = place->next;
    } else {
        allocator_.release(slab.block, Slab::kBlockSize);
    }
}

void Registry::close() noexcept {
    end_operations();
    StallWatch watch(nullptr);
    while (!end_rounds(watch)) {
    }
}

// Counts only calls in callbacks. Other threads may make handles busy again and again, and close would never return.
void Registry::report_busy() noexcept {
    if (!CallOut::any()) return;
    Lock lock(mutex_);
    ++busy_again_;
}

// Waits for all handles, and then for the functions of EndReports. True if all have returned. False if one has ended,
// or a handle with one has become busy again, which may be in a queue that only this thread runs.
bool Registry::end_rounds(StallWatch& watch) noexcept {
    {
        Lock lock(mutex_);
        report_begun_ = false;
    }
    // A callback may complete an operation on a handle that this thread has already found idle. So this function makes
    // rounds until one finds no busy handle, and no callback has made a handle busy during that round.
    while (wait_for_operations(watch) && !NAIO_FAULT(fini_makes_one_round)) {
    }
    Lock lock(mutex_);
    over_ = reports_ == 0 || NAIO_FAULT(fini_waits_for_no_report);
    if (!over_ && !report_begun_) destroyed_.wait(mutex_);
    return over_;
}

// Asks the operations of one slab after the other to end, and moves the slab to seen_ when none of its operations has
// to be asked. If a full slab in seen_ loses a handle, it comes back to slabs_, and is examined again. A cancel
// function is called without the lock, and may wait for other operations. So this claims one operation at a time, and
// after the call examines the operation's slab again from the beginning.
void Registry::end_operations() noexcept {
    for (;;) {
        Aio* claimed = nullptr;
        Types types = 0;
        {
            Lock lock(mutex_);
            closed_ = true;
            Slab* slab = slabs_.pop_front();
            if (slab == nullptr) {
                while (Slab* each = seen_.pop_front()) place(*each);
                return;
            }
            slab->for_each([&](Aio& aio) {
                if (claimed != nullptr || NAIO_FAULT(fini_ends_no_operation)) return;
                types = aio.claim_closed();
                if (types != 0) claimed = &aio;
            });
            if (claimed != nullptr)
                slabs_.push_front(*slab);
            else
                seen_.push_back(*slab);
        }
        // The claim keeps the handle alive and busy.
        if (claimed != nullptr) claimed->end_claimed(types);
    }
}

// Makes one round over all slabs, as end_operations does. True if a handle was busy, or if a callback has made one busy
// during the round: the round may have examined that handle before, and the callback's own handle after the callback
// had returned. In each slab, waits for one busy handle, for kPatience at most, because that handle may depend on the
// callback of another handle, in a queue that only this thread runs.
bool Registry::wait_for_operations(StallWatch& watch) noexcept {
    constexpr Nanoseconds kPatience = 10 * kMillisecond;
    bool any = false;
    std::optional<std::uint64_t> before;  // busy_again_ before the round
    for (;;) {
        std::optional<ParkingLot::Waiter> waiter;
        CompletionQueue* queue = nullptr;
        {
            Lock lock(mutex_);
            if (!before) before = busy_again_;
            Slab* slab = slabs_.front();
            if (slab == nullptr) {
                while (Slab* each = seen_.pop_front()) place(*each);
                return any || (busy_again_ != *before && !NAIO_FAULT(fini_trusts_its_round));
            }
            Aio* busy = nullptr;
            bool reaped = false;
            slab->for_each([&](Aio& aio) {
                if (NAIO_FAULT(fini_reads_destroy_when_idle_first)) reaped = reaped || aio.destroy_when_idle();
                // A handle with a queue comes first, because this thread may have to run the queue.
                if (aio.busy() && (busy == nullptr || (busy->queue() == nullptr && aio.queue() != nullptr)))
                    busy = &aio;
                // This read must follow the call of busy(): otherwise the handle could be reaped, and then become idle,
                // between the two.
                if (!NAIO_FAULT(fini_reads_destroy_when_idle_first)) reaped = reaped || aio.destroy_when_idle();
            });
            if (busy != nullptr) {
                waiter.emplace(services_.parking, busy);
                if (!busy->announce_wait()) continue;
                queue = busy->retain_queue(*waiter);
            } else if (reaped && !NAIO_FAULT(fini_ignores_the_reaped)) {
                // The thread that has made the handle idle is about to destroy it. That may be a thread of the program.
                destroyed_.wait(mutex_);
                continue;
            }
            slab->unlink();
            seen_.push_back(*slab);
        }
        if (!waiter) continue;
        any = true;
        const Nanoseconds deadline = now() + kPatience;
        static_cast<void>(waiter->wait_until(deadline, queue, watch));
        watch.report_if_long();
        if (queue != nullptr) queue->release();
    }
}

void Registry::open() noexcept {
    Lock lock(mutex_);
    closed_ = over_ = false;
    for_each_slab([](Slab& slab) { slab.for_each([](Aio& aio) { aio.open(); }); });
}

void Registry::trim() noexcept {
    Lock lock(mutex_);
    for (Slab* slab = slabs_.front(); slab != nullptr;) {
        Slab* next = slabs_.after(*slab);
        if (slab->live == 0) release(*slab);
        slab = next;
    }
}

void Registry::count_into(Stats& stats) noexcept {
    Lock lock(mutex_);
    stats.handles += made_ - gone_;
    stats.handles_made += made_;
}

}  // namespace naio
