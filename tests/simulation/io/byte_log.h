// The bytes that the streams of a program have sent and received. Each stream must have received the bytes that its
// peer has sent, in order, and exactly as many as the results of its operations say.
//
// The program does not know which accepted stream belongs to which dialed one. The bytes show it, because each
// operation sends different bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace simulation {

// Returns the byte at this place among those that the operation with this number sends.
[[nodiscard]] std::uint8_t byte_of(std::uint64_t operation, std::size_t place);

// A stream that was dialed or accepted.
struct End {
    bool dialed = false;
    unsigned listener = 0;
    std::deque<unsigned> sends, receives;  // aios of the operations not yet checked, in order of their starts
    std::vector<std::uint8_t> sent, received;
    bool shut = false;     // the program has submitted a shutdown
    bool closed = false;   // the program has closed or freed the stream
    bool lost = false;     // an operation has ended with NNG_ECONNRESET
    bool saw_end = false;  // a receive has ended with NNG_ECONNSHUT, so all that the peer has sent was received
};

// Returns what is wrong, or an empty string if each end has received the bytes that another end has sent. Call it
// when all operations are over.
[[nodiscard]] std::string wrong_bytes(const std::deque<End>& ends);

}  // namespace simulation
