// Which bytes went over the connections of a program, to see that what arrives is what was sent, in order, and exactly
// as many bytes as the results told.
//
// The program does not know which accepted stream belongs to which dialed one: the bytes tell, because each operation
// sends others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace simulation {

// The byte at this place of what the operation of this number sends.
[[nodiscard]] std::uint8_t byte_of(std::uint64_t operation, std::size_t place);

// A stream that was dialed or accepted.
struct End {
    bool dialed = false;
    unsigned listener = 0;
    std::deque<unsigned> sends, receives;  // the aios of the operations that are not over, in their order
    std::vector<std::uint8_t> sent, received;
    bool shut = false;     // the program has asked for it
    bool closed = false;   // the program has closed or freed it
    bool lost = false;     // an operation has ended with NNG_ECONNRESET
    bool saw_end = false;  // a receive has ended with NNG_ECONNSHUT: all that the peer has sent was received
};

// When all operations are over. Empty: each end has received what another one has sent.
[[nodiscard]] std::string wrong_bytes(const std::deque<End>& ends);

}  // namespace simulation
