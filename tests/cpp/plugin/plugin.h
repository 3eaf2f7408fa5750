// What the plugin gives to the program that loads it.
#pragma once

#include <naio/naio.hpp>

struct Plugin {
    std::error_code (*error)(nng_err err);
    void (*throws)(nng_err err);  // by result::or_throw
    // What a task of the plugin makes of what the function throws.
    nng_err (*awaits)(void (*throws)(nng_err err), nng_err err);
};
