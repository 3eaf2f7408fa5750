// Skips bytes in arrays of pieces of memory. A piece is the system's iovec, or nng_iov of the public header.
#pragma once

#include <cstddef>

#include "base/fault.h"

namespace naio {

// Skips the first `bytes` bytes of the pieces. Returns the number of pieces that it has skipped as a whole, which
// includes empty ones, and removes the remaining bytes from the front of the next piece. Afterwards `bytes` is 0. If
// the pieces have fewer bytes, this skips all pieces, and `bytes` is the number of bytes that were missing.
template <class Piece>
unsigned advance_pieces(Piece* pieces, unsigned count, void* Piece::*memory, std::size_t& bytes) noexcept {
    unsigned done = 0;
    while (done < count && pieces[done].iov_len <= bytes) bytes -= pieces[done++].iov_len;
    if (done == count || bytes == 0) return done;
    Piece& next = pieces[done];
    next.*memory = static_cast<std::byte*>(next.*memory) + bytes;
    if (!NAIO_FAULT(advanced_vector_keeps_its_length)) next.iov_len -= bytes;
    bytes = 0;
    return done;
}

}  // namespace naio
