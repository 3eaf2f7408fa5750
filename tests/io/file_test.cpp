// Tests File and Files: the order of operations, requests to end them, and lack of memory or threads.
#include "io/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gated_calls.h"
#include "io/files.h"
#include "support/running_services.h"

namespace naio {
namespace {

using namespace support;

class FileTest : public testing::Test {
  protected:
    FileTest() {
        queue_.start(running_.allocator, 2, "test:file");
        openings_.start(running_.allocator, 2, "test:open");
        pollers_.open(1);
        char name[] = "/tmp/naio_file_test_XXXXXX";
        folder_ = mkdtemp(name);
        path_ = folder_ + "/file";
    }
    ~FileTest() override {
        GatedCalls::open();
        for (Aio* aio : aios_) aio->free();
        if (file_ != nullptr) file_->free();
        queue_.stop();
        openings_.stop();
        pollers_.close();
        std::filesystem::remove_all(folder_);
    }

    Aio& aio() {
        aios_.push_back(running_.registry.create(nullptr, nullptr));
        return *aios_.back();
    }
    static nng_err wait(Aio& aio) {
        aio.wait();
        return aio.result();
    }

    nng_err open(const std::string& path, unsigned flags, unsigned mode = 0600) {
        Aio& one = aio();
        files_.open(one, path.c_str(), flags, mode);
        const nng_err result = wait(one);
        EXPECT_EQ(one.output(0) != nullptr, result == NNG_OK);
        if (result == NNG_OK) {
            if (file_ != nullptr) file_->free();
            file_ = static_cast<naio_file*>(one.output(0));
        }
        return result;
    }
    void open_new() {
        ASSERT_EQ(open(path_, NAIO_FILE_READ | NAIO_FILE_WRITE | NAIO_FILE_CREATE | NAIO_FILE_EXCLUSIVE), NNG_OK);
    }

    Aio& start_write(std::string_view text, Offset offset = std::nullopt) {
        Aio& one = aio();
        const nng_iov vector{const_cast<char*>(text.data()), text.size()};
        static_cast<void>(one.set_vectors(1, &vector));
        file_->write(one, offset);
        return one;
    }
    Aio& start_read(std::string& to, Offset offset = std::nullopt) {
        Aio& one = aio();
        const nng_iov vector{to.data(), to.size()};
        static_cast<void>(one.set_vectors(1, &vector));
        file_->read(one, offset);
        return one;
    }
    std::string read(std::size_t size, Offset offset = std::nullopt) {
        std::string text(size, '-');
        Aio& one = start_read(text, offset);
        EXPECT_EQ(wait(one), NNG_OK);
        return text.substr(0, one.count());
    }
    [[nodiscard]] std::string content() const {
        std::ostringstream all;
        all << std::ifstream(path_).rdbuf();
        return all.str();
    }
    static std::size_t descriptors() {
        using Directory = std::filesystem::directory_iterator;
        return static_cast<std::size_t>(std::distance(Directory("/proc/self/fd"), Directory()));
    }

