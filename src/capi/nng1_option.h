// Options as NNG 1 has them: other names and types than those of NNG 2, addresses as options, and values without a
// type.
#pragma once

#include <nng/nng.h>

#include <cstddef>
#include <cstdint>

#include "io/option.h"
#include "io/stream.h"
#include "io/stream_dialer.h"
#include "io/stream_listener.h"

namespace naio {

// Read the option `name` into `room`, a variable of this type, or set the option to the variable `value`. An address is
// an Nng1Address. The errors are those of the handle's own get and set.
nng_err get_option_nng1(Stream& stream, const char* name, OptionType type, void* room) noexcept;
nng_err get_option_nng1(StreamDialer& dialer, const char* name, OptionType type, void* room) noexcept;
nng_err get_option_nng1(StreamListener& listener, const char* name, OptionType type, void* room) noexcept;
nng_err set_option_nng1(Stream& stream, const char* name, OptionType type, const void* value) noexcept;
nng_err set_option_nng1(StreamDialer& dialer, const char* name, OptionType type, const void* value) noexcept;
nng_err set_option_nng1(StreamListener& listener, const char* name, OptionType type, const void* value) noexcept;

// A type that an option may have, for values whose type the caller does not name.
struct UntypedOption {
    OptionType type;
    std::size_t size;
};
inline constexpr std::size_t kLargestOption = sizeof(nng_sockaddr);
inline constexpr UntypedOption kUntypedOptions[] = {{OptionType::kBool, sizeof(bool)},
                                                    {OptionType::kInt, sizeof(int)},
                                                    {OptionType::kUint64, sizeof(std::uint64_t)},
                                                    {OptionType::kAddress, kLargestOption}};

// Copies the option's value to `room`, as much as the *size bytes there hold, and sets *size to the size of the value.
// Fails with NNG_EINVAL if the value is larger. `room` may be nullptr if *size is 0.
nng_err copy_out_nng1(const void* value, std::size_t value_size, void* room, std::size_t* size) noexcept;

template <class Handle>
nng_err get_untyped_nng1(Handle& handle, const char* name, void* room, std::size_t* size) noexcept {
    alignas(nng_sockaddr) unsigned char value[kLargestOption];
    for (const UntypedOption& each : kUntypedOptions) {
        const nng_err error = get_option_nng1(handle, name, each.type, value);
        if (error == NNG_OK) return copy_out_nng1(value, each.size, room, size);
        if (error != NNG_EBADTYPE) return error;
    }
    return NNG_EBADTYPE;
}

// Copies the program's value of this type to `room`, because it may be at any address, and its byte for a bool may be
// neither 0 nor 1.
void copy_in_nng1(const UntypedOption& option, const void* value, void* room) noexcept;

template <class Handle>
nng_err set_untyped_nng1(Handle& handle, const char* name, const void* value, std::size_t size) noexcept {
    alignas(nng_sockaddr) unsigned char room[kLargestOption];
    for (const UntypedOption& each : kUntypedOptions) {
        if (each.size != size || value == nullptr) continue;
        copy_in_nng1(each, value, room);
        const nng_err error = set_option_nng1(handle, name, each.type, room);
        if (error != NNG_EBADTYPE) return error;
    }
    const nng_err error = set_option_nng1(handle, name, OptionType::kString, "");  // no option is a string
    return error == NNG_EBADTYPE ? NNG_EINVAL : error;
}

}  // namespace naio
