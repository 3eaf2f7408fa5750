// A worker's share of a TaskQueue: a few tasks that the worker, the batch's owner, takes without a lock. Other workers
// can steal the tasks, so that no task waits behind a callback that blocks.
//
// Invariants:
//  1. Only the owner fills, pushes, pops and gives back. Filling, giving back and stealing need the queue's lock, so
//     one thread steals at a time. Of the functions that change the batch, only push and pop run without the lock.
//  2. The thread that moves head_ past a task has the task, and no other thread has it.
//  3. The owner pops right after each push, fill and steal, so that there is always room for one push. The owner pushes
//     only if it has seen a task in the batch. A thief may take that task before the push, so the owner pushes at most
//     one task to an empty batch. The owner then pops; this pop, or a thief before it, takes the task. After that, the
//     batch stays empty until the owner fills it or steals tasks.
//  4. head_ never decreases, and increases with each task that a thread takes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/atomic.h"
#include "base/fault.h"
#include "base/order.h"
#include "exec/task.h"

namespace naio {

class Batch {
  public:
    static constexpr std::size_t kSize = 64;

    // Any thread may call empty and size. The result may be out of date at once, because the owner pops without the
    // lock and other workers steal. It may also be too large: if the owner pops a task and pushes it again between the
    // two loads, size counts the task twice. If the owner finds its batch empty, the batch stays empty until the owner
    // fills it or steals.
    //
    // head_ is loaded before tail_. The acquire pairs with the stores of head_ in pop, give_back and steal. Otherwise
    // this thread could see a new head_ with an old tail_: a batch with tasks would seem empty, or the difference would
    // wrap.
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::size_t size() const noexcept {
        const std::size_t head = head_.load(NAIO_ORDER(batch_size, acquire));
        return tail_.load(std::memory_order_relaxed) - head;
    }

    // Returns the number of tasks that all threads together have taken out so far.
    [[nodiscard]] std::size_t taken() const noexcept { return head_.load(std::memory_order_relaxed); }

    void push(Task& task) noexcept {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        slot(tail).store(&task, std::memory_order_relaxed);
        // Pairs with the acquire load of tail_ in steal; otherwise a thief could read the slot before the task is in
        // it, or see the task without its contents.
        tail_.store(tail + 1, NAIO_ORDER(batch_push, release));
    }

    // Takes the first task; nullptr if there is none. The release pairs with the acquire loads of head_ in size and
    // steal; otherwise a thread could see the new head_ but not a push that came before this pop, and find a batch with
    // tasks empty. The acquire pairs with the release in steal; otherwise the owner could store a new task in a slot
    // that the thief has not read yet.
    Task* pop() noexcept {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        std::size_t head = head_.load(std::memory_order_relaxed);
        while (head != tail) {
            Task* task = slot(head).load(std::memory_order_relaxed);
            if (NAIO_FAULT(pop_compares_nothing)) {
                head_.store(head + 1, std::memory_order_relaxed);
                return task;
            }
            if (head_.compare_exchange_weak(head, head + 1, NAIO_ORDER(batch_pop, acq_rel), std::memory_order_relaxed))
                return task;
        }
        return nullptr;
    }

    // ---- with the queue's lock held

    // Moves up to kSize tasks from the front of the list to the batch, which is empty. Needs no release, because each
    // thread that reads the slots holds the lock or is the owner.
    void fill(TaskList& tasks) noexcept {
        std::size_t tail = tail_.load(std::memory_order_relaxed);
        const std::size_t end = tail + kSize;
        while (tail != end && !tasks.empty()) slot(tail++).store(tasks.pop(), std::memory_order_relaxed);
        tail_.store(tail, std::memory_order_relaxed);
    }

    // Moves all tasks to the end of the list. The release pairs with the acquire in size; otherwise a thread could see
    // the new head_ but not a push that came before, and the difference would wrap.
    void give_back(TaskList& tasks) noexcept {
        std::size_t head = head_.load(std::memory_order_relaxed);
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        while (head != tail) tasks.push(*slot(head++).load(std::memory_order_relaxed));
        head_.store(tail, NAIO_ORDER(batch_give_back, release));
    }

    // Moves the first half of another batch (steal_half), or all of it (steal_all), to this batch, which is empty.
    // False if `other` is empty.
    bool steal_half(Batch& other) noexcept { return steal(other, 2); }
    bool steal_all(Batch& other) noexcept { return steal(other, 1); }

  private:
    // Moves the first 1/one_in of the other batch's tasks, rounded up. The thief loads head_ before tail_. The acquire
    // of head_, here and in a compare-exchange that fails, pairs with the release in pop; otherwise the thief could see
    // the new head_ with an old tail_, and the difference would wrap. The acquire of tail_ pairs with the release in
    // push (see there). The release of head_ pairs with the acquires in pop and size; otherwise the owner could store a
    // new task in a slot before the thief has read it, and size could see the new head_ with an old tail_.
    bool steal(Batch& other, std::size_t one_in) noexcept {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        std::size_t head = other.head_.load(NAIO_ORDER(batch_steal_head, acquire));
        std::size_t count = 0;
        do {
            const std::size_t there = other.tail_.load(NAIO_ORDER(batch_steal_tail, acquire)) - head;
            count = std::min(kSize, (there + one_in - 1) / one_in);
            if (count == 0) return false;
            for (std::size_t i = 0; i < count; ++i)
                slot(tail + i).store(other.slot(head + i).load(std::memory_order_relaxed), std::memory_order_relaxed);
        } while (!other.head_.compare_exchange_weak(head, head + count, NAIO_ORDER(batch_steal, release),
                                                    NAIO_ORDER(batch_steal_again, acquire)));
        tail_.store(tail + count, std::memory_order_relaxed);
        return true;
    }

    Atomic<Task*>& slot(std::size_t index) noexcept { return tasks_[index % kSize]; }

    Atomic<std::size_t> head_{0};  // the index of the next task to be taken
    Atomic<std::size_t> tail_{0};  // the index of the next task to be pushed
    std::array<Atomic<Task*>, kSize> tasks_{};
};

}  // namespace naio
