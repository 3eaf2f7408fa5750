// Runs a scenario under many schedules of the whole library.
//
//     schedules SCENARIO [--strategy random|wakes|pct|dfs] [--schedules N] [--seconds S] [--bound B] [--seed S]
//                        [--first N] [--choices DIGITS]
//     schedules --list
//
// The program exits with 2 if it does not understand its arguments, with 3 if the scenario is for another strategy.
// A failure prints the command that replays it. NAIO_FAULT=NAME seeds a fault.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "memory.h"
#include "runtime/runtime.h"
#include "scenario.h"

namespace {

using schedules::Options;
using schedules::Strategy;

// The library's global state between two schedules. Each schedule brings the library down, so afterwards only counters
// that go on across nng_init differ from this copy.
alignas(naio::Runtime) std::byte remembered[sizeof(naio::Runtime)];

int usage() {
    std::fprintf(
        stderr,
        "usage: schedules SCENARIO [--strategy random|wakes|pct|dfs] [--schedules N] [--seconds S] [--bound B] "
        "[--seed S] [--first N] [--choices DIGITS]\n       schedules --list\n");
    return 2;
}

// The names of the strategies, in the order of `Strategy`.
constexpr std::array kStrategies = {"random", "wakes", "pct", "dfs"};

const char* name(Strategy strategy) { return kStrategies[static_cast<std::size_t>(strategy)]; }

int list() {
    for (const auto& each : schedules::all_scenarios()) std::printf("%s: %s\n", each.name, each.what);
    return 0;
}

bool is_number(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
}

bool read_option(Options& options, const std::string& name, const char* value) {
    const std::string text = value;
    if (name != "--strategy" && name != "--choices" && !is_number(text)) return false;
    if (name == "--strategy") {
        const auto* const found = std::find(kStrategies.begin(), kStrategies.end(), text);
        options.strategy = static_cast<Strategy>(found - kStrategies.begin());
        return found != kStrategies.end();
    }
    if (name == "--schedules")
        options.schedules = std::atol(value);
    else if (name == "--seconds")
        options.seconds = std::atof(value);
    else if (name == "--bound")
        options.bound = std::atoi(value);
    else if (name == "--seed")
        options.seed = std::strtoull(value, nullptr, 10);
    else if (name == "--first")
        options.first = std::atol(value);
    else if (name == "--choices")
        options.choices = value;
    else
        return false;
    return true;
}

// Returns the command that replays a schedule, without the schedule itself.
std::string replay_command(const char* program, const char* scenario, const char* strategy, const Options& options) {
    const char* const fault = std::getenv("NAIO_FAULT");
    std::string command = fault != nullptr ? "NAIO_FAULT=" + std::string(fault) + " " : "";
    return command + program + " " + scenario + " --strategy " + strategy + " --seed " + std::to_string(options.seed) +
           " --bound " + std::to_string(options.bound);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--list") == 0) return list();
    if (argc < 2 || argc % 2 != 0 || argv[1][0] == '-') return usage();
    Options options;
    for (int i = 2; i < argc; i += 2)
        if (!read_option(options, argv[i], argv[i + 1])) return usage();
    const char* const strategy = name(options.strategy);
    options.replay = replay_command(argv[0], argv[1], strategy, options);
    options.remember = [] { std::memcpy(remembered, static_cast<void*>(&naio::runtime()), sizeof remembered); };
    options.restore = [] { std::memcpy(static_cast<void*>(&naio::runtime()), remembered, sizeof remembered); };
    for (const auto& each : schedules::all_scenarios()) {
        if (std::strcmp(each.name, argv[1]) != 0) continue;
        if (each.only && *each.only != options.strategy) {
            std::fprintf(stderr, "schedules: %s needs --strategy %s: its promise does not hold under %s schedules\n",
                         each.name, name(*each.only), strategy);
            return 3;
        }
        const schedules::Result result = schedules::run(options, [&] {
            schedules::memory::reset();
            each.body();
            schedules::require(schedules::memory::blocks_in_use() == 0, "memory is left after nng_fini");
            schedules::require(schedules::memory::released_is_untouched(), "memory was written after its release");
        });
        std::printf("%s, %s: %ld schedules%s in %.2f s, %.0f a second, of %.0f points and %.0f switches\n", each.name,
                    strategy, result.schedules, result.all ? " (all)" : "", result.seconds,
                    static_cast<double>(result.schedules) / result.seconds, result.points, result.switches);
        return 0;
    }
    std::fprintf(stderr, "schedules: there is no scenario %s; --list prints all\n", argv[1]);
    return 2;
}
