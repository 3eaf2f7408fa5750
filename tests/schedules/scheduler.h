// A scheduler, which runs a program of several threads under schedules that it chooses. One thread runs at a time, and
// before each atomic operation, lock, notification and wait the scheduler decides which thread runs next. So a schedule
// is repeatable, and a thousand schedules take a moment.
//
// The headers in seam/ replace the library's atomics, mutexes, threads, thread ends, spins and clock with ones that
// call the scheduler. Outside of a schedule (before and after run) these calls do nothing, so that static objects work.
//
// Strategies:
//  - kRandom: at one point in `bound` a random thread is chosen. Now and then a compare-exchange fails spuriously, a
//    wait ends spuriously, or a deadline passes early.
//  - kWakes: kRandom with more spurious wake-ups, one in 4 steps. Finds faults between a change that a waiter sees and
//    its notification.
//  - kPct (Burckhardt et al., 2010): threads have random priorities, which change at `bound` - 1 random points. Finds
//    faults that need one thread to stand still for long.
//  - kDepthFirst: all schedules with at most `bound` preemptions, for small components.
//
// Threads are fibers. For ThreadSanitizer (SCHEDULES_BATON) they are threads of the system that pass a baton. The
// schedules are the same.
//
// Invariants:
//  1. A schedule is a function of the seed, its number, and the program: nothing else is random, and the clock is
//     simulated. Each schedule begins with the state of the library that `remember` has saved and `restore` restores.
//  2. Each call of now() advances the clock by a nanosecond. When all threads wait, it advances to the earliest
//     deadline.
//  3. A schedule fails if no thread can run although one has not ended, or if it has too many steps.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace schedules {

enum class Strategy { kRandom, kWakes, kPct, kDepthFirst };

struct Options {
    Strategy strategy = Strategy::kRandom;
    std::uint64_t seed = 1;
    long first = 0;  // the number of the first schedule
    long schedules = 1000;
    int bound = 4;
    double seconds = 30;  // real time after which no schedule begins
    long max_steps = 200'000;
    std::int64_t chance_ms = 1'000'000'000;  // no deadline further away passes by chance
    std::string choices;                     // if set, only this schedule of a depth-first search runs
    std::string replay;  // the command that runs the same strategy again; a failure adds the schedule
    std::function<void()> remember = [] {};
    std::function<void()> restore = [] {};
};

struct Result {
    long schedules = 0;
    bool all = false;                              // no other schedule is left
    double seconds = 0, points = 0, switches = 0;  // points and switches of a schedule, on average
};

// Runs `body` under each schedule, as the first thread. A schedule ends when all threads have ended. A failure prints a
// report and ends the process.
Result run(const Options& options, const std::function<void()>& body);

// Ends the process with a report if `holds` is false.
void require(bool holds, const char* what) noexcept;
[[noreturn]] void fail(const char* what) noexcept;

// ---- for the seam, and for scenarios

inline constexpr std::int64_t kNoDeadline = INT64_MAX;

struct Mutex {
    int owner = 0;
};
struct Condition {
    int waiters = 0;
};

void point() noexcept;  // another thread may run
void yield() noexcept;  // another thread should run
[[nodiscard]] bool fails_spuriously() noexcept;
void lock(Mutex& mutex) noexcept;
void unlock(Mutex& mutex) noexcept;
// Returns false if the deadline has ended the wait.
bool wait(Condition& condition, Mutex& mutex, std::int64_t deadline) noexcept;
void notify_one(Condition& condition) noexcept;
void notify_all(Condition& condition) noexcept;
[[nodiscard]] int start_thread(void (*function)(void*), void* argument) noexcept;
// Sets a function. While it returns true, the library fails to start threads.
void set_thread_refusal(bool (*refuses)()) noexcept;
[[nodiscard]] bool refuses_thread() noexcept;
void join(int thread) noexcept;
[[nodiscard]] int this_thread() noexcept;
// Registers a function that the calling thread calls with `value` when it ends.
bool at_thread_end(void (*function)(void*), void* value) noexcept;
[[nodiscard]] std::int64_t now() noexcept;
// Forks the process, as fork(2) does. In the child only the calling thread is left, and the schedule goes on with it.
[[nodiscard]] int fork() noexcept;

}  // namespace schedules
