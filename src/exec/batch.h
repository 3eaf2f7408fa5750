// A worker's share of a TaskQueue: a few tasks that its owner takes without a lock, and that others can steal, so that
// none of them waits behind a callback that blocks.
//
// Invariants:
//  1. The owner alone fills, pushes and pops. Filling, giving back and stealing take the queue's lock, so there is one
//     thief at a time. What races with it is push and pop.
//  2. The thread that moves head_ past a task has the task, and no other thread has it.
//  3. push is for a batch that is not empty, and is followed by pop. So there is always room. A batch that another
//     thread has found empty stays empty until the owner's next task, unless it is filled.
//  4. head_ never goes back: while it stands still, no task has been taken.
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

    // Any thread. Without the lock it is only a hint to threads other than the owner: it was true a moment ago.
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::size_t size() const noexcept {
        const std::size_t head = head_.load(NAIO_ORDER(batch_size, acquire));  // before tail_: see pop
        return tail_.load(std::memory_order_relaxed) - head;
    }

    // How many tasks all threads together have taken out so far.
    [[nodiscard]] std::size_t taken() const noexcept { return head_.load(std::memory_order_relaxed); }

    void push(Task& task) noexcept {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        slot(tail).store(&task, std::memory_order_relaxed);
        tail_.store(tail + 1, NAIO_ORDER(batch_push, release));  // the task as it is now
    }

    // Takes the first task, if any. The release pairs with the acquire in size; otherwise a thread could see the task
    // gone, but not the task that was pushed before. The acquire pairs with the release in steal: the owner uses a
    // place again only after the thief has read it.
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

    // From the front of the list, into an empty batch. A thread that reads the places has the lock, or is the owner.
    void fill(TaskList& tasks) noexcept {
        std::size_t tail = tail_.load(std::memory_order_relaxed);
        const std::size_t end = tail + kSize;
        while (tail != end && !tasks.empty()) slot(tail++).store(tasks.pop(), std::memory_order_relaxed);
        tail_.store(tail, std::memory_order_relaxed);
    }

    // Everything, to the end of the list.
    void give_back(TaskList& tasks) noexcept {
        std::size_t head = head_.load(std::memory_order_relaxed);
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        while (head != tail) tasks.push(*slot(head++).load(std::memory_order_relaxed));
        head_.store(tail, NAIO_ORDER(batch_give_back, release));
    }

    // The first half of another's, or all of it, into an empty batch.
    void steal_half(Batch& other) noexcept { steal(other, 2); }
    void steal_all(Batch& other) noexcept { steal(other, 1); }

  private:
    // One in so many, from the front. The loads of head_ come before that of tail_, and acquire: otherwise the thief
    // could find more tasks taken than were pushed. The exchange releases what it has read of the places, see pop.
    void steal(Batch& other, std::size_t one_in) noexcept {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        std::size_t head = other.head_.load(NAIO_ORDER(batch_steal_head, acquire));
        std::size_t count = 0;
        do {
            const std::size_t there = other.tail_.load(NAIO_ORDER(batch_steal_tail, acquire)) - head;
            count = std::min(kSize, (there + one_in - 1) / one_in);
            if (count == 0) return;
            for (std::size_t i = 0; i < count; ++i)
                slot(tail + i).store(other.slot(head + i).load(std::memory_order_relaxed), std::memory_order_relaxed);
        } while (!other.head_.compare_exchange_weak(head, head + count, NAIO_ORDER(batch_steal, release),
                                                    NAIO_ORDER(batch_steal_again, acquire)));
        tail_.store(tail + count, std::memory_order_relaxed);
    }

    Atomic<Task*>& slot(std::size_t index) noexcept { return tasks_[index % kSize]; }

    Atomic<std::size_t> head_{0};  // the next to be taken
    Atomic<std::size_t> tail_{0};  // where the next one goes
    std::array<Atomic<Task*>, kSize> tasks_{};
};

}  // namespace naio
