// Random programs against the model, over the scheduler of tests/schedules and a simulated system: each program under a
// schedule of its own, with a simulated clock.
//
//     simulation_scheduled [--strategy random|pct] [--first SEED] [--schedules N] [--length N] [--bound B] [--seconds S]
//                          [--shared 1 | --io 1]
//
// A failure prints the program and how to replay it. NAIO_FAULT=NAME seeds a fault.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "io/io_world.h"
#include "memory.h"
#include "program.h"
#include "runtime/runtime.h"
#include "scheduler.h"
#include "shared.h"
#include "simulated_system.h"
#include "world/world.h"

namespace {

using schedules::Options;
using schedules::Strategy;

// The state of the library between two schedules.
alignas(naio::Runtime) std::byte remembered[sizeof(naio::Runtime)];

unsigned length = 40;
bool shared = false;
bool io = false;

void* allocate(std::size_t size) {
    return simulation::fails(simulation::Failure::kMemory) ? nullptr : schedules::memory::allocate(size);
}
void* allocate_zeroed(std::size_t count, std::size_t size) {
    return simulation::fails(simulation::Failure::kMemory) ? nullptr : schedules::memory::allocate_zeroed(count, size);
}

void bring_up() {
    nng_init_params parameters{};
    parameters.num_task_threads = 2;
    parameters.max_task_threads = 4;
    parameters.malloc_fn = allocate;
    parameters.calloc_fn = allocate_zeroed;
    parameters.free_fn = schedules::memory::release;
    schedules::require(nng_init(&parameters) == NNG_OK, "nng_init fails");
}

// Runs the program of one thread. Prints it if it fails.
std::string run_single(std::uint64_t seed) {
    const simulation::Program program = simulation::generate(seed, length);
    std::atomic<std::size_t> at{0};
    const std::string what = simulation::run(program, at);
    if (what.empty()) return what;
    for (std::size_t i = 0; i <= at && i < program.size(); ++i)
        std::fprintf(stderr, "%3zu %s\n", i, simulation::text(program[i]).c_str());
    return what;
}

std::string run_io(std::uint64_t seed) {
    const simulation::IoProgram program = simulation::generate_io(seed, length);
    std::atomic<std::size_t> at{0};
    const std::string what = simulation::run_io(program, at);
    if (what.empty()) return what;
    for (std::size_t i = 0; i <= at && i < program.size(); ++i)
        std::fprintf(stderr, "%3zu %s\n", i, simulation::text(program[i]).c_str());
    return what;
}

simulation::Chances chances_of(std::uint64_t seed) {
    using simulation::Chances;
    if (!io) return Chances::kReadiness;
    constexpr Chances kAll[] = {Chances::kNone, Chances::kDisturbances, Chances::kFailures, Chances::kFailures};
    return kAll[seed % 4];
}

void run_program(std::uint64_t seed) {
    schedules::memory::reset();
    simulation::reset_system(seed, chances_of(seed));
    simulation::let_fail(!io);
    bring_up();
    simulation::let_fail(true);
    const std::string what = io ? run_io(seed) : shared ? simulation::run_shared(seed, length) : run_single(seed);
    if (!what.empty()) schedules::fail(what.c_str());
    simulation::let_fail(!io);
    nng_fini();
    schedules::require(schedules::memory::blocks_in_use() == 0, "memory is left after nng_fini");
    schedules::require(simulation::open_descriptors() == 0, "descriptors are left after nng_fini");
}

bool read_option(Options& options, const std::string& name, const std::string& value) {
    if (name == "--strategy")
        options.strategy = value == "pct" ? Strategy::kPct : Strategy::kRandom;
    else if (name == "--first")
        options.first = std::atol(value.c_str());
    else if (name == "--schedules")
        options.schedules = std::atol(value.c_str());
    else if (name == "--length")
        length = static_cast<unsigned>(std::atoi(value.c_str()));
    else if (name == "--shared")
        shared = value != "0";
    else if (name == "--io")
        io = value != "0";
    else if (name == "--bound")
        options.bound = std::atoi(value.c_str());
    else if (name == "--seconds")
        options.seconds = std::atof(value.c_str());
    else
        return false;
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    options.first = 1;
    options.seconds = 1e9;
    options.max_steps = 5'000'000;
    options.chance_ms = 100;  // far deadlines never pass
    for (int i = 1; i < argc; i += 2)
        if (i + 1 == argc || !read_option(options, argv[i], argv[i + 1])) {
            std::fprintf(stderr, "simulation_scheduled: what is %s?\n", argv[i]);
            return 2;
        }
    const bool pct = options.strategy == Strategy::kPct;
    options.replay = std::string(argv[0]) + " --strategy " + (pct ? "pct" : "random") + " --length " +
                     std::to_string(length) + (shared ? " --shared 1" : "") + (io ? " --io 1" : "") + " --bound " +
                     std::to_string(options.bound);
    options.remember = [] { std::memcpy(remembered, static_cast<void*>(&naio::runtime()), sizeof remembered); };
    options.restore = [] { std::memcpy(static_cast<void*>(&naio::runtime()), remembered, sizeof remembered); };

    // The scheduler warms up before the first schedule, always with the same program, so that a replay is exact.
    constexpr int kWarmUps = 3;
    int warm_ups = 0;
    std::uint64_t seed = static_cast<std::uint64_t>(options.first);
    const schedules::Result result = schedules::run(options, [&] {
        run_program(warm_ups < kWarmUps ? 1 : seed++);
        ++warm_ups;
    });
    std::printf("simulation: %ld programs of %u calls in %.2f s, %.0f a second, of %.0f points and %.0f switches\n",
                result.schedules, length, result.seconds, static_cast<double>(result.schedules) / result.seconds,
                result.points, result.switches);
}
