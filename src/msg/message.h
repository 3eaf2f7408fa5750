// A message: a body of any size and a small header.
//
// The C type nng_msg is this class. A message has one owner at a time, who alone calls it: not thread-safe.
//
// Invariant: a message and its body live in the same allocator, from create to destroy.
#pragma once

#include <nng/nng.h>

#include <cstddef>
#include <cstdint>

#include "base/allocator.h"
#include "msg/chunk.h"
#include "msg/header.h"

struct nng_msg {
  public:
    // nullptr when there is no memory. The body has `size` zeroed bytes.
    [[nodiscard]] static nng_msg* create(const naio::Allocator& allocator, std::size_t size) noexcept;
    // An independent copy of all that is in the message, with as much room to grow.
    [[nodiscard]] nng_msg* duplicate() const noexcept;
    static void destroy(nng_msg* message) noexcept;  // NULL is fine

    // For create: an empty message.
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
