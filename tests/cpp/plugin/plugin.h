// The functions of the plugin that the program calls.
#pragma once

#include <naio/naio.hpp>

struct Plugin {
    std::error_code (*error)(nng_err err);
    void (*throws)(nng_err err);  // throws the error with result::or_throw
    // Runs the function in a task of the plugin. Returns the result that the task makes of the function's exception.
    nng_err (*awaits)(void (*throws)(nng_err err), nng_err err);
};
