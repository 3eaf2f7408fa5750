// What is in a file, and what an operation on it must have done: those on one file are done one after the other.
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
    bool uncertain = false;  // an open has failed, and may have made or emptied it
    std::vector<std::uint8_t> bytes;
    // As it is open.
    unsigned flags = 0;
    std::size_t position = 0;
    std::deque<unsigned> line;  // the aios of the operations that are not over, in their order

    // An operation of the kind is over; `memory` is what it has read or written. Empty: that is right.
    [[nodiscard]] std::string wrong_end(const IoCall& call, int result, std::size_t count,
                                        const std::vector<std::uint8_t>& memory);
    // An open with these flags is over.
    [[nodiscard]] std::string wrong_open(unsigned how, int result, bool failed_on_the_way);

  private:
    [[nodiscard]] std::string wrong_read(std::size_t from, std::size_t size, int result, std::size_t count,
                                         const std::vector<std::uint8_t>& memory) const;
    void write(std::size_t to, std::size_t count, const std::vector<std::uint8_t>& memory);
};

}  // namespace simulation
