// A program printed in C against the public headers.
#pragma once

#include <string>

#include "ending.h"
#include "program.h"

namespace simulation {

// Returns a whole program in C. It makes the calls, and compares all that it can see with the model, after the last
// call and again at the end. The C program exits with status 1 if they differ.
std::string in_c(const Program& program, Ending end);

}  // namespace simulation
