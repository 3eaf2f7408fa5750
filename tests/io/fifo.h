// Helpers for tests of files: a folder for FIFOs, a pipe whose ends can be opened by name, and functions that open and
// close files through the C interface.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>
#include <utility>

#include "support/handle.h"

namespace naio {

class Folder {
  public:
    Folder() {
        char name[] = "/tmp/naio_fifo_XXXXXX";
        path_ = mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
    [[nodiscard]] std::string fifo(const std::string& name) const {
        EXPECT_EQ(mkfifo(path(name).c_str(), 0600), 0);
        return path(name);
    }

  private:
    std::string path_;
};

// Both ends of a pipe. The library opens an end by its name, and so gets an open file description of its own.
class Pipe {
  public:
    Pipe() { EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0); }
    ~Pipe() {
        close_end(0);
        close_end(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    [[nodiscard]] int in() const { return ends_[0]; }
    [[nodiscard]] int out() const { return ends_[1]; }
    [[nodiscard]] std::string name(int end) const { return "/proc/self/fd/" + std::to_string(ends_[end]); }
    void close_end(int end) {
        if (const int number = std::exchange(ends_[end], -1); number >= 0) close(number);
    }

  private:
    int ends_[2] = {-1, -1};
};

// Opens the file. Expects that the open succeeds, and returns nullptr if it fails.
inline naio_file* open_file(const std::string& path, unsigned flags, unsigned mode = 0600) {
    const support::Handle opening;
    naio_file_open(path.c_str(), flags, mode, opening);
    EXPECT_EQ(opening.wait(), NNG_OK) << path;
    return opening.output<naio_file>();
}

inline nng_err close_file(naio_file* file) {
    const support::Handle closing;
    naio_file_close(file, closing);
    return closing.wait();
}

// Returns the number of descriptors of this process.
inline std::size_t descriptors() {
    using Directory = std::filesystem::directory_iterator;
    return static_cast<std::size_t>(std::distance(Directory("/proc/self/fd"), Directory()));
}

// Blocks until the process has at most `n` descriptors, or until 20 s are over, and returns the number of descriptors.
// The library's threads may close a descriptor a moment after the operation that used it has finished.
inline std::size_t settled_descriptors(std::size_t n) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (descriptors() > n && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return descriptors();
}

// Opens both ends of the FIFO, so that every open that waits for a peer returns.
inline void release_openings(const std::string& fifo) {
    const int both = open(fifo.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    EXPECT_GE(both, 0);
    close(both);
}

}  // namespace naio