    GatedCalls gate_;
    RunningServices running_;
    BlockingQueue queue_, openings_;
    Pollers pollers_{running_.services.tasks};
    Files files_{{.queue = queue_, .openings = openings_, .pollers = pollers_, .allocator = running_.allocator}};
    std::vector<Aio*> aios_;
    std::string folder_, path_;
    naio_file* file_ = nullptr;
};

TEST_F(FileTest, IsWrittenAndRead) {
    open_new();
    Aio& written = start_write("hello, world");
    EXPECT_EQ(wait(written), NNG_OK);
    EXPECT_EQ(written.count(), 12u);
    EXPECT_EQ(content(), "hello, world");
    EXPECT_EQ(read(100, 0), "hello, world");
    EXPECT_EQ(read(5, 7), "world");
    EXPECT_EQ(read(5), "") << "the position is at the end of the file";
    EXPECT_EQ(wait(start_write("HELLO", 0)), NNG_OK);
    EXPECT_EQ(content(), "HELLO, world");
}

TEST_F(FileTest, OpensAsItsFlagsSay) {
    EXPECT_EQ(open(path_, NAIO_FILE_READ), NNG_ENOENT);
    EXPECT_EQ(open(path_, NAIO_FILE_WRITE | NAIO_FILE_CREATE, 0640), NNG_OK);
    struct stat status;
    ASSERT_EQ(stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u & ~0027u, 0640u & ~0027u);
    EXPECT_EQ(open(path_, NAIO_FILE_WRITE | NAIO_FILE_CREATE | NAIO_FILE_EXCLUSIVE), NNG_EEXIST);
    EXPECT_EQ(wait(start_write("0123456789")), NNG_OK);
    EXPECT_EQ(open(path_, NAIO_FILE_WRITE | NAIO_FILE_APPEND), NNG_OK);
    EXPECT_EQ(wait(start_write("abc")), NNG_OK);
    EXPECT_EQ(content(), "0123456789abc");
    EXPECT_EQ(open(path_, NAIO_FILE_READ | NAIO_FILE_WRITE | NAIO_FILE_TRUNCATE), NNG_OK);
    EXPECT_EQ(content(), "");
    EXPECT_EQ(open(folder_, NAIO_FILE_WRITE), NNG_ESYSERR | EISDIR);
}

TEST_F(FileTest, RefusesFlagsThatMakeNoSense) {
    for (const unsigned flags :
         {0u, unsigned{NAIO_FILE_CREATE}, NAIO_FILE_READ | NAIO_FILE_TRUNCATE, NAIO_FILE_READ | NAIO_FILE_APPEND,
          NAIO_FILE_READ | NAIO_FILE_EXCLUSIVE, NAIO_FILE_READ | 64u})
        EXPECT_EQ(open(path_, flags), NNG_EINVAL) << flags;
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(FileTest, IsNotInherited) {
    open_new();
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code error;
        if (std::filesystem::read_symlink(entry.path(), error) != path_) continue;
        EXPECT_NE(fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC, 0);
    }
}

TEST_F(FileTest, OperationsAreDoneInOrder) {
    open_new();
    std::string expected;
    std::vector<std::string> pieces;
    for (int i = 0; i < 100; ++i) pieces.push_back(std::to_string(i) + " ");
    for (const std::string& piece : pieces) {
        start_write(piece);
        expected += piece;
    }
    Aio& synced = aio();
    file_->sync(synced);
    EXPECT_EQ(wait(synced), NNG_OK);
    for (Aio* each : aios_) EXPECT_FALSE(each->busy()) << "the sync runs after all operations before it";
    EXPECT_EQ(content(), expected);
}

TEST_F(FileTest, TellsItsStatus) {
    open_new();
    EXPECT_EQ(wait(start_write("12345")), NNG_OK);
    naio_file_status status{};
    Aio& asked = aio();
    file_->status(asked, status);
    EXPECT_EQ(wait(asked), NNG_OK);
    EXPECT_EQ(status.size, 5u);
    EXPECT_EQ(status.kind, NAIO_FILE_REGULAR);
    EXPECT_EQ(status.mode, 0600u);
    EXPECT_GT(status.modified, 1'500'000'000'000'000'000);
}

TEST_F(FileTest, WhatWaitsIsEndedAsIfItHadNeverBeenAndWhatRunsIsNot) {
    open_new();
    GatedCalls::shut();
    Aio& running = start_write("a");
    GatedCalls::wait_until_begun(2);  // the open was the first call
    Aio& waiting = start_write("b");
    EXPECT_FALSE(running.cancel(kTotal, NNG_ECANCELED));
    EXPECT_TRUE(running.cancel(kPartial, NNG_ECANCELED)) << "the request is accepted, although no piece follows";
    EXPECT_TRUE(waiting.cancel(kTotal, NNG_ECANCELED));
    EXPECT_EQ(wait(waiting), NNG_ECANCELED);
    EXPECT_EQ(waiting.outcome(), kTotal);
    EXPECT_EQ(waiting.count(), 0u);
    Aio& third = start_write("c");
    GatedCalls::open();
    EXPECT_EQ(wait(running), NNG_OK);
    EXPECT_EQ(wait(third), NNG_OK);
    EXPECT_EQ(content(), "ac");
}

TEST_F(FileTest, ARequestTakesEffectBetweenTwoPieces) {
    open_new();
    const std::string text(3 << 20, 'x');
    GatedCalls::shut();
    Aio& running = start_write(text);
    GatedCalls::wait_until_begun(2);
    EXPECT_FALSE(running.cancel(kTotal, NNG_ECANCELED));
    EXPECT_TRUE(running.cancel(kPartial, NNG_EAGAIN));
    GatedCalls::open();
    EXPECT_EQ(wait(running), NNG_EAGAIN);
    EXPECT_EQ(running.outcome(), kPartial);
    EXPECT_GT(running.count(), 0u);
    EXPECT_LT(running.count(), text.size());
    EXPECT_EQ(std::filesystem::file_size(path_), running.count());
    std::string rest(3 << 20, '-');
    Aio& reading = start_read(rest, 0);
    EXPECT_EQ(wait(reading), NNG_OK);
    EXPECT_EQ(reading.count(), running.count());
}

TEST_F(FileTest, ARequestDuringTheOnlyPieceComesTooLate) {
    open_new();
    GatedCalls::shut();
    Aio& running = start_write("abc");
    GatedCalls::wait_until_begun(2);
    EXPECT_TRUE(running.cancel(kAllTypes, NNG_ECANCELED));
    GatedCalls::open();
    EXPECT_EQ(wait(running), NNG_OK);
    EXPECT_EQ(running.count(), 3u);
}

TEST_F(FileTest, WhatCannotBeDividedIsNotEndedOnceItRuns) {
    open_new();
    GatedCalls::shut();
    Aio& running = aio();
    file_->sync(running);
    GatedCalls::wait_until_begun(2);
    EXPECT_FALSE(running.cancel(kAllTypes, NNG_ECANCELED));
    GatedCalls::open();
    EXPECT_EQ(wait(running), NNG_OK);
}

TEST_F(FileTest, AnAppendIsOneSystemCall) {
    ASSERT_EQ(open(path_, NAIO_FILE_WRITE | NAIO_FILE_CREATE | NAIO_FILE_APPEND), NNG_OK);
    const int before = GatedCalls::begun();
    const std::string text(5 << 20, 'x');
    EXPECT_EQ(wait(start_write(text)), NNG_OK);
    EXPECT_EQ(GatedCalls::begun(), before + 1);
    EXPECT_EQ(std::filesystem::file_size(path_), text.size());
}

TEST_F(FileTest, ATimeoutEndsWhatWaits) {
    open_new();
    GatedCalls::shut();
    Aio& running = start_write("a");
    Aio& waiting = aio();
    waiting.set_timeout(1);
    file_->sync(waiting);
    EXPECT_EQ(wait(waiting), NNG_ETIMEDOUT);
    GatedCalls::open();
    EXPECT_EQ(wait(running), NNG_OK);
}

TEST_F(FileTest, StopWaitsForWhatRuns) {
    open_new();
    GatedCalls::shut();
    Aio& running = start_write("a");
    GatedCalls::wait_until_begun(2);
    running.close();
    EXPECT_TRUE(running.busy());
    GatedCalls::open();
    running.stop();
    EXPECT_EQ(running.result(), NNG_OK);
    EXPECT_EQ(content(), "a");
}

TEST_F(FileTest, TheOnlyOneInLineCanBeCancelledAsWell) {
    open_new();
    GatedCalls::shut();
    // Two opens of another file occupy both threads of the queue.
    std::vector<Aio*> others;
    for (int i = 0; i < 2; ++i) {
        others.push_back(&aio());
        files_.open(*others.back(), folder_.c_str(), NAIO_FILE_READ, 0);
    }
    GatedCalls::wait_until_begun(3);
    Aio& opening = aio();
    files_.open(opening, path_.c_str(), NAIO_FILE_READ, 0);
    Aio& waiting = start_write("a");
    EXPECT_TRUE(waiting.cancel(kAllTypes, NNG_ECANCELED));
    EXPECT_TRUE(opening.cancel(kTotal, NNG_ECANCELED));
    EXPECT_EQ(wait(waiting), NNG_ECANCELED);
    EXPECT_EQ(wait(opening), NNG_ECANCELED);
    EXPECT_EQ(opening.outcome(), kTotal);
    GatedCalls::open();
    for (Aio* other : others) {
        EXPECT_EQ(wait(*other), NNG_OK);
        static_cast<naio_file*>(other->output(0))->free();
    }
    EXPECT_EQ(content(), "");
}

TEST_F(FileTest, AnOpenThatHangsIsAbandonedAndTheLateDescriptorClosed) {
    const std::size_t before = descriptors();
    GatedCalls::shut();
    Aio& opening = aio();
    files_.open(opening, folder_.c_str(), NAIO_FILE_READ, 0);
    GatedCalls::wait_until_begun(1);
    EXPECT_TRUE(opening.cancel(kTotal, NNG_ECANCELED));
    EXPECT_EQ(wait(opening), NNG_ECANCELED);
    EXPECT_EQ(opening.outcome(), kTotal);
    queue_.stop();  // does not wait for the open
    GatedCalls::open();
    GatedCalls::wait_until_begun(2);  // the second call closes the late descriptor
    while (descriptors() != before) std::this_thread::yield();
}

TEST_F(FileTest, AnOpenThatMayCreateIsNotEndedOnceItRuns) {
    GatedCalls::shut();
    Aio& opening = aio();
    files_.open(opening, path_.c_str(), NAIO_FILE_WRITE | NAIO_FILE_CREATE, 0600);
    GatedCalls::wait_until_begun(1);
    EXPECT_FALSE(opening.cancel(kAllTypes, NNG_ECANCELED));
    GatedCalls::open();
    EXPECT_EQ(wait(opening), NNG_OK);
    static_cast<naio_file*>(opening.output(0))->free();
}

TEST_F(FileTest, IsClosedAfterWhatWasStartedBefore) {
    const std::size_t before = descriptors();
    open_new();
    EXPECT_EQ(descriptors(), before + 1);
    Aio& written = start_write("a");
    Aio& closed = aio();
    std::exchange(file_, nullptr)->close(closed);
    EXPECT_EQ(wait(closed), NNG_OK);
    EXPECT_EQ(descriptors(), before);
    EXPECT_EQ(wait(written), NNG_OK);
}

TEST_F(FileTest, StaysOpenWhenCloseIsCancelled) {
    open_new();
    GatedCalls::shut();
    Aio& written = start_write("a");
    Aio& closed = aio();
    file_->close(closed);
    EXPECT_TRUE(closed.cancel(kTotal, NNG_ECANCELED));
    GatedCalls::open();
    EXPECT_EQ(wait(written), NNG_OK);
    EXPECT_EQ(wait(start_write("b")), NNG_OK);
    EXPECT_EQ(content(), "ab");
}

TEST_F(FileTest, IsFreedWhileOperationsAreInFlight) {
    const std::size_t before = descriptors();
    open_new();
    GatedCalls::shut();
    Aio& first = start_write("a");
    Aio& second = start_write("b");
    std::exchange(file_, nullptr)->free();
    GatedCalls::open();
    EXPECT_EQ(wait(first), NNG_OK);
    EXPECT_EQ(wait(second), NNG_OK);
    EXPECT_EQ(content(), "ab");
    queue_.stop();
    EXPECT_EQ(descriptors(), before);
}

TEST_F(FileTest, AZeroTimeoutRefuses) {
    Aio& opening = aio();
    opening.set_timeout(0);
    files_.open(opening, path_.c_str(), NAIO_FILE_WRITE | NAIO_FILE_CREATE, 0600);
    EXPECT_EQ(wait(opening), NNG_ETIMEDOUT);
    open_new();
    Aio& writing = aio();
    writing.set_timeout(0);
    file_->sync(writing);
    EXPECT_EQ(wait(writing), NNG_ETIMEDOUT);
}

TEST_F(FileTest, AStoppedAioIsRefusedWithStopped) {
    open_new();
    Aio& stopped = aio();
    stopped.stop();
    file_->sync(stopped);
    EXPECT_EQ(wait(stopped), NNG_ESTOPPED);
    for (const unsigned flags : {NAIO_FILE_READ, 0u}) {
        files_.open(stopped, path_.c_str(), flags, 0);
        EXPECT_EQ(wait(stopped), NNG_ESTOPPED);
    }
}

TEST_F(FileTest, WithoutMemoryItFails) {
    Aio& asked = aio();
    for (int allowed = 0; allowed < 3; ++allowed) {
        TestAllocator::fail_after(allowed);
        files_.open(asked, path_.c_str(), NAIO_FILE_WRITE | NAIO_FILE_CREATE, 0600);
        EXPECT_EQ(wait(asked), NNG_ENOMEM) << allowed;
        TestAllocator::fail_no_more();
    }
    open_new();
    TestAllocator::fail_after(0);
    file_->sync(asked);
    EXPECT_EQ(wait(asked), NNG_ENOMEM);
    TestAllocator::fail_no_more();
    queue_.stop();
    queue_.start(running_.allocator, 2, "test:file");
    TestAllocator::fail_after(1);
    file_->sync(asked);
    EXPECT_EQ(wait(asked), NNG_ENOMEM) << "no thread can start";
    TestAllocator::fail_no_more();
    EXPECT_EQ(wait(start_write("a")), NNG_OK);
}

TEST_F(FileTest, ManyFilesAtOnceLoseNothing) {
    constexpr int kFiles = 8;
    constexpr int kWrites = 200;
    std::vector<naio_file*> files;
    for (int i = 0; i < kFiles; ++i) {
        path_ = folder_ + "/" + std::to_string(i);
        open_new();
        files.push_back(std::exchange(file_, nullptr));
    }
    int done = 0, cancelled = 0;
    for (int i = 0; i < kWrites; ++i)
        for (naio_file* file : files) {
            file_ = file;
            Aio& one = start_write("x");
            if (i % 5 == 0) one.cancel(kAllTypes, NNG_ECANCELED);
        }
    for (Aio* each : aios_) {
        const nng_err result = wait(*each);
        if (each->output(0) == nullptr) (result == NNG_OK ? done : cancelled) += 1;
    }
    std::size_t written = 0;
    for (int i = 0; i < kFiles; ++i) written += std::filesystem::file_size(folder_ + "/" + std::to_string(i));
    EXPECT_EQ(done + cancelled, kFiles * kWrites);
    EXPECT_EQ(written, static_cast<std::size_t>(done));
    for (naio_file* file : files) file->free();
    file_ = nullptr;
}

}  // namespace
}  // namespace naio
