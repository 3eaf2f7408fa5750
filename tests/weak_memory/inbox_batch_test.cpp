// Tests tasks that a submitter, the owner of a batch and a thief hand on: each task runs once, and sees the writes of
// its submitter.
#include "base/mutex.h"
#include "exec/batch.h"
#include "exec/inbox.h"
#include "suite.h"

namespace {

using naio::Batch;
using naio::Inbox;
using naio::Lock;
using naio::Mutex;
using naio::Task;
using naio::TaskList;

struct Counted : Task {
    Counted() : Task(nullptr) {}
    rl::var<int> data{0};  // written before each push of the task
    rl::var<int> runs{0};
};

struct InboxAndBatch final : weak_memory::Suite<InboxAndBatch, 3> {
    Inbox inbox;
    Batch own, stolen;
    Mutex mutex;
    Counted tasks[3];
    int total = 0;

    void prepare() { inbox.open(); }

    void run_one(Task* task) {
        auto& counted = static_cast<Counted&>(*task);
        RL_ASSERT(counted.data($) != 0);
        counted.runs($) = counted.runs($) + 1;
        ++total;
    }

    void submit() {
        for (int i = 0; i < 2; ++i) {
            TaskList list;
            tasks[i].data($) = 1;
            list.push(tasks[i]);
            if (i == 1) {
                tasks[2].data($) = 1;
                list.push(tasks[2]);
            }
            RL_ASSERT(inbox.push(list));
        }
    }

    // Runs each task. If other tasks wait in the batch, a task is pushed again, once, before it runs.
    void work() {
        for (int round = 0; round < 2; ++round) {
            {
                Lock lock(mutex);
                TaskList list;
                inbox.take(list);
                if (own.empty()) own.fill(list);
                while (Task* task = list.pop()) run_one(task);
            }
            while (Task* task = own.pop()) {
                auto& counted = static_cast<Counted&>(*task);
                if (counted.data($) == 1 && !own.empty()) {
                    counted.data($) = 2;
                    own.push(counted);
                } else {
                    run_one(task);
                }
            }
        }
    }

    void steal() {
        {
            Lock lock(mutex);
            stolen.steal_half(own);
        }
        while (Task* task = stolen.pop()) run_one(task);
    }

    void run(unsigned thread) {
        if (thread == 0)
            submit();
        else if (thread == 1)
            work();
        else
            steal();
    }

    void finish() {
        TaskList list;
        inbox.take(list);
        while (Task* task = list.pop()) run_one(task);
        while (Task* task = own.pop()) run_one(task);
        RL_ASSERT(total == 3);
        for (auto& task : tasks) RL_ASSERT(task.runs($) == 1);
    }
};
const weak_memory::Registration<InboxAndBatch> inbox_and_batch("inbox_batch", 2);

// A submitter pushes a task while the inbox is closed: the thread that closes the inbox gets the task, or the inbox
// refuses it.
struct InboxCloses final : weak_memory::Suite<InboxCloses, 2> {
    Inbox inbox;
    Counted task;

    void prepare() { inbox.open(); }
    void run(unsigned thread) {
        TaskList list;
        if (thread == 0) {
            task.data($) = 1;
            list.push(task);
            static_cast<void>(inbox.push(list));
        } else {
            inbox.close(list);
        }
        while (Task* each = list.pop()) {
            auto& counted = static_cast<Counted&>(*each);
            RL_ASSERT(counted.data($) == 1);
            counted.runs($) = counted.runs($) + 1;
        }
    }
    void finish() { RL_ASSERT(task.runs($) == 1); }
};
const weak_memory::Registration<InboxCloses> inbox_closes("inbox_closes", 3);

// A thread reads the size of a batch without the lock, while the owner pops a task, pushes it again, and gives all
// tasks back. The thread may count the popped task twice, but not more often.
struct BatchSize final : weak_memory::Suite<BatchSize, 2> {
    Batch batch;
    Counted tasks[2];
    void prepare() {
        TaskList list;
        for (auto& task : tasks) list.push(task);
        batch.fill(list);
    }
    void run(unsigned thread) {
        if (thread == 1) {
            RL_ASSERT(batch.size() <= 3);
            return;
        }
        Task* first = batch.pop();
        RL_ASSERT(first != nullptr);
        batch.push(*first);
        TaskList all;
        batch.give_back(all);
    }
};
const weak_memory::Registration<BatchSize> batch_size("batch_size", 3);

// A thread reads the size of a batch without the lock, while the owner pops a task and pushes it again, and a thief
// takes all tasks. If the reader sees what the thief has taken, the reader also sees the push. The only thief needs no
// lock.
struct BatchSizeMeetsTheft final : weak_memory::Suite<BatchSizeMeetsTheft, 3> {
    Batch batch, stolen;
    Counted tasks[2];
    void prepare() {
        TaskList list;
        for (auto& task : tasks) list.push(task);
        batch.fill(list);
    }
    void run(unsigned thread) {
        if (thread == 2) {
            RL_ASSERT(batch.size() <= 3);
        } else if (thread == 1) {
            static_cast<void>(stolen.steal_all(batch));
        } else {
            Task* first = batch.pop();
            if (first != nullptr && !batch.empty()) batch.push(*first);
        }
    }
};
const weak_memory::Registration<BatchSizeMeetsTheft> batch_size_meets_theft("batch_size_meets_theft", 2);

// A thread reads a batch without the lock, while the owner pops a task, pushes it again, and pops another one. The
// thread never sees the batch empty.
struct BatchNotEmpty final : weak_memory::Suite<BatchNotEmpty, 2> {
    Batch batch;
    Counted tasks[2];
    void prepare() {
        TaskList list;
        for (auto& task : tasks) list.push(task);
        batch.fill(list);
    }
    void run(unsigned thread) {
        if (thread == 1) {
            RL_ASSERT(!batch.empty());
            return;
        }
        Task* first = batch.pop();
        RL_ASSERT(first != nullptr);
        batch.push(*first);
        static_cast<void>(batch.pop());
    }
};
const weak_memory::Registration<BatchNotEmpty> batch_not_empty("batch_not_empty", 3);

// A thief takes the tasks of a batch while its owner pops one and pushes it again.
struct Theft final : weak_memory::Suite<Theft, 2> {
    Batch own, stolen;
    Mutex mutex;
    Counted tasks[2];
    int total = 0;

    void prepare() {
        TaskList list;
        for (auto& task : tasks) {
            task.data($) = 1;
            list.push(task);
        }
        own.fill(list);
    }
    void run_one(Task* task) {
        auto& counted = static_cast<Counted&>(*task);
        RL_ASSERT(counted.data($) != 0);
        counted.runs($) = counted.runs($) + 1;
        ++total;
    }
    void run(unsigned thread) {
        if (thread == 1) {
            {
                Lock lock(mutex);
                stolen.steal_all(own);
            }
            RL_ASSERT(stolen.size() <= 2);
            while (Task* task = stolen.pop()) run_one(task);
            return;
        }
        Task* first = own.pop();
        if (first == nullptr) return;
        if (own.empty()) return run_one(first);
        auto& counted = static_cast<Counted&>(*first);
        counted.data($) = 2;
        own.push(counted);
        while (Task* task = own.pop()) run_one(task);
    }
    void finish() { RL_ASSERT(total == 2); }
};
const weak_memory::Registration<Theft> theft("batch_theft", 3);

}  // namespace
