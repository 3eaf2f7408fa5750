// Tests an operation's own slot that is made while the operation is asked to end: it remembers the accepted types.
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

}  // namespace
