// Tests every naio_file_* function once through the C interface, and files while nng_fini runs.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "support/library.h"

namespace {

using namespace support;

class FileFini : public testing::Test {
  protected:
    FileFini() {
        EXPECT_EQ(nng_init(nullptr), NNG_OK);
        EXPECT_EQ(nng_aio_alloc(&aio_, nullptr, nullptr), NNG_OK);
        close(mkstemp(path_));
    }
    ~FileFini() override {
        nng_aio_free(aio_);
        unlink(path_);
        bring_library_down();
    }
    nng_err wait() {
        nng_aio_wait(aio_);
        return nng_aio_result(aio_);
    }
    void set(char* text, std::size_t size) {
        const nng_iov vector{text, size};
        EXPECT_EQ(nng_aio_set_iov(aio_, 1, &vector), NNG_OK);
    }
    naio_file* open() {
        naio_file_open(path_, NAIO_FILE_READ | NAIO_FILE_WRITE, 0, aio_);
        EXPECT_EQ(wait(), NNG_OK);
        return static_cast<naio_file*>(nng_aio_get_output(aio_, 0));
    }

    nng_aio* aio_ = nullptr;
    char path_[32] = "/tmp/naio_file_fini_XXXXXX";
};

TEST_F(FileFini, EveryFunctionIsWired) {
    naio_file* file = open();
    char text[] = "abcdef";
    set(text, 6);
    naio_file_write(file, aio_);
    EXPECT_EQ(wait(), NNG_OK);
    set(text, 3);
    naio_file_pwrite(file, 3, aio_);
    EXPECT_EQ(wait(), NNG_OK);
    naio_file_sync(file, aio_);
    EXPECT_EQ(wait(), NNG_OK);
    char read[10] = "";
    set(read, 9);
    naio_file_pread(file, 1, aio_);
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_STREQ(read, "bcabc");
    naio_file_read(file, aio_);
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(aio_), 0u);
    naio_file_status status;
    naio_file_stat(file, &status, aio_);
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(status.size, 6u);
    naio_file_close(file, aio_);
    EXPECT_EQ(wait(), NNG_OK);
    naio_file_free(open());
    naio_file_free(nullptr);
}

TEST_F(FileFini, ThreadsAreStartedOnFirstUseAndEndWithTheLibrary) {
    EXPECT_EQ(library_threads("naio:file").size(), 0u);
    naio_file* file = open();
    EXPECT_EQ(settled_threads(1, "naio:file"), 1u);
    bring_library_down();
    EXPECT_EQ(settled_threads(0), 0u);
    naio_file_free(file);  // a regular file outlives the library
}

TEST_F(FileFini, AReadOfAPipeThatMeetsFiniHasItsByteOrIsStopped) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const std::string name = "/proc/self/fd/" + std::to_string(ends[0]);
    naio_file_open(name.c_str(), NAIO_FILE_READ, 0, aio_);
    ASSERT_EQ(wait(), NNG_OK);
    auto* file = static_cast<naio_file*>(nng_aio_get_output(aio_, 0));
    char byte = 0;
    set(&byte, 1);
    naio_file_read(file, aio_);
    std::thread writer([&] { EXPECT_EQ(write(ends[1], "x", 1), 1); });
    bring_library_down();
    writer.join();
    // The read has the byte if the writer wrote it before nng_fini ended the read.
    if (nng_aio_result(aio_) == NNG_OK) {
        EXPECT_EQ(byte, 'x');
    } else {
        EXPECT_EQ(nng_aio_result(aio_), NNG_ESTOPPED);
    }
    naio_file_free(file);
    close(ends[0]);
    close(ends[1]);
}

}  // namespace
