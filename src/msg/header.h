// A message's header: up to 64 bytes, stored in the message itself. Same calls as the body (msg/chunk.h), but what
// does not fit is NNG_EINVAL.
//
// Called by the message's owner only: not thread-safe.
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

    // `data` may be NULL, then the new bytes are unspecified, and it may lie inside the header itself.
    [[nodiscard]] nng_err append(const void* data, std::size_t length) noexcept;
    [[nodiscard]] nng_err insert(const void* data, std::size_t length) noexcept;

    // Remove from the front and from the end; NNG_EINVAL when there are not so many bytes.
    nng_err trim(std::size_t length) noexcept;
    nng_err chop(std::size_t length) noexcept;
    void clear() noexcept { size_ = 0; }

  private:
    // Aligned, as programs read numbers straight from it.
    alignas(8) std::array<std::byte, kCapacity> bytes_{};
    std::size_t size_ = 0;
};

}  // namespace naio
