// Pieces of memory in an array: iovec of the system, nng_iov of the public header.
#pragma once

#include <cstddef>

#include "base/fault.h"

namespace naio {

// Leaves out the first `bytes` bytes of the pieces. Returns the number of pieces at the beginning that have no other
// bytes, or none at all, and removes the rest of the bytes from the piece behind them. Afterwards `bytes` is the number
// of bytes that the pieces did not have.
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
