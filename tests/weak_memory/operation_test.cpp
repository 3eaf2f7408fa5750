// Tests that a thread that changes an operation's state publishes what the thread has written before. It is a thread
// of the provider, one that calls the cancel function, or one that runs the callback.
#include "world.h"

namespace {

using naio::kMillisecond;

// A provider finishes while another thread cancels. The callback sees what the provider has written. If the other
// thread has called the cancel function, the callback also sees all that this function has written.
struct FinishMeetsCancel final : weak_memory::Suite<FinishMeetsCancel, 2> {
    World world;
    nng_aio aio{world.services, called, this, nng_aio::Delivery::kQueued, nullptr, false};
    rl::var<int> started{0}, finished{0}, canceled{0};
    int callbacks = 0;

    static void called(void* self) {
        auto& test = *static_cast<FinishMeetsCancel*>(self);
        RL_ASSERT(test.finished($) == 1);
        RL_ASSERT(test.canceled($) != 1);
        ++test.callbacks;
    }
    static void cancel(nng_aio*, void* self, nng_err reason) {
        auto& test = *static_cast<FinishMeetsCancel*>(self);
        RL_ASSERT(reason == NNG_ECANCELED);
        RL_ASSERT(test.started($) == 1);
        test.canceled($) = 1;
        test.canceled($) = 2;
    }
    void prepare() {
        started($) = 1;
        RL_ASSERT(aio.start(cancel, this));
    }
    void run(unsigned thread) {
        if (thread == 0) {
            finished($) = 1;
            aio.finish({NNG_OK});
        } else {
            static_cast<void>(aio.cancel(naio::kTerminal, NNG_ECANCELED));
        }
    }
    void finish() { RL_ASSERT(callbacks == 1); }
};
const weak_memory::Registration<FinishMeetsCancel> finish_meets_cancel("finish_meets_cancel", 3);

// A thread cancels an operation that has just been started: the cancel function sees what its provider has prepared.
struct StartMeetsCancel final : weak_memory::Suite<StartMeetsCancel, 2> {
    World world;
    nng_aio aio{world.services, [](void*) {}, this, nng_aio::Delivery::kQueued, nullptr, false};
    rl::var<int> prepared{0};

    static void cancel(nng_aio* aio, void* self, nng_err reason) {
        RL_ASSERT(static_cast<StartMeetsCancel*>(self)->prepared($) == 1);
        aio->finish({reason});
    }
    void run(unsigned thread) {
        if (thread == 0) {
            prepared($) = 1;
            RL_ASSERT(aio.start(cancel, this));
        } else {
            static_cast<void>(aio.cancel(naio::kTerminal, NNG_ECANCELED));
        }
    }
    void finish() {
        if (aio.in_flight()) aio.finish({NNG_OK});
    }
};
const weak_memory::Registration<StartMeetsCancel> start_meets_cancel("start_meets_cancel", 3);

// A thread waits, or finds the handle idle: it sees what the callback has done.
struct WaitMeetsCallback final : weak_memory::Suite<WaitMeetsCallback, 2> {
    World world;
    nng_aio aio{world.services, called, this, nng_aio::Delivery::kQueued, nullptr, false};
    rl::var<int> called_back{0};

    static void called(void* self) { static_cast<WaitMeetsCallback*>(self)->called_back($) = 1; }
    void prepare() { RL_ASSERT(aio.start(nullptr, nullptr)); }
    void run(unsigned thread) {
        if (thread == 0) return aio.finish({NNG_OK});
        aio.wait();
        RL_ASSERT(called_back($) == 1);
    }
};
const weak_memory::Registration<WaitMeetsCallback> wait_meets_callback("wait_meets_callback", 3);

// Two threads post: a callback that begins after a post sees what the thread has written before the post, even if the
// callback was queued by the other thread.
struct PostMeetsPost final : weak_memory::Suite<PostMeetsPost, 2> {
    World world;
    nng_aio aio{world.services, called, this, nng_aio::Delivery::kQueued, nullptr, false};
    naio::Atomic<int> written[2] = {{0}, {0}};
    int seen[2] = {0, 0};

    static void called(void* self) {
        auto& test = *static_cast<PostMeetsPost*>(self);
        for (int i = 0; i < 2; ++i) test.seen[i] |= test.written[i].load(std::memory_order_relaxed);
    }
    void run(unsigned thread) {
        written[thread].store(1, std::memory_order_relaxed);
        RL_ASSERT(aio.post());
    }
    void finish() { RL_ASSERT(seen[0] == 1 && seen[1] == 1); }
};
const weak_memory::Registration<PostMeetsPost> post_meets_post("post_meets_post", 3);

// A provider of NNG 1 whose timer is being stopped defers again on another thread. If the new function is called for
// the stop, it sees what that thread has written before.
struct DeferMeetsStop final : weak_memory::Suite<DeferMeetsStop, 2> {
    World world;
    nng_aio aio{world.services, nullptr, nullptr, nng_aio::Delivery::kQueued, nullptr, false};
    naio::Atomic<int> asked{0};
    rl::var<int> prepared{0};

    static void note(nng_aio*, void* self, int) {
        static_cast<DeferMeetsStop*>(self)->asked.store(1, std::memory_order_release);
    }
    static void called_again(nng_aio*, void* self, int) {
        RL_ASSERT(static_cast<DeferMeetsStop*>(self)->prepared($) == 1);
    }
    void prepare() {
        RL_ASSERT(aio.begin_nng1());
        aio.defer_nng1(note, this, naio::Limit{}, true);
    }
    void run(unsigned thread) {
        if (thread == 0) return aio.close(NNG_ECANCELED);
        if (asked.load(std::memory_order_acquire) == 0) return;
        prepared($) = 1;
        aio.defer_nng1(called_again, this, naio::Limit{});
    }
    void finish() { RL_ASSERT(!aio.busy()); }
};
const weak_memory::Registration<DeferMeetsStop> defer_meets_stop("defer_meets_stop", 3);

// The provider finishes such an operation at the same time: there is one callback, which sees what the provider has
// written.
struct FinishMeetsWithdrawal final : weak_memory::Suite<FinishMeetsWithdrawal, 2> {
    World world;
    nng_aio aio{world.services, called, this, nng_aio::Delivery::kQueued, nullptr, false};
    rl::var<int> finished{0};
    int callbacks = 0;

    static void called(void* self) {
        auto& test = *static_cast<FinishMeetsWithdrawal*>(self);
        RL_ASSERT(test.finished($) == 1 && test.aio.result() == NNG_EPROTO);
        ++test.callbacks;
    }
    void prepare() {
        RL_ASSERT(aio.begin_nng1());
        aio.defer_nng1([](nng_aio*, void*, int) {}, nullptr, naio::Limit{}, true);
    }
    void run(unsigned thread) {
        if (thread == 0) return aio.close(NNG_ECANCELED);
        finished($) = 1;
        aio.finish_nng1(NNG_EPROTO);
    }
    void finish() { RL_ASSERT(callbacks == 1 && !aio.busy()); }
};
const weak_memory::Registration<FinishMeetsWithdrawal> finish_meets_withdrawal("finish_meets_withdrawal", 3);

}  // namespace
