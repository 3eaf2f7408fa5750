// Aborts if a call of the test itself fails, which cannot happen.
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
