// The bytes of a message body: one block of memory with room to grow at both ends.
//
//     block_            data_                                     block_ + block_size_
//     | headroom        | size bytes of content        | spare    |
//                       |<-------- capacity() ------------------>|
//
// Only the message's owner calls a Chunk, which is not thread-safe.
//
// Invariants:
//  1. Every block is zeroed when it is allocated, and no larger than PTRDIFF_MAX.
//  2. A call that fails changes nothing.
//  3. Removing bytes never allocates. Adding bytes at the end does not allocate if the capacity suffices.
//  4. The bytes to add may be part of the content itself.
#pragma once

#include <nng/nng.h>

#include <cstddef>
#include <cstdint>

#include "base/allocator.h"

namespace naio {

class Chunk {
  public:
    explicit Chunk(const Allocator& allocator) noexcept : allocator_(&allocator) {}
    ~Chunk() { allocator_->release(block_, block_size_); }
    Chunk(const Chunk&) = delete;
    Chunk& operator=(const Chunk&) = delete;

    // Fill a new chunk, which has no memory yet. allocate fills it with `size` zeroed bytes, with `room` at both ends.
    // copy fills it with the bytes of `other`, with the room that `other` has.
    [[nodiscard]] nng_err allocate(std::size_t size, std::size_t room) noexcept;
    [[nodiscard]] nng_err copy(const Chunk& other) noexcept;

    [[nodiscard]] const Allocator& allocator() const noexcept { return *allocator_; }
    [[nodiscard]] std::byte* data() noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t headroom() const noexcept { return static_cast<std::size_t>(data_ - block_); }
    [[nodiscard]] std::size_t capacity() const noexcept { return block_size_ - headroom(); }

    // Raises the capacity to exactly `capacity`; a larger capacity stays.
    [[nodiscard]] nng_err reserve(std::size_t capacity) noexcept;

    // resize changes the size at the end, append adds bytes at the end, and insert adds bytes at the front. To add a
    // byte takes amortized constant time. If `data` is NULL, the new bytes keep the values that the block has there,
    // which are zero unless the bytes were in use before.
    [[nodiscard]] nng_err resize(std::size_t size) noexcept;
    [[nodiscard]] nng_err append(const void* data, std::size_t length) noexcept;
    [[nodiscard]] nng_err insert(const void* data, std::size_t length) noexcept;

    // Remove bytes from the front (trim) and from the end (chop). Fail with NNG_EINVAL if there are fewer than `length`
    // bytes.
    nng_err trim(std::size_t length) noexcept;
    nng_err chop(std::size_t length) noexcept;
    void clear() noexcept { size_ = 0; }

  private:
    class Source;
    nng_err relocate(std::size_t headroom, std::size_t capacity) noexcept;
    nng_err grow(std::size_t capacity) noexcept;
    nng_err make_headroom(std::size_t length) noexcept;

    const Allocator* allocator_;
    std::byte* block_ = nullptr;
    std::byte* data_ = nullptr;
    std::size_t block_size_ = 0;
    std::size_t size_ = 0;
};

}  // namespace naio
