// Tests that a thread that reads a change of an operation's state also sees what the thread that made the change had
// written before.
#include "world.h"

namespace {

using naio::kTerminal;

template <class Derived>
struct Observed : weak_memory::Suite<Derived, 2> {
    World world;
    nng_aio aio{world.services, nullptr, nullptr, nng_aio::Delivery::kQueued, nullptr, false};
    rl::var<int> done{0};

    static bool accept(nng_aio*, void*, naio_cancel, nng_err) { return true; }
    void start_plain() {
        RL_ASSERT(aio.start([](nng_aio*, void*, nng_err) {}, nullptr));
    }
    void start_typed() {
        naio::Cancellation cancellation{};
        cancellation.guarantee = kTerminal;
        cancellation.cancel = accept;
        RL_ASSERT(aio.start(cancellation));
    }
    void cancel() { static_cast<void>(aio.cancel(kTerminal, NNG_ECANCELED)); }
    void finish() {
        if (aio.in_flight()) aio.finish({NNG_OK});
    }
};

struct SeesTheEnd final : Observed<SeesTheEnd> {
    void prepare() { start_plain(); }
    void run(unsigned thread) {
        if (thread == 0) {
            done($) = 1;
            return aio.finish({NNG_OK});
        }
        if (!aio.in_flight()) RL_ASSERT(done($) == 1);
    }
};
const weak_memory::Registration<SeesTheEnd> sees_the_end("sees_the_end", 3, 5'000);

struct SeesTheStop final : Observed<SeesTheStop> {
    void run(unsigned thread) {
        if (thread == 0) {
            done($) = 1;
            return aio.close();
        }
        if (aio.refuses()) RL_ASSERT(done($) == 1);
    }
};
const weak_memory::Registration<SeesTheStop> sees_the_stop("sees_the_stop", 3, 5'000);

struct SeesTheRequest final : Observed<SeesTheRequest> {
    void prepare() { start_typed(); }
    void run(unsigned thread) {
        if (thread == 0) {
            done($) = 1;
            return cancel();
        }
        if (aio.cancelled() != 0) RL_ASSERT(done($) == 1);
    }
};
const weak_memory::Registration<SeesTheRequest> sees_the_request("sees_the_request", 3, 5'000);

struct SeesTheReason final : Observed<SeesTheReason> {
    void prepare() { start_plain(); }
    void run(unsigned thread) {
        if (thread == 0) {
            done($) = 1;
            return cancel();
        }
        if (aio.reason() != NNG_OK) RL_ASSERT(done($) == 1);
    }
};
const weak_memory::Registration<SeesTheReason> sees_the_reason("sees_the_reason", 3, 5'000);

// A handle is freed while its callback runs. When free returns, the thread that called it may use what the callback has
// used.
struct FreeMeetsCallback final : weak_memory::Suite<FreeMeetsCallback, 2> {
    World world;
    nng_aio* aio = nullptr;
    rl::var<int> used{0};

    static void called(void* self) { static_cast<FreeMeetsCallback*>(self)->used($) = 1; }
    void prepare() {
        aio = world.registry.create(called, this, nng_aio::Delivery::kQueued);
        RL_ASSERT(aio->start(nullptr, nullptr));
    }
    void run(unsigned thread) {
        if (thread == 0) return aio->finish({NNG_OK});
        aio->free();
        used($) = 2;
    }
};
const weak_memory::Registration<FreeMeetsCallback> free_meets_callback("free_meets_callback", 2, 5'000);

// A thread that closes an object sets a flag and then cancels. The provider starts an operation and then reads the
// flag. Either the cancel reaches the operation, or the provider sees the flag, as if cancel and start took a lock.
struct StartMeetsFlag final : weak_memory::Suite<StartMeetsFlag, 2> {
    World world;
    nng_aio aio{world.services, nullptr, nullptr, nng_aio::Delivery::kQueued, nullptr, false};
    naio::Atomic<bool> closed{false}, owned{false};

    void end(nng_err result) {
        if (owned.exchange(false)) aio.finish({result});
    }
    static void cancel(nng_aio*, void* self, nng_err reason) { static_cast<StartMeetsFlag*>(self)->end(reason); }
    void run(unsigned thread) {
        if (thread == 0) {
            owned.store(true);
            RL_ASSERT(aio.start(cancel, this));
            if (closed.load()) end(NNG_ECLOSED);
        } else {
            closed.store(true);
            static_cast<void>(aio.cancel(kTerminal, NNG_ECANCELED));
        }
    }
    void finish() { RL_ASSERT(!aio.in_flight()); }
};
const weak_memory::Registration<StartMeetsFlag> start_meets_flag("start_meets_flag", 3, 5'000);

}  // namespace
