// Checks the calls of the test itself, which must not fail. Aborts if one of them fails.
#pragma once

#include <nng/nng.h>

#include <cstdio>
#include <cstdlib>

namespace simulation {

inline void must(int error, const char* call) {
    if (error == 0) return;
    std::fprintf(stderr, "%s: %s\n", call, nng_strerror(static_cast<nng_err>(error)));
    std::abort();
}

}  // namespace simulation
