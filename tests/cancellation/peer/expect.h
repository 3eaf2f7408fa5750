// For the programs of this folder: they stop with 1 when Asio does not behave as they say.
#pragma once

#include <cstdio>
#include <cstdlib>

inline void expect(bool is_so, const char* what) {
    std::printf("%s: %s\n", is_so ? "yes" : "NO ", what);
    if (!is_so) std::exit(1);
}
