// Tests an operation's own slot that is made while the operation is asked to end: it remembers the accepted types.
// Tests emissions that meet other emissions, or a start.
#include "aio/slot_uses.h"
#include "base/mutex.h"
#include "world.h"

namespace {

using naio::kTerminal;
using naio::Slot;

bool accepts(nng_aio* aio, void*, naio_cancel types, nng_err) {
    static_cast<void>(aio->forward_accepted(types, types));
    return true;
}

template <class Derived, int kThreads>
struct WithSlot : weak_memory::Suite<Derived, kThreads> {
    World world;
    nng_aio aio{world.services, nullptr, nullptr, nng_aio::Delivery::kQueued, nullptr, false};

    void begin(naio_cancelfn cancel) {
        naio::Cancellation cancellation{};
        cancellation.guarantee = kTerminal;
        cancellation.cancel = cancel;
        RL_ASSERT(aio.start(cancellation));
    }
    void request() { static_cast<void>(aio.cancel(kTerminal, NNG_ECANCELED)); }
    // Called when the threads have ended.
    void slot_remembers_what_is_accepted() {
        Slot* const slot = aio.own_slot_.load();
        RL_ASSERT(slot != nullptr);
        RL_ASSERT(slot->remembers(kTerminal) == ((aio.accepted() & kTerminal) != 0));
    }
};

struct SlotMeetsRequest final : WithSlot<SlotMeetsRequest, 2> {
    void prepare() { begin(accepts); }
    void run(unsigned thread) { thread == 0 ? static_cast<void>(aio.slot()) : request(); }
    void finish() {
        RL_ASSERT(aio.accepted() == kTerminal);
        slot_remembers_what_is_accepted();
    }
};
const weak_memory::Registration<SlotMeetsRequest> slot_meets_request("slot_made", 3);

// The cancel function passes the request on to the slot with forward(), as programs do.
struct SlotMeetsForward final : WithSlot<SlotMeetsForward, 2> {
    void prepare() {
        begin([](nng_aio* aio, void*, naio_cancel types, nng_err reason) {
            static_cast<void>(aio->forward(types, types, reason, 0));
            return true;
        });
    }
    void run(unsigned thread) { thread == 0 ? static_cast<void>(aio.slot()) : request(); }
    void finish() { slot_remembers_what_is_accepted(); }
};
const weak_memory::Registration<SlotMeetsForward> slot_meets_forward("slot_meets_forward", 3, 5'000);

// Two threads make the slot, and both get the same one.
struct SlotMadeTwice final : WithSlot<SlotMadeTwice, 2> {
    Slot* made[2] = {};
    void prepare() { begin(accepts); }
    void run(unsigned thread) {
        made[thread] = aio.slot();
        RL_ASSERT(!made[thread]->remembers(kTerminal));
    }
    void finish() { RL_ASSERT(made[0] == made[1]); }
};
const weak_memory::Registration<SlotMadeTwice> slot_made_twice("slot_made_twice", 3);

// The provider clears an accepted request while another thread makes the slot.
struct SlotMeetsClear final : WithSlot<SlotMeetsClear, 2> {
    void prepare() {
        begin(accepts);
        request();
    }
    void run(unsigned thread) {
        thread == 0 ? static_cast<void>(aio.slot()) : static_cast<void>(aio.acknowledge(kTerminal));
    }
    void finish() { slot_remembers_what_is_accepted(); }
};
const weak_memory::Registration<SlotMeetsClear> slot_meets_clear("slot_meets_clear", 3);

// The cancel function declines while another thread makes the slot.
struct SlotMeetsDecline final : WithSlot<SlotMeetsDecline, 2> {
    void prepare() {
        begin([](nng_aio*, void*, naio_cancel, nng_err) { return false; });
    }
    void run(unsigned thread) { thread == 0 ? static_cast<void>(aio.slot()) : request(); }
    void finish() { slot_remembers_what_is_accepted(); }
};
const weak_memory::Registration<SlotMeetsDecline> slot_meets_decline("slot_meets_decline", 3);

// Two threads have a call to make for a slot. The calls do not overlap, each is made, and the second one sees the
// writes of the first.
struct CallsMeet final : weak_memory::Suite<CallsMeet, 2> {
    naio::Mutex mutex;
    naio::SlotUses uses;
    int left = 0;
    rl::var<int> made{0};

    void run(unsigned) {
        {
            naio::Lock lock(mutex);
            if (!uses.begin()) {
                ++left;
                return;
            }
        }
        made($) = made($) + 1;
        while (uses.end() == naio::SlotUses::End::kRest) {
            int rest = 0;
            {
                naio::Lock lock(mutex);
                uses.take_rest();
                std::swap(rest, left);
            }
            made($) = made($) + rest;
        }
    }
    void finish() { RL_ASSERT(made($) == 2 && uses.release()); }
};
const weak_memory::Registration<CallsMeet> calls_meet("slot_calls", 3);

// The thread that gives up the last reference to a slot, with the right to make calls or without it, destroys what the
// other thread has used.
struct CallsMeetRelease final : weak_memory::Suite<CallsMeetRelease, 2> {
    naio::SlotUses uses;
    rl::var<int> slot[2]{0, 0};

    void prepare() { RL_ASSERT(uses.begin()); }
    void run(unsigned thread) {
        slot[thread]($) = 1;
        const bool last = thread == 0 ? uses.release() : uses.end() == naio::SlotUses::End::kLast;
        if (!last) return;
        for (auto& each : slot) RL_ASSERT(each($) == 1);
    }
};
const weak_memory::Registration<CallsMeetRelease> calls_meet_release("slot_calls_end", 3);

// A thread sets a flag and then emits. A provider starts an operation, on a handle that is bound to the slot before or
// in this moment, and then reads the flag. Either the emission reaches the operation, or the provider sees the flag.
template <class Derived>
struct EmissionMeetsStart : weak_memory::Suite<Derived, 2> {
    World world;
    nng_aio aio{world.services, nullptr, nullptr, nng_aio::Delivery::kQueued, nullptr, false};
    Slot* const slot = Slot::create(world.allocator, Slot::Kind::kPlain);
    naio::Atomic<bool> closed{false}, owned{false};

    void end(nng_err result) {
        if (owned.exchange(false)) aio.finish({result});
    }
    static bool cancel(nng_aio*, void* self, naio_cancel, nng_err reason) {
        static_cast<EmissionMeetsStart*>(self)->end(reason);
        return true;
    }
    void start() {
        naio::Cancellation cancellation{};
        cancellation.guarantee = kTerminal;
        cancellation.cancel = cancel;
        cancellation.argument = this;
        owned.store(true);
        RL_ASSERT(aio.start(cancellation));
        if (closed.load()) end(NNG_ECLOSED);
    }
    void emit() {
        closed.store(true);
        static_cast<void>(slot->emit(kTerminal, 0, NNG_ECANCELED));
    }
    void finish() {
        RL_ASSERT(!aio.in_flight());
        aio.bind_slot(nullptr, 0);
        slot->release();
    }
};

// A scope remembers a request, and a provider that finds it sees what the requesting thread has written before.
struct ScopeMeetsAttempt final : weak_memory::Suite<ScopeMeetsAttempt, 2> {
    World world;
    Slot* const scope = Slot::create(world.allocator, Slot::Kind::kScope);
    rl::var<int> written{0};

    void run(unsigned thread) {
        if (thread == 0) {
            written($) = 1;
            static_cast<void>(scope->emit(kTerminal, kTerminal, NNG_ECANCELED));
        } else if (scope->remembers(kTerminal)) {
            RL_ASSERT(written($) == 1);
        }
    }
    void finish() { scope->release(); }
};
const weak_memory::Registration<ScopeMeetsAttempt> scope_meets_attempt("scope_meets_attempt", 3);

struct EmissionMeetsBind final : EmissionMeetsStart<EmissionMeetsBind> {
    void run(unsigned thread) {
        if (thread != 0) return emit();
        aio.bind_slot(slot, kTerminal);
        start();
    }
};
const weak_memory::Registration<EmissionMeetsBind> emission_meets_bind("emission_meets_bind", 3, 5'000);

struct EmissionMeetsStartOnly final : EmissionMeetsStart<EmissionMeetsStartOnly> {
    void prepare() { aio.bind_slot(slot, kTerminal); }
    void run(unsigned thread) { thread == 0 ? start() : emit(); }
};
const weak_memory::Registration<EmissionMeetsStartOnly> emission_meets_start("emission_meets_start", 3, 5'000);

}  // namespace
