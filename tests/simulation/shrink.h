// Shortens a program that fails.
#pragma once

#include <algorithm>
#include <cstddef>

namespace simulation {

// Leaves out calls as long as the rest still fails. Tries to leave out parts that have half the program's length, then
// a quarter, and so on down to single calls. Tries all single calls again until none can be left out.
template <class Program, class Fails>
Program shrink(Program program, Fails fails) {
    for (std::size_t part = std::max<std::size_t>(program.size() / 2, 1);;) {
        bool shorter = false;
        for (std::size_t begin = 0; begin < program.size();) {
            Program without = program;
            const std::size_t end = std::min(begin + part, program.size());
            without.erase(without.begin() + static_cast<std::ptrdiff_t>(begin),
                          without.begin() + static_cast<std::ptrdiff_t>(end));
            if (fails(without)) {
                program = without;
                shorter = true;
            } else {
                begin = end;
            }
        }
        if (part == 1 && !shorter) return program;
        part = std::max<std::size_t>(part / 2, 1);
    }
}

}  // namespace simulation
