#include "strategy.h"

#include <algorithm>

namespace schedules {

void Strategist::open(const Options& options, long usual_steps) {
    strategy_ = options.strategy;
    seed_ = options.seed;
    bound_ = std::max(options.bound, 1);
    usual_steps_ = std::max(usual_steps, 1L);
    path_.clear();
    fixed_ = false;
    if (!options.choices.empty()) set_choices(options.choices);
}

void Strategist::begin(long schedule) {
    quiet_ = false;
    // Mixes the seed and the schedule's number, so that neighbouring numbers do not lead to similar states. xorshift
    // needs a state that is not 0.
    state_ = (seed_ * 0xD1B54A32D192ED03u) ^ (0x9E3779B97F4A7C15u * (static_cast<std::uint64_t>(schedule) + 1));
    if (state_ == 0) state_ = 1;
    for (int i = 0; i < 3; ++i) static_cast<void>(random());
    lowest_ = 0;
    depth_ = 0;
    preemptions_ = 0;
    changes_.clear();
    if (strategy_ != Strategy::kPct) return;
    for (int i = 1; i < bound_; ++i) changes_.push_back(1 + random_below(static_cast<unsigned>(2 * usual_steps_)));
}

void Strategist::begin_quiet() {
    begin(0);
    quiet_ = true;
}

bool Strategist::was_last() {
    if (strategy_ != Strategy::kDepthFirst) return false;
    if (fixed_) return true;
    while (!path_.empty() && path_.back().chosen + 1 == path_.back().count) path_.pop_back();
    if (path_.empty()) return true;
    ++path_.back().chosen;
    return false;
}

void Strategist::thread_starts(int thread) {
    priorities_[static_cast<std::size_t>(thread)] = 1 + static_cast<int>(random_below(1u << 20));
}

int Strategist::choose(std::span<const int> runnable, int current, bool gives_way, long step) {
    const auto count = static_cast<int>(runnable.size());
    const bool may_stay = runnable.front() == current && !gives_way;
    if (quiet_) return runnable.front();
    if (strategy_ == Strategy::kDepthFirst) return runnable[static_cast<std::size_t>(choose_next(count, may_stay))];
    if (strategy_ == Strategy::kPct) return choose_by_priority(runnable, current, gives_way, step);
    if (may_stay && !one_in(static_cast<unsigned>(bound_))) return current;
    return runnable[random_below(static_cast<unsigned>(count))];
}

// Returns the runnable thread with the highest priority. If the current thread gives way, or if a priority changes at
// this step, the current thread first gets the lowest priority of all.
int Strategist::choose_by_priority(std::span<const int> runnable, int current, bool gives_way, long step) {
    const auto priority = [this](int thread) -> int& { return priorities_[static_cast<std::size_t>(thread)]; };
    if (gives_way || std::find(changes_.begin(), changes_.end(), step) != changes_.end()) priority(current) = --lowest_;
    return *std::max_element(runnable.begin(), runnable.end(),
                             [&](int one, int other) { return priority(one) < priority(other); });
}

// Returns the index of the thread that a depth-first search chooses: the one in the path, or 0 beyond the path's end.
int Strategist::choose_next(int count, bool is_preemption) {
    if (count == 1 || (is_preemption && preemptions_ >= bound_)) return 0;
    if (depth_ == path_.size()) path_.push_back({0, count});
    Choice& choice = path_[depth_++];
    if (fixed_) choice.count = count;
    if (choice.count != count) fail("the program is not deterministic: it has other choices than before");
    if (is_preemption && choice.chosen != 0) ++preemptions_;
    return std::min(choice.chosen, count - 1);
}

int Strategist::any_of(int count) {
    if (quiet_ || strategy_ == Strategy::kDepthFirst) return 0;
    return static_cast<int>(random_below(static_cast<unsigned>(count)));
}

std::string Strategist::choices() const {
    std::string text;
    for (std::size_t i = 0; i < depth_; ++i) text += kDigits[path_[i].chosen % 36];
    return text.substr(0, text.find_last_not_of('0') + 1) + "0";
}

void Strategist::set_choices(const std::string& choices) {
    fixed_ = true;
    for (const char each : choices)
        path_.push_back({static_cast<int>(std::string_view(kDigits).find(each)), machine::kMaxThreads});
}

std::uint64_t Strategist::random() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ * 0x2545F4914F6CDD1Du;
}

unsigned Strategist::random_below(unsigned count) { return static_cast<unsigned>((random() >> 33) % count); }

}  // namespace schedules
