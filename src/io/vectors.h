// The pieces of memory that system calls read into or write from.
#pragma once

#include <nng/nng.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>

#include "aio/aio.h"
#include "base/fault.h"
#include "base/pieces.h"

namespace naio {

class Vectors {
  public:
    Vectors(const nng_iov* vectors, unsigned count) noexcept : count_(count) {
        if (count == 1) [[likely]] {
            vectors_[0] = {vectors->iov_buf, vectors->iov_len};
            first_ = vectors->iov_len == 0 ? 1 : 0;
            return;
        }
        for (unsigned i = 0; i < count; ++i) vectors_[i] = {vectors[i].iov_buf, vectors[i].iov_len};
        advance(0);
    }
    // Copies the vectors of an operation.
    explicit Vectors(const Aio& aio) noexcept : Vectors(of(aio)) {}

    [[nodiscard]] iovec* data() noexcept { return vectors_ + first_; }
    [[nodiscard]] const iovec* data() const noexcept { return vectors_ + first_; }
    [[nodiscard]] int count() const noexcept { return static_cast<int>(count_ - first_); }
    // True if no bytes are left.
    [[nodiscard]] bool empty() const noexcept { return first_ == count_; }

    [[nodiscard]] std::size_t size() const noexcept {
        std::size_t size = 0;
        for (unsigned i = first_; i < count_; ++i) size += vectors_[i].iov_len;
        return size;
    }
    // Returns the first `bytes` bytes, or all if there are fewer.
    [[nodiscard]] Vectors first(std::size_t bytes) const noexcept {
        Vectors some = *this;
        unsigned last = first_;
        while (last != count_ && bytes > vectors_[last].iov_len) bytes -= vectors_[last++].iov_len;
        if (last == count_) return some;
        some.vectors_[last].iov_len = bytes + (NAIO_FAULT(a_byte_too_many_in_a_piece) ? 1 : 0);
        some.count_ = last + 1;
        return some;
    }
    // Returns a message as sendmsg and recvmsg take it. The message points to memory of this object.
    [[nodiscard]] msghdr message() noexcept {
        msghdr message{};
        message.msg_iov = data();
        message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(count());
        return message;
    }

    // Removes the first `bytes` bytes, and empty pieces before the next byte.
    void advance(std::size_t bytes) noexcept {
        first_ += advance_pieces(data(), count_ - first_, &iovec::iov_base, bytes);
    }

  private:
    static Vectors of(const Aio& aio) noexcept {
        const nng_iov* given = nullptr;
        const unsigned count = aio.vectors(&given);
        return {given, count};
    }

    iovec vectors_[Aio::kMaxVectors];
    unsigned first_ = 0;
    unsigned count_;
};

}  // namespace naio
