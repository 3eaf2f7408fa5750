// Tasks that the program runs itself, on a thread of its choice: naio_queue.
//
// Any thread pushes; one thread at a time, the runner, runs them. Before anybody has, its creator counts as the runner.
//
// Invariants:
//  1. A task that was pushed is run exactly once, in the order of pushes.
//  2. No lock is held while a task runs.
//  3. Once there is a descriptor, it is readable exactly while tasks are waiting.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/allocator.h"
#include "base/mutex.h"
#include "base/references.h"
#include "exec/ready_descriptor.h"
#include "exec/task.h"

struct naio_queue {
  public:
    // nullptr when there is no memory. The caller has the first reference.
    [[nodiscard]] static naio_queue* create(const naio::Allocator& allocator) noexcept;
    void refer() noexcept { references_.add(); }
    void release() noexcept;

    // Any thread, also from a task.
    void push(naio::Task& task) noexcept;

    // Runs what waits, at least one task if any comes until `deadline`, in nanoseconds of the monotonic clock; returns
    // how many. What is pushed meanwhile stays. Blocks.
    std::size_t run(std::int64_t deadline) noexcept;

    // Runs one task; false if none has come until `deadline`. Also returns, with true, when the queue is interrupted:
    // no interruption is missed that comes after `interruptions` was asked for.
    bool run_one(std::int64_t deadline, std::uint64_t interruptions) noexcept;
    [[nodiscard]] std::uint64_t interruptions() noexcept;
    void interrupt() noexcept;

    // Is the calling thread the runner?
    [[nodiscard]] bool is_runner() const noexcept;
    [[nodiscard]] bool empty() noexcept;

    // -1 if the system has none.
    [[nodiscard]] int descriptor() noexcept;

  private:
    explicit naio_queue(const naio::Allocator& allocator) noexcept;

    void become_runner() noexcept;
    naio::Task* pop() noexcept NAIO_REQUIRES(mutex_);
    void run_popped(naio::Task& task) noexcept;

    const naio::Allocator& allocator_;
    naio::References references_;
    std::atomic<const void*> runner_;

    naio::Mutex mutex_;
    naio::Condition changed_;
    naio::TaskList tasks_ NAIO_GUARDED_BY(mutex_);
    std::size_t waiting_ NAIO_GUARDED_BY(mutex_) = 0;
    std::uint64_t interruptions_ NAIO_GUARDED_BY(mutex_) = 0;  // so far: each concerns one of those who run it
    naio::ReadyDescriptor ready_ NAIO_GUARDED_BY(mutex_);
};

namespace naio {
using CompletionQueue = ::naio_queue;
}
