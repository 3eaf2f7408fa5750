// Tests pipes and files while a thread requests at random times that their operations end. No byte is lost or repeated.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <atomic>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "fifo.h"
#include "support/library.h"
#include "support/scale.h"
#include "support/typed_operation.h"

namespace naio {
namespace {

using namespace support;

constexpr std::size_t kBytes = 12'000'000;
constexpr std::size_t kMost = 300'000;  // more than a pipe holds

std::uint8_t byte_at(std::size_t position) { return static_cast<std::uint8_t>(position * 2654435761u >> 11); }

// One side of a pipe, or a regular file. Moves all bytes, by operations of random sizes.
class Side {
  public:
    Side(const std::string& name, unsigned flags, unsigned seed) : file_(open_file(name, flags)), random_(seed) {}
    ~Side() { naio_file_free(file_); }
    Side(const Side&) = delete;
    Side& operator=(const Side&) = delete;

    void write_all() {
        while (moved_ < kBytes) {
            const std::size_t size = next_size();
            for (std::size_t i = 0; i < size; ++i) memory_[i] = byte_at(moved_ + i);
            operation_.use(memory_.data(), size);
            naio_file_write(file_, operation_);
            moved_ += finished(size, true);
        }
    }
    void read_all() {
        while (moved_ < kBytes) {
            const std::size_t size = next_size();
            operation_.use(memory_.data(), size);
            naio_file_read(file_, operation_);
            const std::size_t count = finished(size, false);
            for (std::size_t i = 0; i < count; ++i) wrong_ += memory_[i] != byte_at(moved_ + i) ? 1 : 0;
            moved_ += count;
        }
    }
    void ask(naio_cancel types) const { naio_aio_cancel(operation_, types, NNG_OK); }
    [[nodiscard]] std::size_t wrong() const { return wrong_; }
    [[nodiscard]] std::size_t ended() const { return ended_; }

  private:
    [[nodiscard]] std::size_t next_size() { return std::min(1 + random_() % kMost, kBytes - moved_); }
    // Waits for the operation, and returns the number of bytes that it has moved. Checks that the result and the
    // outcome agree with this number.
    [[nodiscard]] std::size_t finished(std::size_t size, bool all) {
        const nng_err result = operation_.wait();
        const std::size_t count = nng_aio_count(operation_);
        if (result == NNG_OK) {
            EXPECT_TRUE(all ? count == size : count != 0);
        } else {
            EXPECT_EQ(result, NNG_ECANCELED);
            EXPECT_EQ(naio_aio_outcome(operation_), count == 0 ? NAIO_CANCEL_TOTAL : NAIO_CANCEL_PARTIAL);
            ++ended_;
        }
        return count;
    }

    naio_file* const file_;
    std::minstd_rand random_;
    std::vector<std::uint8_t> memory_ = std::vector<std::uint8_t>(kMost);
    std::size_t moved_ = 0, wrong_ = 0, ended_ = 0;
    Handle operation_;
};

TEST(PolledFileRace, RequestsAtAnyTimeLoseNoByteAndRepeatNone) {
    EXPECT_EQ(nng_init(nullptr), NNG_OK);
    {
        const Pipe pipe;
        Side writer(pipe.name(1), NAIO_FILE_WRITE, 1), reader(pipe.name(0), NAIO_FILE_READ, 2);
        std::atomic<int> running{2};
        std::thread writing([&] { writer.write_all(), --running; });
        std::thread reading([&] { reader.read_all(), --running; });
        std::minstd_rand random(3);
        while (running != 0) {
            const Side& side = random() % 2 == 0 ? writer : reader;
            side.ask(random() % 4 == 0 ? NAIO_CANCEL_TOTAL : NAIO_CANCEL_PARTIAL);
            for (unsigned i = random() % 8; i != 0; --i) std::this_thread::yield();
        }
        writing.join();
        reading.join();
        EXPECT_EQ(reader.wrong(), 0u);
        EXPECT_GT(writer.ended() + reader.ended(), 0u);
    }
    bring_library_down();
}

// The outer operation forwards each request to its slot and declines it at once, so the slot refuses inner operations
// only for a moment. An inner operation that succeeds has been performed, and one that is refused has not.
TEST(PolledFileRace, ARefusalThatIsTakenBackLeavesNoOperationUndone) {
    EXPECT_EQ(nng_init(nullptr), NNG_OK);
    {
        const Pipe pipe;
        naio_file* const file = open_file(pipe.name(0), NAIO_FILE_READ);
        const Handle outer, inner;
        naio_aio_bind_slot(inner, naio_aio_slot(outer), NAIO_CANCEL_ALL);
        ASSERT_TRUE(naio_aio_start(outer, NAIO_CANCEL_TOTAL, passes_on_and_declines, nullptr, nullptr));
        std::atomic<bool> running{true};
        std::thread asking([&] {
            while (running) naio_aio_cancel(outer, NAIO_CANCEL_TOTAL, NNG_OK);
        });
        unsigned performed = 0, refused = 0, undone = 0;
        for (unsigned round = 0; round < rounds(300'000) && (performed < 1'000 || refused < 1'000); ++round) {
            constexpr std::uint32_t kUntouched = 12345;
            naio_file_status status{.size = 0, .modified = 0, .kind = kUntouched, .mode = 0};
            naio_file_stat(file, &status, inner);
            const nng_err result = inner.wait();
            ++(result == NNG_OK ? performed : refused);
            undone += (result == NNG_OK) != (status.kind != kUntouched) ? 1 : 0;
        }
        running = false;
        asking.join();
        EXPECT_EQ(undone, 0u);
        naio_aio_finish(outer, NNG_OK, 0);
        naio_file_free(file);
    }
    bring_library_down();
}

// Writes a regular file and then reads it, with requests at random times.
TEST(PolledFileRace, RequestsInTheMiddleOfAFileHaveExactCounts) {
    EXPECT_EQ(nng_init(nullptr), NNG_OK);
    {
        const Folder folder;
        const std::string path = folder.path("file");
        for (const bool writes : {true, false}) {
            Side side(path, writes ? NAIO_FILE_WRITE | NAIO_FILE_CREATE : NAIO_FILE_READ, 4);
            std::atomic<bool> running{true};
            std::thread moving([&] { writes ? side.write_all() : side.read_all(), running = false; });
            std::minstd_rand random(5);
            while (running) {
                side.ask(random() % 4 == 0 ? NAIO_CANCEL_TOTAL : NAIO_CANCEL_PARTIAL);
                for (unsigned i = random() % 8; i != 0; --i) std::this_thread::yield();
            }
            moving.join();
            EXPECT_EQ(side.wrong(), 0u);
        }
        EXPECT_EQ(std::filesystem::file_size(path), kBytes);
    }
    bring_library_down();
}

}  // namespace
}  // namespace naio
