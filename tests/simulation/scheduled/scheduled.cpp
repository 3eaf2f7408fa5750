// Runs random programs on the library and the model, over the scheduler of tests/schedules and a simulated system. Each
// program has a schedule of its own and a simulated clock.
//
//     simulation_scheduled [--strategy random|pct] [--first SEED] [--schedules N] [--length N] [--bound B]
//                          [--seconds S] [--shared 1] [--io 1] [--like SEED] [--calls CALLS] [--shrink 1]
//                          [--scenario NAME]
//
// A failure prints the program and the command that replays it. --shrink 1 makes the program of --first as short as
// possible. A shorter program has other schedules, so it counts as failing if one of 200 schedules from --first on
// fails. The shortest one is printed, in C unless it is one of --io, and replayed with --calls. --scenario runs a
// scenario of scenarios.cpp instead of programs. NAIO_FAULT=NAME seeds a fault.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "one_program.h"
#include "runtime/runtime.h"
#include "scheduler.h"
#include "shrink.h"

namespace {

using schedules::Options;
using schedules::Strategy;
using simulation::Kind;

// The state of the library between two schedules.
alignas(naio::Runtime) std::byte remembered[sizeof(naio::Runtime)];

constexpr long kTries = 200;  // schedules of a program that is being shrunk

Options options;
Kind kind;
bool shrinks = false;

bool find_scenario(const std::string& name) {
    for (const schedules::Scenario& each : schedules::all_scenarios())
        if (name == each.name) kind.scenario = &each;
    return kind.scenario != nullptr;
}

bool read_option(const std::string& name, const std::string& value) {
    if (name == "--strategy" && value == "random")
        options.strategy = Strategy::kRandom;
    else if (name == "--strategy" && value == "pct")
        options.strategy = Strategy::kPct;
    else if (name == "--calls")  // its meaning depends on --io, which must come before
        return simulation::read_calls(kind, value);
    else if (name == "--scenario")
        return find_scenario(value);
    else if (value.empty() || value.find_first_not_of("0123456789.") != std::string::npos)
        return false;
    else if (name == "--first")
        options.first = std::atol(value.c_str());
    else if (name == "--schedules")
        options.schedules = std::atol(value.c_str());
    else if (name == "--length")
        kind.length = static_cast<unsigned>(std::atoi(value.c_str()));
    else if (name == "--shared")
        kind.shared = value != "0";
    else if (name == "--io")
        kind.io = value != "0";
    else if (name == "--like")
        kind.like = std::strtoull(value.c_str(), nullptr, 10);
    else if (name == "--shrink")
        shrinks = value != "0";
    else if (name == "--bound")
        options.bound = std::atoi(value.c_str());
    else if (name == "--seconds")
        options.seconds = std::atof(value.c_str());
    else
        return false;
    return true;
}

schedules::Result run_programs() {
    const bool pct = options.strategy == Strategy::kPct;
    const char* const fault = std::getenv("NAIO_FAULT");
    options.replay = fault != nullptr ? "NAIO_FAULT=" + std::string(fault) + " " : "";
    options.replay += std::string("simulation_scheduled --strategy ") + (pct ? "pct" : "random") + " --length " +
                      std::to_string(kind.length) + (kind.shared ? " --shared 1" : "") + (kind.io ? " --io 1" : "") +
                      " --bound " + std::to_string(options.bound);
    if (kind.scenario != nullptr) options.replay += std::string(" --scenario ") + kind.scenario->name;
    if (kind.like) options.replay += " --like " + std::to_string(*kind.like);
    if (kind.calls || kind.io_calls) options.replay += " --calls " + simulation::written_calls(kind);
    options.remember = [] { std::memcpy(remembered, static_cast<void*>(&naio::runtime()), sizeof remembered); };
    options.restore = [] { std::memcpy(static_cast<void*>(&naio::runtime()), remembered, sizeof remembered); };

    // The scheduler warms up before the first schedule, always with the same program, so that a replay is exact.
    constexpr int kWarmUps = 3;
    int warm_ups = 0;
    auto seed = static_cast<std::uint64_t>(options.first);
    return schedules::run(options, [&] {
        run_one(kind, warm_ups < kWarmUps ? 1 : seed++);
        ++warm_ups;
    });
}

// True if a program fails. Runs the programs in a child process, because a failure ends the process. `says`: the child
// prints what is wrong.
bool fails(bool says) {
    const pid_t child = fork();
    if (child == 0) {
        if (!says) static_cast<void>(std::freopen("/dev/null", "w", stderr));
        alarm(60);
        run_programs();
        _exit(0);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && status != 0;
}

template <class Calls>
int shrink_calls(std::optional<Calls>& calls, const Calls& all) {
    const auto still_fails = [&calls](const Calls& some) {
        calls = some;
        return fails(false);
    };
    options.schedules = kTries;
    if (!still_fails(all)) {
        std::fprintf(stderr, "simulation_scheduled: the program of this seed does not fail\n");
        return 2;
    }
    calls = simulation::shrink(all, still_fails);
    std::fputs(simulation::print(kind).c_str(), stdout);
    std::fflush(stdout);
    fails(true);
    return 0;
}

int print_shortest() {
    const auto seed = static_cast<std::uint64_t>(options.first);
    if (!kind.like) kind.like = seed;
    if (kind.io) return shrink_calls(kind.io_calls, kind.io_calls.value_or(simulation::generate_io(seed, kind.length)));
    return shrink_calls(kind.calls, kind.calls.value_or(simulation::generate(seed, kind.length)));
}

}  // namespace

int main(int argc, char** argv) {
    options.first = 1;
    options.seconds = 1e9;
    options.max_steps = 5'000'000;
    options.chance_ms = 100;  // far deadlines never pass
    for (int i = 1; i < argc; i += 2)
        if (i + 1 == argc || !read_option(argv[i], argv[i + 1])) {
            std::fprintf(stderr,
                         "simulation_scheduled: unknown option or value: %s %s\n"
                         "usage: simulation_scheduled [--strategy random|pct] [--first SEED] [--schedules N] "
                         "[--seconds S] [--length N]\n"
                         "                            [--bound B] [--shared 1] [--io 1] [--like SEED] [--calls WORD] "
                         "[--shrink 1]\n"
                         "                            [--scenario NAME]\n",
                         argv[i], i + 1 < argc ? argv[i + 1] : "");
            return 2;
        }
    if (shrinks) return print_shortest();
    const schedules::Result result = run_programs();
    std::printf("simulation: %ld programs of %u calls in %.2f s, %.0f a second, of %.0f points and %.0f switches\n",
                result.schedules, kind.length, result.seconds, static_cast<double>(result.schedules) / result.seconds,
                result.points, result.switches);
}
