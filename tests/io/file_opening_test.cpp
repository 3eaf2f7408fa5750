// Tests opens of FIFOs. The open of a FIFO waits for a peer.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fifo.h"
#include "support/library.h"

namespace naio {
namespace {

using namespace support;

class FileOpening : public testing::Test {
  protected:
    FileOpening() { EXPECT_EQ(nng_init(nullptr), NNG_OK); }
    ~FileOpening() override { bring_library_down(); }

    static void start(const Handle& opening, const std::string& path, unsigned flags) {
        naio_file_open(path.c_str(), flags, 0600, opening);
    }
    static naio_file* opened(const Handle& opening) {
        EXPECT_EQ(opening.wait(), NNG_OK);
        return static_cast<naio_file*>(nng_aio_get_output(opening, 0));
    }
    Folder folder_;
};

TEST_F(FileOpening, OfManyFifosHoldsUpNeitherFilesNorThePeers) {
    constexpr std::size_t kFifos = 20;
    std::vector<std::string> fifos;
    std::array<Handle, kFifos> readers;
    for (std::size_t i = 0; i < kFifos; ++i) {
        fifos.push_back(folder_.fifo(std::to_string(i)));
        start(readers[i], fifos.back(), NAIO_FILE_READ);
    }
    naio_file_free(open_file(folder_.path("regular"), NAIO_FILE_WRITE | NAIO_FILE_CREATE));
    for (std::size_t i = 0; i < kFifos; ++i) {
        const Handle writer;
        start(writer, fifos[i], NAIO_FILE_WRITE);
        naio_file_free(opened(writer));
        naio_file_free(opened(readers[i]));
    }
}

TEST_F(FileOpening, ThatHangsIsEndedByARequestAsIfItHadNeverBeen) {
    const std::string fifo = folder_.fifo("fifo");
    const std::size_t before = descriptors();
    const Handle opening;
    start(opening, fifo, NAIO_FILE_WRITE);
    EXPECT_TRUE(naio_aio_cancel(opening, NAIO_CANCEL_TOTAL, NNG_OK));
    EXPECT_EQ(opening.wait(), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(opening), NAIO_CANCEL_TOTAL);
    EXPECT_EQ(nng_aio_get_output(opening, 0), nullptr);
    release_openings(fifo);
    bring_library_down();
    EXPECT_LE(settled_descriptors(before), before) << "the late descriptor is closed";
}

TEST_F(FileOpening, ThatHangsIsEndedByATimeout) {
    for (const unsigned flags : {NAIO_FILE_READ, NAIO_FILE_WRITE | NAIO_FILE_CREATE | NAIO_FILE_TRUNCATE}) {
        // Each open has a FIFO of its own. If both opens used one FIFO, the first open, which the system finishes late,
        // would be the peer of the second open.
        const std::string fifo = folder_.fifo(std::to_string(flags));
        const Handle opening;
        nng_aio_set_timeout(opening, 10);
        start(opening, fifo, flags);
        EXPECT_EQ(opening.wait(), NNG_ETIMEDOUT);
        EXPECT_EQ(naio_aio_outcome(opening), NAIO_CANCEL_TOTAL);
        release_openings(fifo);
    }
}

TEST_F(FileOpening, FiniDoesNotWaitForOneThatHangs) {
    const std::string fifo = folder_.fifo("fifo");
    const std::size_t before = descriptors();
    const Handle opening;
    start(opening, fifo, NAIO_FILE_READ);
    while (library_threads("naio:open").empty()) std::this_thread::yield();
    bring_library_down();
    EXPECT_EQ(nng_aio_result(opening), NNG_ESTOPPED);
    release_openings(fifo);
    EXPECT_LE(settled_descriptors(before), before) << "the late descriptor is closed";
}

TEST_F(FileOpening, ManyAbandonedOnesHoldUpNoFile) {
    constexpr int kOpenings = 40;
    const std::string fifo = folder_.fifo("fifo");
    for (int i = 0; i < kOpenings; ++i) {
        const Handle opening;
        start(opening, fifo, NAIO_FILE_WRITE);
        EXPECT_TRUE(naio_aio_cancel(opening, NAIO_CANCEL_TOTAL, NNG_OK));
    }
    naio_file_free(open_file(folder_.path("regular"), NAIO_FILE_WRITE | NAIO_FILE_CREATE));
    // `reader` is the peer of the open of `fifo` by open_file, and of abandoned opens that reach the system late.
    const int reader = open(fifo.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    naio_file_free(open_file(fifo, NAIO_FILE_WRITE));
    bring_library_down();
    close(reader);
}

TEST_F(FileOpening, OfAFifoThatExistsIsRefusedIfItMustNot) {
    const Handle opening;
    start(opening, folder_.fifo("fifo"), NAIO_FILE_WRITE | NAIO_FILE_CREATE | NAIO_FILE_EXCLUSIVE);
    EXPECT_EQ(opening.wait(), NNG_EEXIST);
}

}  // namespace
}  // namespace naio
