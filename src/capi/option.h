// The typed functions that get and set options, for every handle that has options.
#pragma once

#include <nng/nng.h>

#include "base/panic.h"
#include "capi/handle.h"
#include "io/option.h"

namespace naio {

template <class Handle>
nng_err get_option(Handle* handle, const char* option, OptionType type, void* value, const char* call) noexcept {
    require(option, call);
    require(value, call);
    return checked(handle, call).get(option, {type, value});
}

template <class Handle>
nng_err set_option(Handle* handle, const char* option, OptionType type, const void* value, const char* call) noexcept {
    require(option, call);
    require(value, call);
    return checked(handle, call).set(option, {type, value});
}

}  // namespace naio
