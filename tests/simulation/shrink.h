// A program that fails, made as short as it gets.
#pragma once

#include <functional>

#include "program.h"

namespace simulation {

// Leaves out calls as long as `fails` says that what remains fails.
Program shrink(Program program, const std::function<bool(const Program&)>& fails);

}  // namespace simulation
