// A program printed in C against the public headers.
#pragma once

#include <string>

#include "ending.h"
#include "program.h"

namespace simulation {

// Returns a whole program in C, which makes the calls, and compares what can be seen after the last call and after the
// program's end with what the model expects. The C program exits with status 1 if they differ.
std::string in_c(const Program& program, Ending end);

}  // namespace simulation
