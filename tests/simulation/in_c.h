// A program printed in C against the public headers.
#pragma once

#include <string>

#include "ending.h"
#include "program.h"

namespace simulation {

// A whole program in C, which makes the calls and checks what is to be seen after the last one and after its end. Status
// 1: it is not.
std::string in_c(const Program& program, Ending end);

}  // namespace simulation
