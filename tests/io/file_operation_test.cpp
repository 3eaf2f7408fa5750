// Tests reads, writes and other calls on a file in memory that transfers few bytes at a time and is often interrupted.
#include "io/file_operation.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "io/system_calls.h"

namespace naio {
namespace {

// A file in memory. A call transfers at most 3 bytes. The calls 1, 3, 5 and so on fail with EINTR.
struct Disk {
    std::string content;
    std::size_t position = 0;
    std::size_t room = 1000;
    int error_after = -1;  // calls fail with EIO after this number of successes; -1: never
    int calls = 0;
};
Disk disk;

ssize_t fails_or(std::size_t done) {
    if (disk.error_after >= 0 && disk.calls >= 2 * disk.error_after) {
        errno = EIO;
        return -1;
    }
    if (disk.calls++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return static_cast<ssize_t>(done);
}

ssize_t read_at(int, const iovec* vectors, int count, off_t at) {
    const auto from = static_cast<std::size_t>(at);
    const std::size_t left = disk.content.size() - std::min(from, disk.content.size());
    EXPECT_GT(count, 0);
    EXPECT_GT(vectors[0].iov_len, 0u) << "empty pieces are skipped";
    const std::size_t size = std::min({vectors[0].iov_len, left, std::size_t{3}});
    const ssize_t done = fails_or(size);
    if (done > 0) std::memcpy(vectors[0].iov_base, disk.content.data() + from, size);
    return done;
}

ssize_t write_at(int, const iovec* vectors, int count, off_t at) {
    EXPECT_GT(count, 0);
    const auto to = static_cast<std::size_t>(at);
    const std::size_t size = std::min({vectors[0].iov_len, disk.room, std::size_t{3}});
    const ssize_t done = fails_or(size);
    if (done <= 0) return done;
    disk.room -= size;
    disk.content.resize(std::max(disk.content.size(), to + size), '.');
    std::memcpy(disk.content.data() + to, vectors[0].iov_base, size);
    return done;
}

template <ssize_t (*at_offset)(int, const iovec*, int, off_t)>
ssize_t at_position(int file, const iovec* vectors, int count) {
    const ssize_t done = at_offset(file, vectors, count, static_cast<off_t>(disk.position));
    if (done > 0) disk.position += static_cast<std::size_t>(done);
    return done;
}

class FileOperation : public testing::Test {
  protected:
    FileOperation() {
        disk = {};
        system_calls.readv = at_position<read_at>;
        system_calls.writev = at_position<write_at>;
        system_calls.preadv = read_at;
        system_calls.pwritev = write_at;
    }
    ~FileOperation() override { system_calls = kSystemCalls; }

    FileResult read(std::vector<std::size_t> sizes, Offset offset = std::nullopt) {
        memory_.assign(100, '-');
        return read_file(7, pieces(memory_, sizes), offset);
    }
    FileResult write(std::string text, std::vector<std::size_t> sizes, Offset offset = std::nullopt) {
        memory_ = std::move(text);
        return write_file(7, pieces(memory_, sizes), offset);
    }
    static Vectors pieces(std::string& memory, const std::vector<std::size_t>& sizes) {
        std::vector<nng_iov> vectors;
        std::size_t at = 0;
        for (const std::size_t size : sizes) {
            vectors.push_back({memory.data() + at, size});
            at += size;
        }
        return {vectors.data(), static_cast<unsigned>(vectors.size())};
    }
    [[nodiscard]] std::string read_bytes(const FileResult& result) const { return memory_.substr(0, result.count); }

    std::string memory_;
};

TEST_F(FileOperation, ReadsUntilAllPiecesAreFull) {
    disk.content = "0123456789";
    const FileResult result = read({0, 2, 0, 4, 1, 0});
    EXPECT_EQ(result.error, NNG_OK);
    EXPECT_EQ(read_bytes(result), "0123456");
    EXPECT_EQ(memory_[7], '-');
    EXPECT_EQ(read_bytes(read({2})), "78") << "the read goes on at the position";
}

TEST_F(FileOperation, ReadsUntilTheFileEnds) {
    disk.content = "01234";
    const FileResult result = read({4, 4});
    EXPECT_EQ(result.error, NNG_OK);
    EXPECT_EQ(read_bytes(result), "01234");
    EXPECT_EQ(read({4}).count, 0u);
}

TEST_F(FileOperation, ReadsFromAnOffset) {
    disk.content = "0123456789";
    EXPECT_EQ(read_bytes(read({3, 3}, 3)), "345678");
    EXPECT_EQ(read({3}, 100).count, 0u);
    EXPECT_EQ(disk.position, 0u);
}

TEST_F(FileOperation, WritesAllPieces) {
    EXPECT_EQ(write("0123456789", {1, 0, 8, 1}).count, 10u);
    EXPECT_EQ(disk.content, "0123456789");
    EXPECT_EQ(write("xyz", {3}).count, 3u);
    EXPECT_EQ(disk.content, "0123456789xyz");
}

TEST_F(FileOperation, WritesToAnOffset) {
    disk.content = "0123456789";
    EXPECT_EQ(write("abcdefg", {7}, 8).count, 7u);
    EXPECT_EQ(disk.content, "01234567abcdefg");
}

TEST_F(FileOperation, GoesOnPieceByPieceUntilItIsStopped) {
    static std::vector<std::size_t> moved, sizes;
    moved = sizes = {};
    system_calls.pwritev = [](int, const iovec* vectors, int count, off_t) {
        std::size_t size = 0;
        for (int i = 0; i < count; ++i) size += vectors[i].iov_len;
        sizes.push_back(size);
        return static_cast<ssize_t>(size);
    };
    Pieces pieces{.size = 4, .go_on = [](void*, std::size_t so_far) { return moved.push_back(so_far), true; }};
    std::string text = "0123456789";
    FileResult result = write_file(7, FileOperation::pieces(text, {1, 5, 0, 4}), 0, pieces);
    EXPECT_EQ(result.count, 10u);
    EXPECT_FALSE(result.stopped);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 2}));
    EXPECT_EQ(moved, (std::vector<std::size_t>{0, 4, 8}));

