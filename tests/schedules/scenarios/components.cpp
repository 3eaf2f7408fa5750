// Scenarios of small parts of the library. Some are so small that a depth-first search can run every schedule that has
// only a few preemptions.
#include "exec/batch.h"
#include "exec/inbox.h"
#include "exec/parking_lot.h"
#include "exec/task_queue.h"
#include "scenario.h"
#include "support/task_without_queue.h"

using naio::Batch;
using naio::Inbox;
using naio::ParkingLot;
using naio::Task;
using naio::TaskList;
using schedules::require;
using schedules::Thread;

namespace {

struct Counted : Task {
    Counted()
        : Task([](Task& task) noexcept -> Task* {
              ++static_cast<Counted&>(task).runs;
              return nullptr;
          }) {}
    int runs = 0;
};

struct Opens : Task {
    Opens()
        : Task([](Task& task) noexcept -> Task* {
              static_cast<Opens&>(task).gate.open();
              return nullptr;
          }) {}
    schedules::Gate gate;
};

void run_all(TaskList& tasks) {
    while (Task* task = tasks.pop()) static_cast<void>(task->run());
}

void push(Inbox& inbox, Task& task) {
    TaskList one;
    one.push(task);
    require(inbox.push(one), "the inbox is closed");
}

}  // namespace

SCENARIO(inbox, "two threads push to an inbox while a third thread takes the tasks") {
    Inbox inbox;
    Counted tasks[2];
    inbox.open();
    TaskList taken;
    {
        const Thread one([&] { push(inbox, tasks[0]); });
        const Thread other([&] { push(inbox, tasks[1]); });
        inbox.take(taken);
    }
    inbox.take(taken);
    run_all(taken);
    for (const Counted& each : tasks) require(each.runs == 1, "a task did not run exactly once");
}

SCENARIO(batch, "a worker pops from its batch, while another worker steals half of it") {
    Batch own, stolen;
    Counted tasks[3];
    TaskList list;
    for (Counted& each : tasks) list.push(each);
    own.fill(list);
    const auto pop_all = [](Batch& from) {
        while (Task* task = from.pop()) static_cast<void>(task->run());
    };
    {
        // Needs no lock, because no other thread steals, and the owner neither fills the batch nor gives tasks back.
        const Thread thief([&] {
            stolen.steal_half(own);
            pop_all(stolen);
        });
        pop_all(own);
    }
    for (const Counted& each : tasks) require(each.runs == 1, "a task did not run exactly once");
}

SCENARIO(parking_lot, "a thread parks until a value is changed, and another thread changes it") {
    ParkingLot lot;
    naio::Atomic<bool> changed{false};
    const Thread waker([&] {
        lot.wake_all_if(&changed, [&] {
            changed.store(true);
            return true;
        });
    });
    ParkingLot::Waiter waiter(lot, &changed);
    if (!changed.load()) require(waiter.sleep_until(naio::kNever), "the thread was not woken");
    require(changed.load(), "the thread woke too early");
}

SCENARIO(nap, "a thread parks twice; the thread that wakes it runs tasks, and each time its next task waits for it") {
    ParkingLot lot;
    naio::Atomic<unsigned> turn{0};
    schedules::Gate parks[2], awake[2];
    const Thread waker([&] {
        const support::TaskWithoutQueue runner;
        for (unsigned i = 0; i < 2; ++i) {
            parks[i].pass();
            lot.wake_all_if(&turn, [&] {
                turn.store(i + 1);
                return true;
            });
            awake[i].pass();  // a task that blocks, so that the runner makes no late notification
        }
    });
    for (unsigned i = 0; i < 2; ++i) {
        ParkingLot::Waiter waiter(lot, &turn);
        parks[i].open();
        require(waiter.sleep_until(naio::kNever), "the thread was not woken");
        require(turn.load() == i + 1, "the thread woke too early");
        awake[i].open();
    }
}

SCENARIO(task_queue, "a thread stops the queue while a task and the call of submit() may still run") {
    naio::TaskQueue queue;
    const naio::Allocator allocator;
    require(queue.start(allocator, {.min = 1, .max = 1}, "worker"), "the queue does not start");
    Opens task;
    const Thread submitter([&] { queue.submit(task); });
    task.gate.pass();
    queue.stop();
}
