// Moves all bytes of a handle's vectors over a stream: naio_stream_recv_all and naio_stream_send_all.
//
// A composed operation. The handle's own vectors are what is left to be moved; its count is what has been, whatever
// the result.
#pragma once

#include "aio/aio.h"
#include "io/stream.h"

namespace naio {

using StreamOperation = void (Stream::*)(Aio& aio, const char* call) noexcept;

// `accept` is what it guarantees; kTotal, as long as nothing has been moved, and kPartial from then on.
void transfer_all(Stream& stream, StreamOperation operation, Aio& aio, Types accept, const char* call) noexcept;

}  // namespace naio
