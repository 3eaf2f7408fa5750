// A lock-free stack. Any thread pushes tasks for a TaskQueue. A worker takes all of them at once, and reverses their
// order, so that it runs them in the order in which they were pushed.
//
// Invariants:
//  1. Tasks come out in the order in which they were pushed, each once.
//  2. A closed inbox is empty, and takes no tasks.
#pragma once

#include <cstdint>

#include "base/atomic.h"
#include "base/fault.h"
#include "base/order.h"
#include "exec/task.h"

namespace naio {

class Inbox {
  public:
    // True if the inbox has no tasks. Store-load pair: a submitter pushes and then loads unattended_; a worker stores
    // unattended_ and then calls empty(). All four operations are seq_cst, so at least one thread sees the other's
    // store and no wake-up is lost.
    [[nodiscard]] bool empty() const noexcept { return top_.load(NAIO_ORDER(inbox_empty, seq_cst)) <= kClosed; }

    // Moves all tasks of the list, which is not empty, to the inbox. False if the inbox is closed; in this case the
    // list is unchanged. Any thread. The compare-exchange is the push of the pair in `empty`, and releases the tasks'
    // contents to take and close.
    [[nodiscard]] bool push(TaskList& tasks) noexcept {
        Task* const bottom = tasks.first_;
        Task* top = nullptr;
        while (Task* task = tasks.pop()) {
            task->next_ = top;
            top = task;
        }
        std::uintptr_t below = top_.load(std::memory_order_relaxed);
        do {
            if (below == kClosed) {
                bottom->next_ = nullptr;
                turn_over(top, tasks);
                return false;
            }
            bottom->next_ = reinterpret_cast<Task*>(below);
            if (NAIO_FAULT(push_compares_nothing)) {
                top_.store(reinterpret_cast<std::uintptr_t>(top), std::memory_order_relaxed);
                return true;
            }
        } while (!top_.compare_exchange_weak(below, reinterpret_cast<std::uintptr_t>(top),
                                             NAIO_ORDER(inbox_push, seq_cst), std::memory_order_relaxed));
        return true;
    }

    // ---- called by one thread at a time

    // Moves all tasks to the end of the list. The acquire pairs with push; otherwise a worker could see a task without
    // its contents. REQUIRES: the inbox is not closed.
    void take(TaskList& to) noexcept {
        if (!empty()) turn_over(reinterpret_cast<Task*>(top_.exchange(kEmpty, NAIO_ORDER(inbox_take, acquire))), to);
    }

    void open() noexcept { top_.store(kEmpty, std::memory_order_relaxed); }

    // Closes the inbox, and moves its tasks to the end of the list. The acquire is needed as in take.
    void close(TaskList& to) noexcept {
        turn_over(reinterpret_cast<Task*>(top_.exchange(kClosed, NAIO_ORDER(inbox_close, acquire))), to);
    }

  private:
    static constexpr std::uintptr_t kEmpty = 0;
    static constexpr std::uintptr_t kClosed = 1;

    static void turn_over(Task* top, TaskList& to) noexcept {
        TaskList list;
        list.last_ = top;
        while (top != nullptr) {
            Task* const below = top->next_;
            top->next_ = list.first_;
            list.first_ = top;
            top = below;
        }
        to.take(list);
    }

    Atomic<std::uintptr_t> top_{kClosed};  // the task that was pushed last, or kEmpty or kClosed
};

}  // namespace naio
