// The state of an execution, which the atomics, locks and threads in include/ share with the runner (suite.h).
//
// Invariants:
//  1. A Relacy object exists from its first use in an execution until the execution ends, or until the Lazy that holds
//     it is destroyed. So an array of atomics costs only its elements that are used, and an object in static memory has
//     its initial value at the beginning of each execution.
//  2. Relacy's threads are fibers of one thread. Step saves and restores their thread_local objects at each step.
#pragma once

#include <cstddef>
#include <cstring>

#include "relacy.h"

namespace weak_memory {

// A Relacy object that this execution has made, as a link of the list execution.made.
struct Made {
    Made* next = nullptr;
    Made** link = nullptr;  // the pointer in the list that points to this
    void (*end)(Made&) = nullptr;
};

inline constexpr int kMaxThreads = 4;

struct Execution {
    unsigned number = 0;       // the number of the execution; 0: there was none yet
    bool threads_run = false;  // true from the start of the test's threads until they have ended
    std::int64_t clock = 0;    // what naio::now returns
    Made* made = nullptr;
    const void* loaded = nullptr;  // the atomic object that was loaded last
    unsigned loads = 0;            // the number of loads in a row that were of that object

    // Counts a load of the object. True for each 16th in a row: the caller, which may spin, must let other threads run.
    bool spins(const void* object) noexcept {
        if (loaded != object) loads = 0;
        loaded = object;
        return ++loads % 16 == 0;
    }

    // time() advances the calling thread's time and returns it. knows() is true if the time `time` of
    // `thread` happens before this moment in the calling thread.
    rl::timestamp_t (*time)() = nullptr;
    bool (*knows)(int thread, rl::timestamp_t time) = nullptr;

    // Marks the value of an atomic object as written by the calling thread now, or, if `now` is false, before all
    // threads began.
    void (*initialize)(rl::atomic_data* data, unsigned index, bool now) = nullptr;
};
inline Execution execution;

// The thread_local objects of the program, which all fibers share.
struct ThreadLocals {
    static constexpr std::size_t kMaxSize = 256;
    std::byte* here = nullptr;
    std::size_t size = 0;
    std::byte initial[kMaxSize] = {};
};
ThreadLocals& thread_locals() noexcept;

// Saves the calling fiber's thread_local objects, and restores them after Relacy may have run other fibers.
class Step {
  public:
    Step() noexcept { std::memcpy(kept_, locals_.here, locals_.size); }
    ~Step() { std::memcpy(locals_.here, kept_, locals_.size); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

  private:
    ThreadLocals& locals_ = thread_locals();
    std::byte kept_[ThreadLocals::kMaxSize];
};

// Memory for a Relacy object, which the first use in an execution makes.
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

    unsigned number_ = 0;  // the number of the execution in which the object was made
    alignas(Object) std::byte memory_[sizeof(Object)];
};

}  // namespace weak_memory
