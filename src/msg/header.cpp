#include "msg/header.h"

#include <cstring>

namespace naio {

nng_err Header::append(const void* data, std::size_t length) noexcept {
    if (length > kCapacity - size_) return NNG_EINVAL;
    if (data != nullptr) std::memmove(bytes_.data() + size_, data, length);
    size_ += length;
    return NNG_OK;
}

nng_err Header::insert(const void* data, std::size_t length) noexcept {
    if (length > kCapacity - size_) return NNG_EINVAL;
    std::array<std::byte, kCapacity> added;  // copied first, because `data` may be part of the header
    if (data != nullptr) std::memcpy(added.data(), data, length);
    std::memmove(bytes_.data() + length, bytes_.data(), size_);
    if (data != nullptr) std::memcpy(bytes_.data(), added.data(), length);
    size_ += length;
    return NNG_OK;
}

nng_err Header::trim(std::size_t length) noexcept {
    if (length > size_) return NNG_EINVAL;
    size_ -= length;
    std::memmove(bytes_.data(), bytes_.data() + length, size_);
    return NNG_OK;
}

nng_err Header::chop(std::size_t length) noexcept {
    if (length > size_) return NNG_EINVAL;
    size_ -= length;
    return NNG_OK;
}

}  // namespace naio
