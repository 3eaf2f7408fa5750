// Nested handles: a provider that runs its operation as operations on a handle of its own. The lower handle's callback
// finishes the upper operation, and a request for the upper one is passed to the lower one.
#include <nng/nng.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "handle.h"
#include "stream_pair.h"

namespace {

// Writes records to a stream: seven pieces of memory, which one operation of the stream need not send completely.
class RecordWriter {
  public:
    explicit RecordWriter(nng_stream* stream) : stream_(stream) { EXPECT_EQ(nng_aio_alloc(&lower_, sent, this), 0); }
    ~RecordWriter() { nng_aio_free(lower_); }
    RecordWriter(const RecordWriter&) = delete;
    RecordWriter& operator=(const RecordWriter&) = delete;

    // Input 0 of the handle is an array of seven pieces.
    void write(nng_aio* upper) {
        if (!nng_aio_begin(upper)) return;
        std::lock_guard lock(mutex_);
        const auto* const pieces = static_cast<const nng_iov*>(nng_aio_get_input(upper, 0));
        std::copy_n(pieces, 7, left_.begin());
        first_ = 0;
        asked_ = 0;
        upper_ = upper;
        nng_aio_defer(upper, cancel, this);
        send_locked();
    }

  private:
    void send_locked() {
        EXPECT_EQ(nng_aio_set_iov(lower_, static_cast<unsigned>(7 - first_), &left_[first_]), 0);
        nng_stream_send(stream_, lower_);
    }

    // Drops the bytes that are sent. True if some are left.
    bool advance_locked(std::size_t count) {
        for (; first_ < 7 && count >= left_[first_].iov_len; ++first_) count -= left_[first_].iov_len;
        if (first_ == 7) return false;
        left_[first_].iov_buf = static_cast<char*>(left_[first_].iov_buf) + count;
        left_[first_].iov_len -= count;
        return true;
    }

    static void sent(void* arg) {
        RecordWriter& self = *static_cast<RecordWriter*>(arg);
        int result = nng_aio_result(self.lower_);
        std::unique_lock lock(self.mutex_);
        if (result == 0 && self.advance_locked(nng_aio_count(self.lower_))) {
            if (self.asked_ == 0) return self.send_locked();
            result = self.asked_;
        }
        nng_aio* const upper = std::exchange(self.upper_, nullptr);
        lock.unlock();
        nng_aio_finish(upper, result);
    }

    // Between two operations of the lower handle the request would be lost, so it is kept, too.
    static void cancel(nng_aio*, void* arg, int err) {
        RecordWriter& self = *static_cast<RecordWriter*>(arg);
        {
            std::lock_guard lock(self.mutex_);
            self.asked_ = err;
        }
        nng_aio_abort(self.lower_, err);
    }

    nng_stream* const stream_;
    nng_aio* lower_ = nullptr;
    std::mutex mutex_;
    nng_aio* upper_ = nullptr;
    std::array<nng_iov, 7> left_{};
    std::size_t first_ = 0;
    int asked_ = 0;
};

// Seven pieces, each with a length of its own.
struct Record {
    explicit Record(std::size_t unit) {
        for (std::size_t i = 0; i < 7; ++i) {
            bytes[i].assign(unit * (i + 1), static_cast<char>('a' + i));
            pieces[i] = {bytes[i].data(), bytes[i].size()};
            all += bytes[i];
        }
    }
    std::array<std::string, 7> bytes;
    std::array<nng_iov, 7> pieces{};
    std::string all;
};

TEST(Nested, PassesSevenPiecesToALowerHandle) {
    StreamPair pair;
    RecordWriter writer(pair.dialed);
    Record record(3);
    Handle handle;
    nng_aio_set_input(handle, 0, record.pieces.data());
    writer.write(handle);
    EXPECT_EQ(pair.receive(record.all.size()), record.all);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{0});
}

TEST(Nested, SendsARecordThatIsLongerThanTheBuffersOfTheSystem) {
    StreamPair pair;
    RecordWriter writer(pair.dialed);
    Record record(std::size_t{1} << 18);
    Handle handle;
    nng_aio_set_input(handle, 0, record.pieces.data());
    writer.write(handle);
    EXPECT_TRUE(pair.receive(record.all.size()) == record.all);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{0});
}

// The ways in which the upper operation can be asked to end while the lower one waits for the peer.
struct Ending {
    const char* name;
    void (*end)(nng_aio*);
    int result;
};

class NestedEnding : public testing::TestWithParam<Ending> {};

TEST_P(NestedEnding, OfTheUpperOperationEndsTheLowerOne) {
    StreamPair pair;
    RecordWriter writer(pair.dialed);
    Record record(std::size_t{1} << 18);
    Handle handle;
    nng_aio_set_input(handle, 0, record.pieces.data());
    if (GetParam().end == nullptr) nng_aio_set_timeout(handle, 20);
    writer.write(handle);
    if (GetParam().end != nullptr) GetParam().end(handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{GetParam().result});
}

INSTANTIATE_TEST_SUITE_P(
    Each, NestedEnding,
    testing::Values(Ending{"Cancel", nng_aio_cancel, NNG_ECANCELED}, Ending{"Stop", nng_aio_stop, NNG_ECANCELED},
                    Ending{"Abort", [](nng_aio* aio) { nng_aio_abort(aio, NNG_EPERM); }, NNG_EPERM},
                    Ending{"Timeout", nullptr, NNG_ETIMEDOUT}),
    [](const auto& test) { return test.param.name; });

// Passes an operation to a handle below it, and so on; the lowest handle sleeps.
class Chain {
  public:
    explicit Chain(Chain* below) : below_(below), lower_([this] { nng_aio_finish(upper_, nng_aio_result(lower_)); }) {}
    void run(nng_aio* upper) {
        if (!nng_aio_begin(upper)) return;
        upper_ = upper;
        nng_aio_defer(
            upper, [](nng_aio*, void* self, int err) { nng_aio_abort(static_cast<Chain*>(self)->lower_, err); }, this);
        below_ != nullptr ? below_->run(lower_) : nng_sleep_aio(sleep, lower_);
    }
    nng_duration sleep = 1;

  private:
    Chain* const below_;
    nng_aio* upper_ = nullptr;
    Handle lower_;
};

TEST(Nested, AChainOfProvidersFinishesFromBelow) {
    Chain lowest(nullptr), middle(&lowest), highest(&middle);
    Handle handle;
    for (int i = 0; i < 3; ++i) {
        highest.run(handle);
        nng_aio_wait(handle);
    }
    EXPECT_EQ(handle.results(), (Results{0, 0, 0}));
}

TEST(Nested, ARequestReachesTheLowestOfAChain) {
    Chain lowest(nullptr), middle(&lowest), highest(&middle);
    Handle handle;
    lowest.sleep = 60000;
    highest.run(handle);
    nng_aio_abort(handle, NNG_EPERM);
    nng_aio_wait(handle);
    nng_aio_set_timeout(handle, 5);
    highest.run(handle);
    nng_aio_wait(handle);
    nng_aio_set_timeout(handle, NNG_DURATION_INFINITE);
    highest.run(handle);
    nng_aio_stop(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_EPERM, NNG_ETIMEDOUT, NNG_ECANCELED}));
}

}  // namespace
