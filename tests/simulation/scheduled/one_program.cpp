#include "one_program.h"

#include <atomic>
#include <cstdio>
#include <sstream>

#include "in_c.h"
#include "io/io_world.h"
#include "io/shared_io.h"
#include "memory.h"
#include "model/model.h"
#include "scheduler.h"
#include "shared.h"
#include "simulated_system.h"
#include "world/world.h"

namespace simulation {

namespace {

constexpr int kLooks = 10'000;

void* allocate(std::size_t size) { return fails(Failure::kMemory) ? nullptr : schedules::memory::allocate(size); }
void* allocate_zeroed(std::size_t count, std::size_t size) {
    return fails(Failure::kMemory) ? nullptr : schedules::memory::allocate_zeroed(count, size);
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

template <class Calls>
std::string lines(const Calls& calls, std::size_t last) {
    std::ostringstream out;
    for (std::size_t i = 0; i <= last && i < calls.size(); ++i) out << i << ' ' << text(calls[i]) << '\n';
    return out.str();
}

// Runs the program. Prints it if it fails.
template <class Calls, class Run>
std::string run_calls(const Calls& calls, Run run) {
    std::atomic<std::size_t> at{0};
    const std::string what = run(calls, at);
    if (!what.empty()) std::fputs(lines(calls, at).c_str(), stderr);
    return what;
}

Chances chances_of(const Kind& kind, std::uint64_t seed) {
    if (!kind.io) return Chances::kReadiness;
    if (kind.shared) return Chances::kDisturbances;
    constexpr Chances kAll[] = {Chances::kNone, Chances::kDisturbances, Chances::kFailures, Chances::kFailures};
    return kAll[kind.like.value_or(seed) % 4];
}

// Returns the ending of the program. Every eighth program calls nng_fini while operations are in flight.
Ending end_of(const Kind& kind, std::uint64_t seed) {
    return kind.like.value_or(seed) / 4 % 8 == 0 ? Ending::kFini : Ending::kInOrder;
}

std::string run_in_library(const Kind& kind, std::uint64_t seed) {
    if (kind.shared) return kind.io ? run_shared_io(seed, kind.length) : run_shared(seed, kind.length);
    const Ending end = end_of(kind, seed);
    if (!kind.io)
        return run_calls(kind.calls ? *kind.calls : generate(seed, kind.length),
                         [end](const Program& program, std::atomic<std::size_t>& at) { return run(program, end, at); });
    return run_calls(
        kind.io_calls ? *kind.io_calls : generate_io(seed, kind.length),
        [end](const IoProgram& program, std::atomic<std::size_t>& at) { return run_io(program, end, at); });
}

void run_program(const Kind& kind, std::uint64_t seed) {
    let_fail(!kind.io);
    bring_up();
    let_fail(true);
    const std::string what = run_in_library(kind, seed);
    if (!what.empty()) schedules::fail(what.c_str());
    let_fail(!kind.io);
    nng_fini();
}

// Visits the numbers of a call in the order in which they are written.
template <class Field>
void visit(Call& call, Field field) {
    field(call.what);
    field(call.aio);
    field(call.other);
    field(call.types);
    field(call.policy);
    field(call.value);
}
template <class Field>
void visit(IoCall& call, Field field) {
    field(call.what);
    field(call.aio);
    field(call.object);
    field(call.value);
    field(call.timeout);
}

template <class Calls>
std::string write(Calls calls) {
    std::string word;
    for (auto& call : calls) {
        if (!word.empty()) word += ',';
        std::string numbers;
        visit(call,
              [&](auto value) { numbers += (numbers.empty() ? "" : ".") + std::to_string(static_cast<long>(value)); });
        word += numbers;
    }
    return word;
}

template <class Calls>
bool read(const std::string& word, Calls& calls) {
    std::istringstream in(word);
    for (std::string part; std::getline(in, part, ',');) {
        std::istringstream numbers(part);
        auto& call = calls.emplace_back();
        bool good = true;
        visit(call, [&](auto& value) {
            std::string number;
            good = good && std::getline(numbers, number, '.');
            if (good) value = static_cast<std::remove_reference_t<decltype(value)>>(std::atol(number.c_str()));
        });
        if (!good) return false;
    }
    return true;
}

}  // namespace

void run_one(const Kind& kind, std::uint64_t seed) {
    schedules::memory::reset();
    reset_system(seed, chances_of(kind, seed));
    if (kind.scenario != nullptr)
        kind.scenario->body();
    else
        run_program(kind, seed);
    // nng_fini does not wait for the open of a file that was asked to end while the system call ran. Only the memory of
    // such an open may be left for a moment.
    for (int i = 0; i < kLooks && schedules::memory::blocks_in_use() != 0; ++i) schedules::yield();
    schedules::require(schedules::memory::blocks_in_use() == 0, "memory is left after nng_fini");
    schedules::require(open_descriptors() == 0, "descriptors are left after nng_fini");
}

std::string print(const Kind& kind) {
    if (kind.calls) return in_c(*kind.calls, end_of(kind, 0));
    return lines(*kind.io_calls, kind.io_calls->size());
}

std::string written_calls(const Kind& kind) { return kind.calls ? write(*kind.calls) : write(*kind.io_calls); }

bool read_calls(Kind& kind, const std::string& word) {
    return kind.io ? read(word, kind.io_calls.emplace()) : read(word, kind.calls.emplace());
}

}  // namespace simulation
