// The typed functions that get and set options, for each handle that has options.
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

// Define the functions of a handle's C type that get, or set, options.
#define NAIO_GET_OPTION(handle, suffix, value_type, kind)                                  \
    nng_err handle##_get_##suffix(handle* object, const char* option, value_type* value) { \
        return naio::get_option(object, option, naio::OptionType::kind, value, __func__);  \
    }
#define NAIO_SET_OPTION(handle, suffix, value_type, kind)                                  \
    nng_err handle##_set_##suffix(handle* object, const char* option, value_type value) {  \
        return naio::set_option(object, option, naio::OptionType::kind, &value, __func__); \
    }

#define NAIO_GET_OPTIONS(handle)                             \
    NAIO_GET_OPTION(handle, bool, bool, kBool)               \
    NAIO_GET_OPTION(handle, int, int, kInt)                  \
    NAIO_GET_OPTION(handle, ms, nng_duration, kMilliseconds) \
    NAIO_GET_OPTION(handle, size, size_t, kSize)             \
    NAIO_GET_OPTION(handle, uint64, uint64_t, kUint64)       \
    NAIO_GET_OPTION(handle, string, const char*, kString)
#define NAIO_SET_OPTIONS(handle)                             \
    NAIO_SET_OPTION(handle, bool, bool, kBool)               \
    NAIO_SET_OPTION(handle, int, int, kInt)                  \
    NAIO_SET_OPTION(handle, ms, nng_duration, kMilliseconds) \
    NAIO_SET_OPTION(handle, size, size_t, kSize)             \
    NAIO_SET_OPTION(handle, uint64, uint64_t, kUint64)       \
    NAIO_SET_OPTION(handle, string, const char*, kString)
