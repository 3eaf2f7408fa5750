#include "capi/nng1_option.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "io/nng1_address.h"

namespace naio {

namespace {

constexpr std::string_view kRemoteAddress = "remote-address";
constexpr std::string_view kBoundPort = "tcp-bound-port";
constexpr std::string_view kPeer = "ipc:peer-";
constexpr std::string_view kPeerZone = "ipc:peer-zoneid";  // streams of naio do not have it

bool is_address(std::string_view name) noexcept { return name == NNG_OPT_LOCADDR || name == kRemoteAddress; }

nng_err put_address(OptionType type, const nng_sockaddr& address, void* room) noexcept {
    if (type != OptionType::kAddress) return NNG_EBADTYPE;
    *static_cast<Nng1Address*>(room) = to_nng1(address);
    return NNG_OK;
}

// Reads an option about the peer. These are of the type uint64 in NNG 1.
nng_err get_peer(Stream& stream, const char* name, OptionType type, void* room) noexcept {
    int value = 0;
    const nng_err error = stream.get(name, {OptionType::kInt, &value});
    if (error != NNG_OK) return error;
    if (type != OptionType::kUint64) return NNG_EBADTYPE;
    *static_cast<std::uint64_t*>(room) = static_cast<std::uint32_t>(value);
    return NNG_OK;
}

template <class Handle>
nng_err set_with_address(Handle& handle, const char* name, OptionType type, const void* value) noexcept {
    if (type != OptionType::kAddress) return handle.set(name, {type, value});
    const nng_sockaddr address = from_nng1(*static_cast<const Nng1Address*>(value));
    return handle.set(name, {type, &address});
}

}  // namespace

nng_err get_option_nng1(Stream& stream, const char* name, OptionType type, void* room) noexcept {
    const std::string_view option = name;
    if (is_address(option)) return put_address(type, option == NNG_OPT_LOCADDR ? stream.self() : stream.peer(), room);
    return option.starts_with(kPeer) ? get_peer(stream, name, type, room) : stream.get(name, {type, room});
}

nng_err get_option_nng1(StreamDialer& dialer, const char* name, OptionType type, void* room) noexcept {
    const nng_err error = dialer.get(name, {type, room});
    if (error != NNG_EWRITEONLY || std::string_view(name) != NNG_OPT_LOCADDR) return error;
    return put_address(type, dialer.local_address(), room);
}

nng_err get_option_nng1(StreamListener& listener, const char* name, OptionType type, void* room) noexcept {
    const std::string_view option = name;
    if (option == NNG_OPT_LOCADDR) return put_address(type, listener.address(), room);
    if (option == NNG_OPT_BOUND_PORT || option == NNG_OPT_LISTEN_FD) return NNG_ENOTSUP;  // names of NNG 2
    return listener.get(option == kBoundPort ? NNG_OPT_BOUND_PORT : name, {type, room});
}

nng_err set_option_nng1(Stream& stream, const char* name, OptionType type, const void* value) noexcept {
    const std::string_view option = name;
    if (is_address(option) || option == kPeerZone) return NNG_EREADONLY;
    return stream.set(name, {type, value});
}

nng_err set_option_nng1(StreamDialer& dialer, const char* name, OptionType type, const void* value) noexcept {
    return set_with_address(dialer, name, type, value);
}

nng_err set_option_nng1(StreamListener& listener, const char* name, OptionType type, const void* value) noexcept {
    const std::string_view option = name;
    if (option == NNG_OPT_LOCADDR) return NNG_EREADONLY;
    if (option == NNG_OPT_BOUND_PORT || option == NNG_OPT_LISTEN_FD) return NNG_ENOTSUP;
    // NNG 1 ignores the mode of a socket that has no file.
    if (option == NNG_OPT_IPC_PERMISSIONS && type == OptionType::kInt && listener.address().s_family == NNG_AF_ABSTRACT)
        return NNG_OK;
    return set_with_address(listener, name, type, value);
}

void copy_in_nng1(const UntypedOption& option, const void* value, void* room) noexcept {
    if (option.type == OptionType::kBool)
        *static_cast<bool*>(room) = *static_cast<const unsigned char*>(value) != 0;
    else
        std::memcpy(room, value, option.size);
}

nng_err copy_out_nng1(const void* value, std::size_t value_size, void* room, std::size_t* size) noexcept {
    if (*size != 0) std::memcpy(room, value, std::min(*size, value_size));
    const bool fits = *size >= value_size;
    *size = value_size;
    return fits ? NNG_OK : NNG_EINVAL;
}

}  // namespace naio
