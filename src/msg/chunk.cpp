#include "msg/chunk.h"

#include <algorithm>
#include <cstring>

#include "base/fault.h"

namespace naio {

namespace {

constexpr std::size_t kMaxSize = PTRDIFF_MAX;

// Programs read numbers and structures directly from the body, so a body that is moved begins at a multiple of 8.
constexpr std::size_t aligned_down(std::size_t size) noexcept { return size & ~std::size_t{7}; }

}  // namespace

// A Source is the bytes to add. If these are part of the content, they move with the content, so a Source has their
// offset in the content instead of their address.
class Chunk::Source {
  public:
    Source(const Chunk& chunk, const void* data) noexcept
        : data_(data),
          place_(reinterpret_cast<std::uintptr_t>(data) - reinterpret_cast<std::uintptr_t>(chunk.data_)),
          inside_(data != nullptr && place_ < chunk.size_ && !NAIO_FAULT(own_bytes_not_followed)) {}

    void copy_to(std::byte* target, const std::byte* content, std::size_t length) const noexcept {
        const void* from = inside_ ? content + place_ : data_;
        if (from != nullptr && length != 0) std::memmove(target, from, length);
    }

  private:
    const void* data_;
    std::uintptr_t place_;
    bool inside_;
};

// Moves the content to a new block.
nng_err Chunk::relocate(std::size_t headroom, std::size_t capacity) noexcept {
    if (capacity > kMaxSize || headroom > kMaxSize - capacity) return NNG_ENOMEM;
    auto* block = static_cast<std::byte*>(allocator_->allocate_zeroed(headroom + capacity));
    if (block == nullptr) return NNG_ENOMEM;
    if (size_ != 0) std::memcpy(block + headroom, data_, size_);
    if (!NAIO_FAULT(replaced_block_kept)) allocator_->release(block_, block_size_);
    block_ = block;
    data_ = block + headroom;
    block_size_ = headroom + capacity;
    return NNG_OK;
}

// Moves the content to a new block with this capacity. Keeps the headroom, which a caller may need, but not more of it
// than `capacity`. Without this limit, trim would leave more and more headroom, and the block of a body that is filled
// at its end and consumed at its front would grow forever.
nng_err Chunk::grow(std::size_t capacity) noexcept { return relocate(std::min(headroom(), capacity), capacity); }

// Makes room for `length` bytes at the front. Shifts the content within the block if at least an eighth of the needed
// size then stays free; otherwise moves the content to a new block.
nng_err Chunk::make_headroom(std::size_t length) noexcept {
    const std::size_t needed = size_ + length;
    if (block_size_ < needed || block_size_ - needed < needed / 8)
        return relocate(length + aligned_down(size_), capacity());
    std::byte* target = block_ + aligned_down((block_size_ - needed) / 2) + length;
    std::memmove(target, data_, size_);
    data_ = target;
    return NNG_OK;
}

nng_err Chunk::allocate(std::size_t size, std::size_t room) noexcept {
    if (size > kMaxSize - room) return NNG_ENOMEM;
    const nng_err error = relocate(room, size + room);
    if (error == NNG_OK) size_ = size;
    return error;
}

nng_err Chunk::copy(const Chunk& other) noexcept {
    if (other.block_ == nullptr) return NNG_OK;
    const nng_err error = relocate(other.headroom(), other.capacity());
    if (error != NNG_OK) return error;
    std::memcpy(data_, other.data_, other.size_);
    size_ = other.size_;
    return NNG_OK;
}

nng_err Chunk::reserve(std::size_t wanted) noexcept { return wanted <= capacity() ? NNG_OK : grow(wanted); }

nng_err Chunk::resize(std::size_t size) noexcept {
    return size > size_ ? append(nullptr, size - size_) : chop(size_ - size);
}

nng_err Chunk::append(const void* data, std::size_t length) noexcept {
    if (length > kMaxSize - size_) return NNG_ENOMEM;
    const Source source(*this, data);
    const std::size_t needed = size_ + length;
    if (needed > capacity()) {
        const nng_err error = grow(std::max(needed, 2 * capacity()));
        if (error != NNG_OK) return error;
    }
    source.copy_to(data_ + size_, data_, length);
    size_ = needed;
    return NNG_OK;
}

nng_err Chunk::insert(const void* data, std::size_t length) noexcept {
    if (length > kMaxSize - size_) return NNG_ENOMEM;
    const Source source(*this, data);
    if (length > headroom()) {
        const nng_err error = make_headroom(length);
        if (error != NNG_OK) return error;
    }
    source.copy_to(data_ - length, data_, length);
    data_ -= length;
    size_ += length;
    return NNG_OK;
}

nng_err Chunk::trim(std::size_t length) noexcept {
    if (length > size_) return NNG_EINVAL;
    size_ -= length;
    // An emptied body keeps its start, so that its capacity does not shrink.
    if (size_ != 0 && !NAIO_FAULT(trim_takes_the_end)) data_ += length;
    return NNG_OK;
}

nng_err Chunk::chop(std::size_t length) noexcept {
    if (length > size_) return NNG_EINVAL;
    size_ -= length;
    return NNG_OK;
}

}  // namespace naio
