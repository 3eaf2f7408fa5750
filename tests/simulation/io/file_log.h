// The content that a file must have, and checks of the operations on it. The library executes the operations of a file
// one after the other, so each has one right effect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "io_program.h"

namespace simulation {

struct FileLog {
    // The file at the path.
    bool exists = false;
    bool uncertain = false;  // an open has failed, and may have created or truncated the file
    std::vector<std::uint8_t> bytes;
    // The open file. `line` has the aios of its operations in flight, in the order of their starts.
    unsigned flags = 0;
    std::size_t position = 0;
    std::deque<unsigned> line;

    // Checks an operation that is over, and applies its effect to the members above. `memory` has the bytes that
    // the operation has read or written. Returns what is wrong, or an empty string.
    [[nodiscard]] std::string wrong_end(const IoCall& call, int result, std::size_t count,
                                        const std::vector<std::uint8_t>& memory);
    // Checks an open with the flags `how` that is over, and applies its effect to the members above.
    // `failed_on_the_way`: the system may have failed after it created or truncated the file. Returns what is wrong, or
    // an empty string.
    [[nodiscard]] std::string wrong_open(unsigned how, int result, bool failed_on_the_way);

  private:
    [[nodiscard]] std::string wrong_read(std::size_t from, std::size_t size, int result, std::size_t count,
                                         const std::vector<std::uint8_t>& memory) const;
    void write(std::size_t to, std::size_t count, const std::vector<std::uint8_t>& memory);
};

}  // namespace simulation