    pieces.go_on = [](void*, std::size_t so_far) { return so_far < 8; };
    result = write_file(7, FileOperation::pieces(text, {10}), 0, pieces);
    EXPECT_EQ(result.error, NNG_OK);
    EXPECT_EQ(result.count, 8u);
    EXPECT_TRUE(result.stopped);
}

TEST_F(FileOperation, NothingIsDoneAtOnce) {
    EXPECT_EQ(read({}).error, NNG_OK);
    EXPECT_EQ(read({0, 0}).error, NNG_OK);
    EXPECT_EQ(write("", {}).error, NNG_OK);
    EXPECT_EQ(disk.calls, 0);
}

TEST_F(FileOperation, AnErrorTellsWhatWasDoneBefore) {
    disk.content = "0123456789";
    disk.error_after = 2;
    FileResult result = read({10});
    EXPECT_EQ(result.error, NNG_ESYSERR | EIO);
    EXPECT_EQ(read_bytes(result), "012345");
    disk = {};
    disk.error_after = 1;
    result = write("0123456789", {10});
    EXPECT_EQ(result.error, NNG_ESYSERR | EIO);
    EXPECT_EQ(result.count, 3u);
    EXPECT_EQ(disk.content, "012");
}

TEST_F(FileOperation, AFileThatTakesNoMoreIsFull) {
    disk.room = 4;
    const FileResult result = write("0123456789", {10});
    EXPECT_EQ(result.error, NNG_ENOSPC);
    EXPECT_EQ(result.count, 4u);
}

TEST_F(FileOperation, AnOffsetMayBeTooLarge) {
    EXPECT_EQ(read({1}, ~std::uint64_t{0}).error, NNG_EINVAL);
    EXPECT_EQ(write("x", {1}, std::uint64_t{1} << 63).error, NNG_EINVAL);
    EXPECT_EQ(disk.calls, 0);
}

TEST_F(FileOperation, AFileThatIsNotOpenForItSaysSo) {
    system_calls.readv = [](int, const iovec*, int) -> ssize_t { return errno = EBADF, -1; };
    system_calls.writev = system_calls.readv;
    EXPECT_EQ(read({1}).error, NNG_EWRITEONLY);
    EXPECT_EQ(write("x", {1}).error, NNG_EREADONLY);
}

TEST_F(FileOperation, SyncIsRepeatedWhenInterruptedAndCloseIsNot) {
    static int times = 0;
    times = 0;
    system_calls.fsync = [](int) { return ++times == 1 ? (errno = EINTR, -1) : 0; };
    EXPECT_EQ(sync_file(7).error, NNG_OK);
    EXPECT_EQ(times, 2);
    system_calls.fsync = [](int) { return errno = ENOSPC, -1; };
    EXPECT_EQ(sync_file(7).error, NNG_ENOSPC);

    times = 0;
    system_calls.close = [](int) { return ++times == 1 ? (errno = EINTR, -1) : 0; };
    EXPECT_EQ(close_file(7).error, NNG_OK);
    EXPECT_EQ(times, 1);
    system_calls.close = [](int) { return errno = EIO, -1; };
    EXPECT_EQ(close_file(7).error, NNG_ESYSERR | EIO);
}

TEST_F(FileOperation, AStatusHasWhatTheSystemSays) {
    system_calls.fstat = [](int, struct stat* to) {
        *to = {};
        to->st_mode = S_IFDIR | 0751;
        to->st_size = 1234;
        to->st_mtim = {2, 3};
        return 0;
    };
    naio_file_status status;
    EXPECT_EQ(status_of_file(7, status).error, NNG_OK);
    EXPECT_EQ(status.kind, NAIO_FILE_DIRECTORY);
    EXPECT_EQ(status.mode, 0751u);
    EXPECT_EQ(status.size, 1234u);
    EXPECT_EQ(status.modified, 2'000'000'003);
    system_calls.fstat = [](int, struct stat*) { return errno = EIO, -1; };
    EXPECT_EQ(status_of_file(7, status).error, NNG_ESYSERR | EIO);
}

}  // namespace
}  // namespace naio
