// Tests files that the library polls: pipes and terminals.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <pty.h>
#include <termios.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fifo.h"
#include "support/library.h"

namespace naio {
namespace {

using namespace support;

class PolledFile : public testing::Test {
  protected:
    PolledFile() { EXPECT_EQ(nng_init(nullptr), NNG_OK); }
    ~PolledFile() override {
        naio_file_free(reader_);
        naio_file_free(writer_);
        bring_library_down();
    }

    void open_reader() { reader_ = open_file(pipe_.name(0), NAIO_FILE_READ); }
    void open_writer() { writer_ = open_file(pipe_.name(1), NAIO_FILE_WRITE); }
    void put(const std::string& text) const {
        EXPECT_EQ(write(pipe_.out(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    void start_read(const Handle& operation) {
        operation.use(memory_, sizeof(memory_));
        naio_file_read(reader_, operation);
    }
    [[nodiscard]] std::string got(const Handle& operation) const {
        EXPECT_EQ(operation.wait(), NNG_OK);
        return {memory_, nng_aio_count(operation)};
    }
    // Fills the pipe, and returns the number of bytes that were written.
    std::size_t fill() const {
        const std::vector<char> much(1 << 20, '.');
        EXPECT_EQ(fcntl(pipe_.out(), F_SETFL, O_NONBLOCK), 0);
        std::size_t taken = 0;
        for (ssize_t done = 0; (done = write(pipe_.out(), much.data(), much.size())) > 0;)
            taken += static_cast<std::size_t>(done);
        return taken;
    }
    // Reads `size` bytes from the pipe, or fewer if the pipe ends before.
    [[nodiscard]] std::string take(std::size_t size) const {
        std::string text(size, '\0');
        for (std::size_t at = 0; at < size;) {
            const ssize_t done = read(pipe_.in(), text.data() + at, size - at);
            if (done <= 0) return text.substr(0, at);
            at += static_cast<std::size_t>(done);
        }
        return text;
    }

    Pipe pipe_;
    naio_file* reader_ = nullptr;
    naio_file* writer_ = nullptr;
    char memory_[100] = "";
};

TEST_F(PolledFile, AReadGivesWhatIsThere) {
    open_reader();
    put("12345");
    const Handle first, second;
    start_read(first);
    EXPECT_EQ(got(first), "12345");
    start_read(second);
    put("678");
    EXPECT_EQ(got(second), "678");
}

TEST_F(PolledFile, TheEndIsSuccessWithoutBytes) {
    open_reader();
    put("1");
    pipe_.close_end(1);
    for (const std::string expected : {"1", "", ""}) {
        const Handle reading;
        start_read(reading);
        EXPECT_EQ(got(reading), expected);
    }
}

TEST_F(PolledFile, TheEndEndsAReadThatWaits) {
    open_reader();
    const Handle reading;
    start_read(reading);
    pipe_.close_end(1);
    EXPECT_EQ(got(reading), "");
}

TEST_F(PolledFile, AReadThatWaitsIsEndedWithoutLoss) {
    open_reader();
    const Handle first, second;
    start_read(first);
    EXPECT_TRUE(naio_aio_cancel(first, NAIO_CANCEL_TOTAL, NNG_OK));
    EXPECT_EQ(first.wait(), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(first), NAIO_CANCEL_TOTAL);
    EXPECT_EQ(nng_aio_count(first), 0u);
    put("abc");
    start_read(second);
    EXPECT_EQ(got(second), "abc");
}

TEST_F(PolledFile, ATimeoutOfZeroPolls) {
    open_reader();
    open_writer();
    const Handle reading, writing;
    nng_aio_set_timeout(reading, 0);
    nng_aio_set_timeout(writing, 0);
    start_read(reading);
    EXPECT_EQ(reading.wait(), NNG_ETIMEDOUT);
    char text[] = "xyz";
    writing.use(text, 3);
    naio_file_write(writer_, writing);
    EXPECT_EQ(writing.wait(), NNG_OK);
    start_read(reading);
    EXPECT_EQ(got(reading), "xyz");
}

TEST_F(PolledFile, AWriteThatWaitsIsEndedWithoutATrace) {
    open_writer();
    const std::size_t before = fill();
    const Handle writing;
    char text[] = "xyz";
    writing.use(text, 3);
    naio_file_write(writer_, writing);
    EXPECT_TRUE(naio_aio_cancel(writing, NAIO_CANCEL_TOTAL, NNG_OK));
    EXPECT_EQ(writing.wait(), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(writing), NAIO_CANCEL_TOTAL);
    EXPECT_EQ(take(before), std::string(before, '.'));
    naio_file_write(writer_, writing);
    EXPECT_EQ(writing.wait(), NNG_OK);
    EXPECT_EQ(take(3), "xyz");
}

TEST_F(PolledFile, AWriteIsOverWhenAllIsWritten) {
    open_writer();
    constexpr std::size_t kSize = 3'000'000;
    std::string text(kSize, '\0');
    for (std::size_t i = 0; i < kSize; ++i) text[i] = static_cast<char>(i * 2654435761u >> 13);
    const Handle writing, behind;
    writing.use(text.data(), kSize);
    naio_file_write(writer_, writing);
    char end[] = "end";
    behind.use(end, 3);
    naio_file_write(writer_, behind);
    EXPECT_EQ(take(kSize), text);
    EXPECT_EQ(take(3), "end");
    EXPECT_EQ(writing.wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(writing), kSize);
    EXPECT_EQ(behind.wait(), NNG_OK);
}

TEST_F(PolledFile, AWriteThatHasBegunTellsHowFarItCame) {
    open_writer();
    std::vector<char> much(1 << 20, 'x');
    const Handle writing;
    writing.use(much.data(), much.size());
    naio_file_write(writer_, writing);
    EXPECT_EQ(take(10), std::string(10, 'x'));
    EXPECT_FALSE(naio_aio_cancel(writing, NAIO_CANCEL_TOTAL, NNG_OK));
    EXPECT_TRUE(naio_aio_cancel(writing, NAIO_CANCEL_PARTIAL, NNG_OK));
    EXPECT_EQ(writing.wait(), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(writing), NAIO_CANCEL_PARTIAL);
    const std::size_t written = nng_aio_count(writing);
    EXPECT_GE(written, 10u);
    naio_file_free(std::exchange(writer_, nullptr));
    pipe_.close_end(1);
    EXPECT_EQ(take(much.size()).size(), written - 10);
}

TEST_F(PolledFile, AWriteWithoutAReaderIsAnErrorAndNoSignal) {
    open_writer();
    pipe_.close_end(0);
    char text[] = "xyz";
    for (const bool blocked : {false, true}) {
        sigset_t signals, before, pending;
        sigemptyset(&signals);
        sigaddset(&signals, SIGPIPE);
        pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &signals, &before);
        const Handle writing;
        writing.use(text, 3);
        naio_file_write(writer_, writing);
        EXPECT_EQ(writing.wait(), NNG_ECLOSED);
        EXPECT_EQ(nng_aio_count(writing), 0u);
        sigpending(&pending);
        EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
}

TEST_F(PolledFile, AWriteThatWaitsLearnsThatTheReaderIsGone) {
    open_writer();
    std::vector<char> much(1 << 20, 'x');
    const Handle writing;
    writing.use(much.data(), much.size());
    naio_file_write(writer_, writing);
    EXPECT_EQ(take(1), "x");
    pipe_.close_end(0);
    EXPECT_EQ(writing.wait(), NNG_ECLOSED);
    EXPECT_GE(nng_aio_count(writing), 1u);
    EXPECT_LT(nng_aio_count(writing), much.size());
}

TEST_F(PolledFile, ItIsNotOpenForTheOtherDirection) {
    open_reader();
    open_writer();
    char byte = 'x';
    const Handle one;
    one.use(&byte, 1);
    naio_file_write(reader_, one);
    EXPECT_EQ(one.wait(), NNG_EREADONLY);
    naio_file_read(writer_, one);
    EXPECT_EQ(one.wait(), NNG_EWRITEONLY);
}

TEST_F(PolledFile, APipeHasNoOffsetsAndNoDisk) {
    open_reader();
    open_writer();
    char byte = 'x';
    const Handle one;
    one.use(&byte, 1);
    naio_file_pread(reader_, 0, one);
    EXPECT_EQ(one.wait(), static_cast<nng_err>(NNG_ESYSERR | ESPIPE));
    naio_file_pwrite(writer_, 0, one);
    EXPECT_EQ(one.wait(), static_cast<nng_err>(NNG_ESYSERR | ESPIPE));
    naio_file_sync(writer_, one);
    EXPECT_EQ(one.wait(), NNG_EINVAL);
    naio_file_status status{};
    naio_file_stat(reader_, &status, one);
    EXPECT_EQ(one.wait(), NNG_OK);
    EXPECT_EQ(status.kind, NAIO_FILE_OTHER);
}

TEST_F(PolledFile, WithoutBytesNothingWaits) {
    open_reader();
    const Handle waiting, empty;
    start_read(waiting);
    naio_file_read(reader_, empty);
    EXPECT_EQ(empty.wait(), NNG_OK);
}

TEST_F(PolledFile, CloseAndFreeEndWhatWaits) {
    for (const bool frees : {false, true}) {
        const std::size_t before = descriptors();
        open_reader();
        EXPECT_GT(descriptors(), before);
        const Handle reading;
        start_read(reading);
        naio_file* const file = std::exchange(reader_, nullptr);
        if (frees) {
            naio_file_free(file);
        } else {
            EXPECT_EQ(close_file(file), NNG_OK);
        }
        EXPECT_EQ(reading.wait(), NNG_ECLOSED);
    }
}

TEST_F(PolledFile, IsClosedWhenCloseIsOver) {
    open_reader();
    pipe_.close_end(0);
    put("x");  // does not fail, because reader_ is open
    const Handle reading;
    start_read(reading);
    EXPECT_EQ(got(reading), "x");
    EXPECT_EQ(close_file(std::exchange(reader_, nullptr)), NNG_OK);
    signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(write(pipe_.out(), "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
    signal(SIGPIPE, SIG_DFL);
}

TEST_F(PolledFile, CloseThatIsRefusedLeavesItOpen) {
    open_reader();
    {
        const Handle stopped;
        nng_aio_stop(stopped);
        naio_file_close(reader_, stopped);
        EXPECT_EQ(stopped.wait(), NNG_ESTOPPED);
    }
    put("x");
    const Handle reading;
    start_read(reading);
    EXPECT_EQ(got(reading), "x");
}

TEST_F(PolledFile, FiniDoesNotWaitForAReadThatWaits) {
    open_reader();
    const Handle reading;
    start_read(reading);
    bring_library_down();
    EXPECT_EQ(nng_aio_result(reading), NNG_ESTOPPED);
    EXPECT_EQ(nng_init(nullptr), NNG_OK);
    start_read(reading);
    EXPECT_EQ(reading.wait(), NNG_ECLOSED) << "a polled file does not outlive the library";
}

TEST_F(PolledFile, WhatOthersOpenedStaysAsItWas) {
    open_reader();
    open_writer();
    EXPECT_EQ(fcntl(pipe_.in(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(fcntl(pipe_.out(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(PolledFile, ADeviceThatCannotBePolledIsReadAllTheSame) {
    naio_file* const zero = open_file("/dev/zero", NAIO_FILE_READ | NAIO_FILE_WRITE);
    char bytes[50];
    std::memset(bytes, 'x', sizeof(bytes));
    const Handle one;
    one.use(bytes, sizeof(bytes));
    naio_file_write(zero, one);
    EXPECT_EQ(one.wait(), NNG_OK);
    naio_file_read(zero, one);
    EXPECT_EQ(one.wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(one), sizeof(bytes));
    EXPECT_EQ(std::string(bytes, sizeof(bytes)), std::string(sizeof(bytes), '\0'));
    EXPECT_EQ(close_file(zero), NNG_OK);
}

// Both sides of a pseudoterminal. The library opens the program's side.
class Terminal : public testing::Test {
  protected:
    Terminal() {
        EXPECT_EQ(nng_init(nullptr), NNG_OK);
        char name[64];
        EXPECT_EQ(openpty(&user_, &program_, name, nullptr, nullptr), 0);
        termios raw;
        EXPECT_EQ(tcgetattr(program_, &raw), 0);
        cfmakeraw(&raw);
        EXPECT_EQ(tcsetattr(program_, TCSANOW, &raw), 0);
        terminal_ = open_file(name, NAIO_FILE_READ | NAIO_FILE_WRITE);
    }
    ~Terminal() override {
        naio_file_free(terminal_);
        close(user_);
        close(program_);
        bring_library_down();
    }

    int user_ = -1, program_ = -1;
    naio_file* terminal_ = nullptr;
};

TEST_F(Terminal, AReadThatWaitsHoldsUpNeitherAWriteNorAClose) {
    char line[100];
    const Handle reading, writing;
    reading.use(line, sizeof(line));
    naio_file_read(terminal_, reading);
    char prompt[] = "name? ";
    writing.use(prompt, 6);
    naio_file_write(terminal_, writing);
    EXPECT_EQ(writing.wait(), NNG_OK);
    char shown[10] = "";
    EXPECT_EQ(read(user_, shown, sizeof(shown)), 6);
    EXPECT_STREQ(shown, "name? ");

    EXPECT_EQ(write(user_, "me\n", 3), 3);
    EXPECT_EQ(reading.wait(), NNG_OK);
    EXPECT_EQ(std::string(line, nng_aio_count(reading)), "me\n");

    naio_file_read(terminal_, reading);
    EXPECT_EQ(close_file(std::exchange(terminal_, nullptr)), NNG_OK);
    EXPECT_EQ(reading.wait(), NNG_ECLOSED);
}

TEST_F(Terminal, OtherDescriptionsOfItStayAsTheyWere) { EXPECT_EQ(fcntl(program_, F_GETFL) & O_NONBLOCK, 0); }

}  // namespace
}  // namespace naio
