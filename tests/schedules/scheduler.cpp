#include "scheduler.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "machine.h"
#include "strategy.h"

namespace schedules {

namespace {

using machine::kMaxThreads;

enum class State { kReady, kWantsMutex, kWaits, kJoins, kEnded };

struct Thread {
    State state = State::kEnded;
    Mutex* mutex = nullptr;
    const Condition* condition = nullptr;
    std::int64_t deadline = kNoDeadline;
    bool timed_out = false;
    int joined = 0;  // the thread whose end this one waits for
    void (*function)(void*) = nullptr;
    void* argument = nullptr;
    void (*at_end)(void*) = nullptr;
    void* at_end_value = nullptr;
};

constexpr std::int64_t kBeginning = std::int64_t{1} << 40;

Thread threads[kMaxThreads];  // 0 is the thread that called run
int last = 0;                 // the threads of this schedule are 1 to `last`
int current = 0;
bool active = false;
bool warming_up = false;
std::int64_t time_now = 0;
long steps = 0, switches = 0, schedule = 0, begun = 0;
Options options;
Strategist strategist;
std::chrono::steady_clock::time_point begin;

double seconds_since_begin() noexcept {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

const char* name_of(Strategy strategy) noexcept {
    switch (strategy) {
        case Strategy::kRandom:
            return "random";
        case Strategy::kWakes:
            return "wakes";
        case Strategy::kPct:
            return "pct";
        default:
            return "dfs";
    }
}

// A signal handler calls this function, too. Not all functions that it calls are safe there, but the process ends next.
void report() noexcept {
    if (!active) return;
    char place[64] = "while it warmed up, with no choice";
    if (!warming_up) std::snprintf(place, sizeof place, "in schedule %ld", schedule);
    char how[256];
    if (options.strategy == Strategy::kDepthFirst)
        std::snprintf(how, sizeof how, "--choices %.200s", strategist.choices().c_str());
    else
        std::snprintf(how, sizeof how, "--first %ld --schedules 1", schedule);
    char text[1024];
    const int size =
        std::snprintf(text, sizeof text,
                      "schedules: failed %s (the %ld. one, %.0f ms), strategy %s, seed %llu, step %ld, thread %d\n"
                      "schedules: replay with: %s %s\n",
                      place, begun, seconds_since_begin() * 1e3, name_of(options.strategy),
                      static_cast<unsigned long long>(options.seed), steps, current, options.replay.c_str(), how);
    static_cast<void>(!write(STDERR_FILENO, text, static_cast<std::size_t>(std::min<int>(size, sizeof text - 1))));
}

bool can_run(const Thread& thread) noexcept {
    switch (thread.state) {
        case State::kReady:
            return true;
        case State::kWantsMutex:
            return thread.mutex->owner == 0;
        case State::kJoins:
            return threads[thread.joined].state == State::kEnded;
        default:
            return false;
    }
}

// ---- which thread is next

void end_wait(Thread& thread, bool timed_out) noexcept {
    thread.timed_out = timed_out;
    thread.state = State::kWantsMutex;
}

// Ends the thread's wait. The thread forgets the condition, which may be gone when the thread runs again.
void notify(Thread& thread, Condition& condition) noexcept {
    --condition.waiters;
    thread.condition = nullptr;
    end_wait(thread, false);
}

// Lets the earliest deadline pass. Returns false if there is none up to `limit`.
bool pass_time(std::int64_t limit) noexcept {
    Thread* earliest = nullptr;
    for (int i = 1; i <= last; ++i) {
        Thread& each = threads[i];
        if (each.state != State::kWaits || each.deadline == kNoDeadline) continue;
        if (earliest == nullptr || each.deadline < earliest->deadline) earliest = &each;
    }
    if (earliest == nullptr || earliest->deadline > limit) return false;
    time_now = std::max(time_now, earliest->deadline);
    end_wait(*earliest, true);
    return true;
}

void wake_spuriously() noexcept {
    for (int i = 1; i <= last; ++i)
        if (threads[i].state == State::kWaits && strategist.one_in(2)) return end_wait(threads[i], false);
}

void fail_deadlocked() noexcept {
    static const char* const states[] = {"can run", "wants a mutex", "waits", "joins", "has ended"};
    for (int i = 1; i <= last; ++i)
        std::fprintf(stderr, "schedules: thread %d %s\n", i, states[static_cast<int>(threads[i].state)]);
    fail("no thread can run");
}

bool all_have_ended() noexcept {
    return std::all_of(threads + 1, threads + last + 1, [](const Thread& each) { return each.state == State::kEnded; });
}

// Lists the threads that can run, the current one first unless it gives way. Returns their number, which is 0 if all
// threads have ended.
int list_runnable(Candidates& list, bool gives_way) noexcept {
    for (;;) {
        int count = 0;
        const bool stays = current != 0 && can_run(threads[current]);
        if (stays && !gives_way) list[static_cast<std::size_t>(count++)] = current;
        for (int i = 1; i <= last; ++i)
            if (i != current && can_run(threads[i])) list[static_cast<std::size_t>(count++)] = i;
        if (stays && count == 0) list[static_cast<std::size_t>(count++)] = current;
        if (count != 0 || all_have_ended()) return count;
        if (!pass_time(kNoDeadline)) fail_deadlocked();
    }
}

int pick(bool gives_way) noexcept {
    if (++steps > options.max_steps) fail("too many steps: do the threads wait for each other in loops?");
    if (strategist.passes_time()) pass_time(time_now + options.chance_ms * 1'000'000);
    if (strategist.wakes_spuriously()) wake_spuriously();
    Candidates list;
    const int count = list_runnable(list, gives_way);
    if (count == 0) return 0;
    return strategist.choose({list.data(), static_cast<std::size_t>(count)}, current, gives_way, steps);
}

void reschedule(bool gives_way) noexcept {
    const int next = pick(gives_way);
    if (next == current) return;
    ++switches;
    const int from = std::exchange(current, next);
    machine::switch_to(from, next, threads[from].state == State::kEnded);
}

// Called by the current thread when it runs again after it has waited.
void go_on(Thread& thread) noexcept {
    if (thread.state == State::kWantsMutex) thread.mutex->owner = current;
    thread.state = State::kReady;
}

void enter() {
    machine::entered();
    Thread& self = threads[current];
    self.function(self.argument);
    // The function at_end may register another function.
    while (self.at_end != nullptr) std::exchange(self.at_end, nullptr)(self.at_end_value);
    self.state = State::kEnded;
    reschedule(true);
}

void run_once(const std::function<void()>& body) noexcept {
    ++begun;
    steps = switches = 0;
    last = current = 0;
    time_now = kBeginning;
    threads[0].state = State::kReady;
    active = true;
    const auto call = [](void* argument) { (*static_cast<const std::function<void()>*>(argument))(); };
    current = start_thread(call, const_cast<std::function<void()>*>(&body));
    machine::switch_to(0, current, false);
    active = false;
    for (int i = 1; i <= last; ++i) machine::reclaim(i);
}

// Runs the body before the first schedule, because static objects are created in the first runs, which differ from all
// others. Returns the number of steps of a run.
long warm_up(const std::function<void()>& body) noexcept {
    warming_up = true;
    for (int i = 0; i < 2; ++i) {
        strategist.begin_quiet();
        run_once(body);
    }
    warming_up = false;
    options.remember();
    options.restore();
    strategist.begin_quiet();
    run_once(body);
    return steps;
}

// Runs in a forked child, before the library's own functions for forks.
void leave_one_thread() noexcept {
    for (int i = 1; i <= last; ++i)
        if (i != current) threads[i].state = State::kEnded;
}

}  // namespace

Result run(const Options& given, const std::function<void()>& body) {
    options = given;
    begin = std::chrono::steady_clock::now();
    machine::open();
    pthread_atfork(nullptr, nullptr, leave_one_thread);
    ::signal(SIGABRT, [](int) {
        report();
        _exit(43);
    });
    strategist.open(options, warm_up(body));
    begun = 0;
    begin = std::chrono::steady_clock::now();
    Result result;
    for (schedule = options.first; schedule < options.first + options.schedules; ++schedule) {
        options.restore();
        strategist.begin(schedule);
        run_once(body);
        ++result.schedules;
        result.points += static_cast<double>(steps);
        result.switches += static_cast<double>(switches);
        result.all = strategist.was_last();
        if (result.all || seconds_since_begin() > options.seconds) break;
    }
    result.seconds = seconds_since_begin();
    result.points /= static_cast<double>(std::max(result.schedules, 1L));
    result.switches /= static_cast<double>(std::max(result.schedules, 1L));
    return result;
}

void fail(const char* what) noexcept {
    std::fprintf(stderr, "schedules: %s\n", what);
    report();
    _exit(42);
}

void require(bool holds, const char* what) noexcept {
    if (!holds) fail(what);
}

// ---- what threads do

int this_thread() noexcept { return current; }
std::int64_t now() noexcept { return ++time_now; }

void point() noexcept {
    if (active) reschedule(false);
}

void yield() noexcept {
    if (active) reschedule(true);
}

bool fails_spuriously() noexcept { return active && strategist.fails_spuriously(); }

void lock(Mutex& mutex) noexcept {
    if (!active) return;
    Thread& self = threads[current];
    if (mutex.owner == current) fail("a thread locks a mutex twice");
    self.mutex = &mutex;
    self.state = State::kWantsMutex;
    reschedule(false);
    go_on(self);
}

void unlock(Mutex& mutex) noexcept {
    if (!active) return;
    if (mutex.owner != current) fail("a thread unlocks a mutex that it has not locked");
    mutex.owner = 0;
}

bool wait(Condition& condition, Mutex& mutex, std::int64_t deadline) noexcept {
    if (!active) return true;
    if (deadline != kNoDeadline && deadline <= time_now) {
        unlock(mutex);
        lock(mutex);
        return false;
    }
    Thread& self = threads[current];
    ++condition.waiters;
    self.condition = &condition;
    self.deadline = deadline;
    self.timed_out = false;
    self.mutex = &mutex;
    self.state = State::kWaits;
    unlock(mutex);
    reschedule(false);
    if (self.condition != nullptr) --condition.waiters;  // the thread was not notified
    self.condition = nullptr;
    go_on(self);
    return !self.timed_out;
}

namespace {

// Lists the threads that wait for the condition, and returns their number. Reads the condition, so that
// AddressSanitizer notices a condition that is gone.
int list_waiters(const Condition& condition, Candidates& list) noexcept {
    reschedule(false);
    [[maybe_unused]] static volatile int looked_at;
    looked_at = condition.waiters;
    int count = 0;
    for (int i = 1; i <= last; ++i)
        if (threads[i].state == State::kWaits && threads[i].condition == &condition)
            list[static_cast<std::size_t>(count++)] = i;
    return count;
}

}  // namespace

void notify_one(Condition& condition) noexcept {
    if (!active) return;
    Candidates list;
    const int count = list_waiters(condition, list);
    if (count != 0) notify(threads[list[static_cast<std::size_t>(strategist.any_of(count))]], condition);
}

void notify_all(Condition& condition) noexcept {
    if (!active) return;
    Candidates list;
    const int count = list_waiters(condition, list);
    for (int i = 0; i < count; ++i) notify(threads[list[static_cast<std::size_t>(i)]], condition);
}

int start_thread(void (*function)(void*), void* argument) noexcept {
    if (last + 1 == kMaxThreads) fail("too many threads");
    const int thread = ++last;
    threads[thread] = Thread{};
    threads[thread].state = State::kReady;
    threads[thread].function = function;
    threads[thread].argument = argument;
    strategist.thread_starts(thread);
    machine::create(thread, enter);
    return thread;
}

namespace {
bool (*thread_refusal)() = [] { return false; };
}

void set_thread_refusal(bool (*refuses)()) noexcept { thread_refusal = refuses; }
bool refuses_thread() noexcept { return thread_refusal(); }

void join(int thread) noexcept {
    Thread& self = threads[current];
    self.joined = thread;
    self.state = State::kJoins;
    reschedule(false);
    go_on(self);
    machine::reclaim(thread);
}

bool at_thread_end(void (*function)(void*), void* value) noexcept {
    threads[current].at_end = function;
    threads[current].at_end_value = value;
    return true;
}

int fork() noexcept { return ::fork(); }

}  // namespace schedules

#if defined(__SANITIZE_ADDRESS__)
extern "C" void __asan_on_error() { schedules::report(); }
extern "C" const char* __asan_default_options() { return "detect_leaks=0:detect_stack_use_after_return=0:exitcode=44"; }
#endif
#if defined(SCHEDULES_BATON)
extern "C" void __tsan_on_report(void*) { schedules::report(); }
extern "C" const char* __tsan_default_options() { return "halt_on_error=1:exitcode=45"; }
#endif
