// A message: a body of any size and a small header.
//
// The C type nng_msg is this class. A message has one owner at a time, and only the owner calls it: not thread-safe.
//
// Invariant: a message and its body are blocks of one allocator, from create to destroy.
#pragma once

#include <nng/nng.h>

#include <cstddef>
#include <cstdint>

#include "base/allocator.h"
#include "msg/chunk.h"
#include "msg/header.h"

struct nng_msg {
  public:
    // Returns a message whose body has `size` zeroed bytes; nullptr when there is no memory.
    [[nodiscard]] static nng_msg* create(const naio::Allocator& allocator, std::size_t size) noexcept;
    // Returns a copy of header and body, with the same room to grow; nullptr when there is no memory.
    [[nodiscard]] nng_msg* duplicate() const noexcept;
    static void destroy(nng_msg* message) noexcept;  // `message` may be NULL

    // Constructs an empty message. Only create and duplicate call this.
    explicit nng_msg(const naio::Allocator& allocator) noexcept : body_(allocator) {}
    nng_msg(const nng_msg&) = delete;
    nng_msg& operator=(const nng_msg&) = delete;

    [[nodiscard]] naio::Chunk& body() noexcept { return body_; }
    [[nodiscard]] const naio::Chunk& body() const noexcept { return body_; }
    [[nodiscard]] naio::Header& header() noexcept { return header_; }
    [[nodiscard]] const naio::Header& header() const noexcept { return header_; }

  private:
    naio::Chunk body_;
    naio::Header header_;
};

namespace naio {
using Message = ::nng_msg;
}
