// A check for the programs of this folder. It ends the program with status 1 if Asio does not behave as the program
// says.
#pragma once

#include <cstdio>
#include <cstdlib>

inline void expect(bool is_so, const char* what) {
    std::printf("%s: %s\n", is_so ? "yes" : "NO ", what);
    if (!is_so) std::exit(1);
}
