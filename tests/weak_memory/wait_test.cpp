// Tests threads that wait for an object, that run a completion queue during a wait, or that check the workers when an
// alarm goes off.
#include "exec/wait.h"

#include "world.h"

namespace {

using naio::kMillisecond;
using naio::Lock;
using naio::Mutex;

// A thread waits until another one notifies it, and then destroys the Waiters.
struct Notified final : weak_memory::Suite<Notified, 2> {
    Mutex mutex;
    std::optional<naio::Waiters> waiters;
    rl::var<int> over{0};

    void prepare() { waiters.emplace(); }
    void run(unsigned thread) {
        Lock lock(mutex);
        if (thread == 0) {
            over($) = 1;
            return waiters->notify_all();
        }
        while (over($) == 0) waiters->wait(mutex);
        waiters.reset();
    }
};
const weak_memory::Registration<Notified> notified("waiters", 3, 5'000);

// One thread finishes an operation and runs the queue, while another one waits for the handle, and would run the queue
// if no thread did. Each callback runs once, and sees what the one before has done.
struct QueueMeetsWaiter final : weak_memory::Suite<QueueMeetsWaiter, 2> {
    World world;
    naio::CompletionQueue* queue = nullptr;
    nng_aio first{world.services, called, this, nng_aio::Delivery::kQueued, nullptr, false};
    nng_aio second{world.services, called, this, nng_aio::Delivery::kQueued, nullptr, false};
    rl::var<int> callbacks{0};

    static void called(void* self) {
        auto& count = static_cast<QueueMeetsWaiter*>(self)->callbacks;
        count($) = count($) + 1;
    }
    void prepare() {
        queue = naio::CompletionQueue::create(world.allocator);
        queue->give_up(naio::Thread::current());
        for (nng_aio* aio : {&first, &second}) {
            aio->set_queue(queue);
            RL_ASSERT(aio->start(nullptr, nullptr));
        }
        second.finish({NNG_OK});
    }
    void run(unsigned thread) {
        if (thread == 1) return first.wait();
        first.finish({NNG_OK});
        queue->run(0);
        queue->give_up(naio::Thread::current());
    }
    void finish() {
        while (!queue->empty()) queue->run(0);
        RL_ASSERT(callbacks($) == 2);
        for (nng_aio* aio : {&first, &second}) aio->set_queue(nullptr);
        queue->release();
    }
};
const weak_memory::Registration<QueueMeetsWaiter> queue_meets_waiter("queue_meets_waiter", 1, 3'000);

// A thread runs a queue, and then waits for something else. Meanwhile a second thread takes the queue over, and a third
// one pushes, which may ring the bell of the first thread's wait. When that wait ends, the last ring is over: the end
// of a Condition asserts that each notification happens before it.
struct PushMeetsEndOfWait final : weak_memory::Suite<PushMeetsEndOfWait, 3> {
    World world;
    naio::CompletionQueue* queue = nullptr;
    naio::Task task{[](naio::Task&) noexcept -> naio::Task* { return nullptr; }};

    void prepare() { queue = naio::CompletionQueue::create(world.allocator); }
    void run(unsigned thread) {
        if (thread == 1) return queue->push(task);
        queue->run(0);
        if (thread == 2) return;
        naio::Bell bell;
        const naio::QueuesInWait wait(bell, nullptr);
    }
    void finish() {
        while (!queue->empty()) queue->run(0);
        queue->release();
    }
};
const weak_memory::Registration<PushMeetsEndOfWait> push_meets_end_of_wait("push_meets_end_of_wait", 1);

// An alarm goes off while its time is set: the alarm is set to that time afterwards.
struct CheckMeetsAlarm final : weak_memory::Suite<CheckMeetsAlarm, 2> {
    World world;

    void prepare() { world.timer.check_.is_kept = true; }
    void run(unsigned thread) {
        thread == 0 ? world.timer.check_in(kMillisecond) : static_cast<void>(world.timer.check_.go_off());
    }
    void finish() { RL_ASSERT(world.timer.check_.at_ == kMillisecond); }
};
const weak_memory::Registration<CheckMeetsAlarm> check_meets_alarm("check_meets_alarm", 3, 5'000);

// The library goes down while the timer reaps a handle and its provider ends the operation: the handle is gone when the
// registry is closed.
// The search is at random only: each wait of nng_fini may time out, so there are executions of any length.
struct FiniMeetsReap final : weak_memory::Suite<FiniMeetsReap, 3> {
    World world;
    nng_aio* aio = nullptr;
    naio::Slot* slot = nullptr;  // the handle has a reference to it

    void prepare() {
        slot = naio::Slot::create(world.allocator, naio::Slot::Kind::kPlain);
        aio = world.registry.create(nullptr, nullptr, nng_aio::Delivery::kQueued);
        aio->bind_slot(slot, naio::kTerminal);
        RL_ASSERT(aio->start(nullptr, nullptr));
        aio->reap();
        weak_memory::execution.clock = kMillisecond;
    }
    void run(unsigned thread) {
        if (thread == 0) return aio->finish({NNG_OK});
        if (thread == 1) return world.timer.ring();
        world.registry.close();
        RL_ASSERT(slot->uses_.uses_.fetch_add(0, std::memory_order_relaxed) == 1);
    }
    void finish() { slot->release(); }
};
const weak_memory::Registration<FiniMeetsReap> fini_meets_reap("fini_meets_reap", 0, 10'000);

}  // namespace
