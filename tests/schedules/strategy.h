// Decides which thread of a schedule runs next, and makes all other random choices. See scheduler.h for the strategies.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "machine.h"
#include "scheduler.h"

namespace schedules {

using Candidates = std::array<int, machine::kMaxThreads>;

class Strategist {
  public:
    // `usual_steps`: the usual number of steps of a schedule.
    void open(const Options& options, long usual_steps);
    void begin(long schedule);
    void begin_quiet();  // a schedule in which a thread runs until it waits
    // True if the schedule that has ended was the last of a depth-first search. Otherwise prepares the next schedule of
    // such a search.
    [[nodiscard]] bool was_last();
    void thread_starts(int thread);

    // Returns the thread that runs next. `runnable` begins with the current thread, if that thread may go on.
    [[nodiscard]] int choose(std::span<const int> runnable, int current, bool gives_way, long step);
    [[nodiscard]] int any_of(int count);
    [[nodiscard]] bool one_in(unsigned count) { return random_below(count) == 0; }
    [[nodiscard]] bool passes_time() { return by_chance() && one_in(64); }
    [[nodiscard]] bool wakes_spuriously() { return by_chance() && one_in(strategy_ == Strategy::kWakes ? 4 : 256); }
    [[nodiscard]] bool fails_spuriously() { return by_chance() && one_in(64); }

    // Returns the choices of a depth-first search so far, one character each. Only one of the zeros at the end is kept.
    [[nodiscard]] std::string choices() const;
    static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

  private:
    struct Choice {
        int chosen, count;
    };

    [[nodiscard]] bool by_chance() const {
        return !quiet_ && (strategy_ == Strategy::kRandom || strategy_ == Strategy::kWakes);
    }
    [[nodiscard]] std::uint64_t random();
    [[nodiscard]] unsigned random_below(unsigned count);
    [[nodiscard]] int choose_by_priority(std::span<const int> runnable, int current, bool gives_way, long step);
    [[nodiscard]] int choose_next(int count, bool is_preemption);

    Strategy strategy_ = Strategy::kRandom;
    std::uint64_t seed_ = 1, state_ = 1;
    int bound_ = 4;
    long usual_steps_ = 1;
    bool quiet_ = true;
    // kPct:
    std::array<int, machine::kMaxThreads> priorities_{};
    std::vector<long> changes_;
    int lowest_ = 0;
    // kDepthFirst:
    std::vector<Choice> path_;
    std::size_t depth_ = 0;
    int preemptions_ = 0;
    bool fixed_ = false;  // the choices were given, so there is one schedule

  public:
    void set_choices(const std::string& choices);
};

}  // namespace schedules
