// Runs one program over the scheduler and the simulated system: brings the library up, makes the calls, takes it down,
// and sees that nothing is left. A failure ends the process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "io/io_program.h"
#include "program.h"
#include "scenario.h"

namespace simulation {

// Which program belongs to a seed.
struct Kind {
    unsigned length = 40;
    bool shared = false, io = false;
    // This one, whatever the seed. How the system behaves and how the program ends is as with the seed `like`.
    std::optional<Program> calls;
    std::optional<IoProgram> io_calls;
    std::optional<std::uint64_t> like;
    // In the place of a program (scenarios.cpp). The seed determines how the system behaves.
    const schedules::Scenario* scenario = nullptr;
};

// Inside of a schedule.
void run_one(const Kind& kind, std::uint64_t seed);

// The program of `kind`, in C against the public headers; a program of --io as a line for each call. REQUIRES: `kind`
// has the program and `like`.
std::string print(const Kind& kind);

// The calls as a word that read_calls takes. False: it is none.
std::string written_calls(const Kind& kind);
bool read_calls(Kind& kind, const std::string& word);

}  // namespace simulation
