// What the atomics, locks and threads of a test share with its runner.
//
// Invariants:
//  1. An object of Relacy's exists from its first use in an execution until the execution ends, or until its owner is
//     destroyed. So arrays of atomics cost only what is used of them, and objects in static memory begin each execution
//     as they were initialised.
//  2. Relacy's threads are fibers of one thread. Their thread_local objects are swapped at each step.
#pragma once

#include <cstddef>
#include <cstring>

#include "relacy.h"

namespace weak_memory {

// An object of Relacy's that has been made in this execution.
struct Made {
    Made* next = nullptr;
    Made** link = nullptr;  // what points to this
    void (*end)(Made&) = nullptr;
};

inline constexpr int kMostThreads = 4;

struct Execution {
    unsigned number = 0;       // of the execution; 0: none yet
    bool threads_run = false;  // the test's threads run, or have run
    std::int64_t clock = 0;    // what naio::now returns
    Made* made = nullptr;
    const void* loaded = nullptr;  // the atomic object that was loaded last,
    unsigned loads = 0;            // and how often in a row

    // True if one load follows the other: then the other threads have to run.
    bool spins(const void* object) noexcept {
        if (loaded != object) loads = 0;
        loaded = object;
        return ++loads % 16 == 0;
    }

    // Returns a moment of the calling thread, and whether that of another thread happens before now.
    rl::timestamp_t (*time)() = nullptr;
    bool (*knows)(int thread, rl::timestamp_t time) = nullptr;

    // Marks the value of an atomic object as written before all threads began, or by the calling thread just now.
    void (*initialize)(rl::atomic_data* data, unsigned index, bool now) = nullptr;
};
inline Execution execution;

// The thread_local objects of the program.
struct ThreadLocals {
    static constexpr std::size_t kMost = 256;
    std::byte* here = nullptr;
    std::size_t size = 0;
    std::byte initial[kMost] = {};
};
ThreadLocals& thread_locals() noexcept;

// Keeps the thread_local objects of the calling thread while Relacy runs others.
class Step {
  public:
    Step() noexcept { std::memcpy(kept_, locals_.here, locals_.size); }
    ~Step() { std::memcpy(locals_.here, kept_, locals_.size); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

  private:
    ThreadLocals& locals_ = thread_locals();
    std::byte kept_[ThreadLocals::kMost];
};

// Memory for an object of Relacy's, which is made when it is first used in an execution.
template <class Object>
class Lazy : Made {
  public:
    Lazy() noexcept = default;
    ~Lazy() {
        if (is_made()) finish();
    }
    Lazy(const Lazy&) = delete;
    Lazy& operator=(const Lazy&) = delete;

    [[nodiscard]] bool is_made() const noexcept { return number_ != 0 && number_ == execution.number; }

    Object& get() noexcept {
        if (!is_made()) make();
        return *std::launder(reinterpret_cast<Object*>(memory_));
    }

    void make() noexcept {
        ::new (static_cast<void*>(memory_)) Object();
        number_ = execution.number;
        next = execution.made;
        if (next != nullptr) next->link = &next;
        link = &execution.made;
        execution.made = this;
        end = [](Made& self) { static_cast<Lazy&>(self).finish(); };
    }

  private:
    void finish() noexcept {
        number_ = 0;
        *link = next;
        if (next != nullptr) next->link = link;
        std::launder(reinterpret_cast<Object*>(memory_))->~Object();
    }

    unsigned number_ = 0;  // of the execution in which it was made
    alignas(Object) std::byte memory_[sizeof(Object)];
};

}  // namespace weak_memory
