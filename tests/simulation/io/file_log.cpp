#include "file_log.h"

#include <naio/naio.h>

#include <algorithm>

namespace simulation {

std::string FileLog::wrong_read(std::size_t from, std::size_t size, int result, std::size_t count,
                                const std::vector<std::uint8_t>& memory) const {
    if ((flags & NAIO_FILE_READ) == 0 && (result == NNG_OK || count != 0)) return "it has read a write-only file";
    const std::size_t there = from < bytes.size() ? std::min(size, bytes.size() - from) : 0;
    if (result == NNG_OK && count != there)
        return "the read has returned " + std::to_string(count) + " bytes of " + std::to_string(there);
    if (count > there) return "the read has returned more bytes than the file has";
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(std::min(from, bytes.size()));
    if (!std::equal(begin, begin + static_cast<std::ptrdiff_t>(count), memory.begin()))
        return "the read has returned other bytes than were written";
    return {};
}

void FileLog::write(std::size_t to, std::size_t count, const std::vector<std::uint8_t>& memory) {
    if (count == 0) return;
    if (bytes.size() < to + count) bytes.resize(to + count);
    std::copy_n(memory.begin(), count, bytes.begin() + static_cast<std::ptrdiff_t>(to));
}

std::string FileLog::wrong_end(const IoCall& call, int result, std::size_t count,
                               const std::vector<std::uint8_t>& memory) {
    const auto size = static_cast<std::size_t>(call.value);
    const bool appends = (flags & NAIO_FILE_APPEND) != 0;
    std::string wrong;
    switch (call.what) {
        case Io::kRead:
            wrong = wrong_read(position, size, result, count, memory);
            position += count;
            break;
        case Io::kPread:
            wrong = wrong_read(size, size, result, count, memory);
            break;
        case Io::kWrite:
        case Io::kPwrite: {
            if ((flags & NAIO_FILE_WRITE) == 0 && (result == NNG_OK || count != 0))
                wrong = "a write to a read-only file has an effect";
            if (result == NNG_OK && count != size) wrong = "the write succeeded with a part of the bytes";
            const std::size_t to = appends ? bytes.size() : call.what == Io::kWrite ? position : size;
            write(to, count, memory);
            if (call.what == Io::kWrite && count != 0) position = to + count;
            break;
        }
        default:
            if (count != 0) wrong = "an operation that moves no bytes has a count";
    }
    return wrong;
}

std::string FileLog::wrong_open(unsigned how, int result, bool failed_on_the_way) {
    const bool creates = (how & NAIO_FILE_CREATE) != 0;
    const bool exclusive = (how & NAIO_FILE_EXCLUSIVE) != 0;
    std::string wrong;
    if (result == NNG_OK) {
        if (!uncertain && exclusive && exists) wrong = "the exclusive open succeeded although the file existed";
        if (!uncertain && !creates && !exists) wrong = "the open succeeded although the file did not exist";
        if (!exists || (how & NAIO_FILE_TRUNCATE) != 0) bytes.clear();
        exists = true;
        uncertain = false;
        flags = how;
        position = 0;
    } else if (failed_on_the_way) {
        uncertain = uncertain || (how & (NAIO_FILE_CREATE | NAIO_FILE_TRUNCATE)) != 0;
    } else if (!uncertain) {
        if (result == NNG_EEXIST && !(exclusive && exists))
            wrong = "the open failed with NNG_EEXIST although no file existed";
        if (result == NNG_ENOENT && (creates || exists))
            wrong = "the open failed with NNG_ENOENT although the file existed or was to be created";
    }
    return wrong;
}

}  // namespace simulation
