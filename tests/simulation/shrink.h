// A program that fails, made as short as it gets, and printed in C against the public headers.
#pragma once

#include <functional>
#include <string>

#include "program.h"

namespace simulation {

// Leaves out calls as long as `fails` says that what remains fails.
Program shrink(Program program, const std::function<bool(const Program&)>& fails);

// A whole program in C, which makes the calls and checks what is to be seen after the last one. Status 1: it is not.
std::string in_c(const Program& program);

}  // namespace simulation
