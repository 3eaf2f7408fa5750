// Adds and removes numbers in network byte order at either end of a message's body or header.
#pragma once

#include <nng/nng.h>

#include <array>
#include <concepts>
#include <cstddef>

namespace naio {

template <std::unsigned_integral T>
std::array<std::byte, sizeof(T)> to_big_endian(T value) noexcept {
    std::array<std::byte, sizeof(T)> bytes;
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<std::byte>(value >> (8 * (sizeof(T) - 1 - i)));
    return bytes;
}

template <std::unsigned_integral T>
T from_big_endian(const std::byte* bytes) noexcept {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>((value << 8) | std::to_integer<T>(bytes[i]));
    return value;
}

// `Bytes` is a Chunk or a Header.
template <class Bytes, std::unsigned_integral T>
nng_err append_number(Bytes& bytes, T value) noexcept {
    return bytes.append(to_big_endian(value).data(), sizeof(T));
}

template <class Bytes, std::unsigned_integral T>
nng_err insert_number(Bytes& bytes, T value) noexcept {
    return bytes.insert(to_big_endian(value).data(), sizeof(T));
}

template <class Bytes, std::unsigned_integral T>
nng_err trim_number(Bytes& bytes, T* value) noexcept {
    if (bytes.size() < sizeof(T)) return NNG_EINVAL;
    *value = from_big_endian<T>(bytes.data());
    return bytes.trim(sizeof(T));
}

template <class Bytes, std::unsigned_integral T>
nng_err chop_number(Bytes& bytes, T* value) noexcept {
    if (bytes.size() < sizeof(T)) return NNG_EINVAL;
    *value = from_big_endian<T>(bytes.data() + bytes.size() - sizeof(T));
    return bytes.chop(sizeof(T));
}

}  // namespace naio
