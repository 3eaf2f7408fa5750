// A message's header: up to 64 bytes, stored in the message itself. Bytes are added and removed as in the body
// (msg/chunk.h), but the header returns NNG_EINVAL for bytes that do not fit.
//
// Only the message's owner calls a Header, which is not thread-safe.
#pragma once

#include <nng/nng.h>

#include <array>
#include <cstddef>

namespace naio {

class Header {
  public:
    static constexpr std::size_t kCapacity = 64;

    [[nodiscard]] std::byte* data() noexcept { return bytes_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    // Add bytes at the end and at the front. `data` may be part of the header itself. If `data` is NULL, the new bytes
    // are unspecified.
    [[nodiscard]] nng_err append(const void* data, std::size_t length) noexcept;
    [[nodiscard]] nng_err insert(const void* data, std::size_t length) noexcept;

    // Remove bytes from the front (trim) and from the end (chop). Fail with NNG_EINVAL if there are fewer than `length`
    // bytes.
    nng_err trim(std::size_t length) noexcept;
    nng_err chop(std::size_t length) noexcept;
    void clear() noexcept { size_ = 0; }

  private:
    // Aligned, because programs read numbers directly from the header.
    alignas(8) std::array<std::byte, kCapacity> bytes_{};
    std::size_t size_ = 0;
};

}  // namespace naio
