// The parts of a dump and of the statistics about the workers.
#include <array>

#include "exec/worker.h"

namespace naio {

void TaskQueue::dump(Dump& dump) noexcept {
    struct Busy {
        unsigned worker;
        bool waits;
        const Task* task;
    };
    std::array<Busy, 64> busy;
    std::size_t size = 0;
    if (!dump.lock(mutex_, "workers")) return;
    const std::array<unsigned, kStates> counts = std::to_array(counts_);
    const std::size_t waiting = count_waiting();
    const unsigned max = limits_.max;
    unsigned number = 0;
    for (Worker* each = first_; each != nullptr; each = each->next.load(std::memory_order_relaxed), ++number) {
        const bool waits = each->state == State::kWaits;
        const bool runs = each->state == State::kRuns || waits;
        if (runs && each->call != nullptr && size < busy.size()) busy[size++] = {number, waits, each->call->task()};
    }
    mutex_.unlock();
    const auto of = [&](State state) { return counts[static_cast<unsigned>(state)]; };
    dump.line("workers: %u run callbacks, %u wait in a callback, %u look for one, %u sleep, %u at most; %zu tasks wait",
              of(State::kRuns), of(State::kWaits), of(State::kLooks), of(State::kNaps) + of(State::kSleeps), max,
              waiting);
    for (std::size_t i = 0; i < size; ++i) {
        DumpLine line;
        line.add("worker %u: %s ", busy[i].worker, busy[i].waits ? "waits inside" : "runs");
        dump.add_task(line, busy[i].task);
        dump.line(line);
    }
}

void TaskQueue::count_into(Stats& stats) noexcept {
    Lock lock(mutex_);
    ended_.count_into(stats);
    for (Worker* each = first_; each != nullptr; each = each->next.load(std::memory_order_relaxed))
        if (each->counts != nullptr) each->counts->count_into(stats);
    stats.workers += staff() + count(State::kWaits);
    stats.workers_blocked += count(State::kWaits);
    stats.workers_started += workers_started_;
    stats.batches_stolen += batches_stolen_;
    stats.tasks_waiting += count_waiting();
}

}  // namespace naio
