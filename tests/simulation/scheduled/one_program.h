// Runs one program over the scheduler and the simulated system: brings the library up, makes the calls, takes it down,
// and checks that no memory and no descriptor is left. A failure ends the process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "io/io_program.h"
#include "program.h"
#include "scenario.h"

namespace simulation {

// The options that determine a program, together with a seed.
struct Kind {
    unsigned length = 40;
    bool shared = false, io = false;
    // If set, the program has these calls, whatever the seed is. The system has the same chances (failures.h), and
    // the program the same ending, as with the seed `like`.
    std::optional<Program> calls;
    std::optional<IoProgram> io_calls;
    std::optional<std::uint64_t> like;
    // If set, the scenario runs instead of a program (scenarios.cpp). The seed determines how the system behaves.
    const schedules::Scenario* scenario = nullptr;
};

// Runs the program of the seed. Call it inside a schedule.
void run_one(const Kind& kind, std::uint64_t seed);

// Returns the program of `kind` in C against the public headers, or with a line for each call if the program is
// one of --io.
// REQUIRES: `kind` has the program and `like`.
std::string print(const Kind& kind);

// written_calls returns the calls as one word, and read_calls reads such a word. read_calls returns false if it
// cannot read the word.
std::string written_calls(const Kind& kind);
bool read_calls(Kind& kind, const std::string& word);

}  // namespace simulation
