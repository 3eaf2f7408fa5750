// Fuzz target: makes a program of tests/simulation from the input, that is, calls on handles, signals, a queue and
// streams. A model of the contract predicts the results and effects of each call, and the library must agree with the
// model after each call.
#include "program.h"

#include <nng/nng.h>

#include <atomic>

#include "input.h"
#include "world/world.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr unsigned kCalls = 60;
    static const bool up = nng_init(nullptr) == NNG_OK;
    CHECK(up);
    simulation::Random choices(data, size);
    const simulation::Program program = simulation::generate(choices, kCalls);
    std::atomic<std::size_t> at{0};
    const std::string wrong = simulation::run(program, simulation::Ending::kInOrder, at);
    if (wrong.empty()) return 0;
    for (std::size_t i = 0; i <= at && i < program.size(); ++i)
        std::fprintf(stderr, "%3zu %s\n", i, simulation::text(program[i]).c_str());
    std::fprintf(stderr, "%s\n", wrong.c_str());
    std::abort();
}
