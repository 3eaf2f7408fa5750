// Tests random scripts on two connected streams. Several handles per direction run operations with timeouts. A "whole"
// operation moves all bytes of its memory, and a "single" operation moves as many bytes as the system takes at once.
// Another thread requests that the operations end, and the system calls move fewer bytes than they could. The model of
// a direction:
// - The bytes of its sends arrive in the order in which the sends were submitted. Of each send, as many bytes arrive as
//   the send has counted.
// - Its receives get these bytes in the order in which the receives were submitted. Each receive gets as many bytes as
//   it has counted.
// - At the end of a script the direction is shut down. No byte of a later send arrives.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "io/system_calls.h"
#include "support/random.h"
#include "support/stream_pair.h"

namespace naio {
namespace {

using namespace support;

using Bytes = std::vector<unsigned char>;

// System calls that move fewer bytes than they could, or fail with EAGAIN.
namespace meager {

template <class Message, class Call>
ssize_t apply(Message* message, Call call) {
    thread_local Random random(std::hash<std::thread::id>{}(std::this_thread::get_id()));
    if (random.below(8) == 0) {
        errno = EAGAIN;
        return -1;
    }
    if (random.below(2) == 0) return call(*message);
    iovec first = message->msg_iov[0];
    first.iov_len = std::min<std::size_t>(first.iov_len, 1 + random.below(random.below(2) == 0 ? 10 : 5000));
    msghdr shorter = *message;
    shorter.msg_iov = &first;
    shorter.msg_iovlen = 1;
    return call(shorter);
}

ssize_t recvmsg(int number, msghdr* message, int flags) {
    return apply(message, [&](msghdr& m) { return kSystemCalls.recvmsg(number, &m, flags); });
}
ssize_t sendmsg(int number, const msghdr* message, int flags) {
    return apply(message, [&](const msghdr& m) { return kSystemCalls.sendmsg(number, &m, flags); });
}

}  // namespace meager

// The bytes that the operations of one side of a direction have moved, in the order in which these operations were
// submitted.
class Order {
  public:
    [[nodiscard]] Bytes& next() { return parts_.emplace_back(); }
    [[nodiscard]] Bytes all() const {
        Bytes all;
        for (const Bytes& part : parts_) all.insert(all.end(), part.begin(), part.end());
        return all;
    }

  private:
    std::deque<Bytes> parts_;
};

// A handle that sends or receives, one operation after the other.
class Mover {
  public:
    Mover(nng_stream* stream, bool sends, Order& order) : stream_(stream), sends_(sends), order_(order) {}

    [[nodiscard]] nng_aio* aio() const { return operation_; }
    [[nodiscard]] bool busy() const { return nng_aio_busy(operation_); }

    // Submits the next operation. `ended` is true if a shutdown was submitted before the operation.
    void submit(Random& random, bool ended = false) {
        harvest();
        if (left() == 0 || random.below(2) == 0) renew(random);
        whole_ = random.below(3) != 0;
        accept_ = std::array{NAIO_CANCEL_TERMINAL, NAIO_CANCEL_PARTIAL, NAIO_CANCEL_TOTAL}[random.below(3)];
        ended_ = ended;
        timeout_types_ = random.below(4) == 0 ? NAIO_CANCEL_TOTAL : NAIO_CANCEL_ALL;
        naio_aio_set_timeout_types(operation_, timeout_types_);
        nng_aio_set_timeout(operation_, std::array<nng_duration, 4>{0, 1, 20'000, 20'000}[random.below(4)]);
        go();
    }

    // Submits one more receive and waits for it. Returns true if the receive succeeds. Otherwise expects that the
    // stream has ended.
    [[nodiscard]] bool receive() {
        harvest();
        memory_.assign(100'000, 0);
        done_ = 0;
        set_pieces(1);
        whole_ = false;
        nng_aio_set_timeout(operation_, 20'000);
        go();
        nng_aio_wait(operation_);
        const nng_err result = nng_aio_result(operation_);
        if (result == NNG_OK) return harvest(), true;
        EXPECT_EQ(result, NNG_ECONNSHUT);
        submitted_ = nullptr;
        return false;
    }

    void wait() { harvest(); }

    void end() {
        while (busy()) {
            naio_aio_cancel(operation_, NAIO_CANCEL_ALL, NNG_OK);
            std::this_thread::yield();
        }
        harvest();
    }

  private:
    [[nodiscard]] std::size_t left() const { return memory_.size() - done_; }

    void renew(Random& random) {
        memory_.assign(random.below(10) == 0 ? 0 : 1 + random.below(random.below(3) == 0 ? 50'000 : 100), 0);
        if (sends_)
            for (unsigned char& byte : memory_) byte = static_cast<unsigned char>(random.below(256));
        done_ = 0;
        set_pieces(1 + static_cast<unsigned>(random.below(4)));
    }

    void set_pieces(unsigned n) {
        std::array<nng_iov, 4> pieces{};
        std::size_t from = 0;
        for (unsigned i = 0; i < n; ++i) {
            const std::size_t size = i + 1 == n ? memory_.size() - from : (memory_.size() - from) / 2;
            pieces[i] = {memory_.data() + from, size};
            from += size;
        }
        EXPECT_EQ(nng_aio_set_iov(operation_, n, pieces.data()), NNG_OK);
    }

    void go() {
        submitted_ = &order_.next();
        if (whole_)
            (sends_ ? naio_stream_send_all : naio_stream_recv_all)(stream_, operation_, accept_);
        else
            (sends_ ? nng_stream_send : nng_stream_recv)(stream_, operation_);
    }

    void harvest() {
        if (submitted_ == nullptr) return;
        nng_aio_wait(operation_);
        const std::size_t count = nng_aio_count(operation_);
        check(nng_aio_result(operation_), count);
        const auto begin = memory_.begin() + static_cast<std::ptrdiff_t>(done_);
        submitted_->assign(begin, begin + static_cast<std::ptrdiff_t>(count));
        submitted_ = nullptr;
        go_on_after(count);
    }

    void check(nng_err result, std::size_t count) const {
        ASSERT_LE(count, left());
        if (ended_) {
            ASSERT_EQ(count, 0u);
            if (result == NNG_ECLOSED) return;
        }
        if (result == NNG_OK) {
            ASSERT_TRUE(whole_ ? count == left() : count != 0 || left() == 0);
            return;
        }
        if (result == NNG_ECONNSHUT) {
            ASSERT_FALSE(sends_);
            ASSERT_TRUE(whole_ ? count < left() : count == 0);
            return;
        }
        ASSERT_TRUE(result == NNG_ECANCELED || result == NNG_ETIMEDOUT) << nng_strerror(result);
        const naio_cancel outcome = naio_aio_outcome(operation_);
        if (!whole_) {
            ASSERT_EQ(count, 0u);
            ASSERT_EQ(outcome, NAIO_CANCEL_TOTAL);
        } else if (count == 0) {
            // A request has ended the operation, or its start was refused.
            ASSERT_TRUE(outcome == accept_ || outcome == NAIO_CANCEL_TOTAL);
        } else {
            ASSERT_LT(count, left());
            ASSERT_EQ(outcome, std::min<naio_cancel>(accept_, NAIO_CANCEL_PARTIAL));
            // A timeout that requests TOTAL alone ends no operation that has moved a byte. There is one exception: the
            // operation accepted the timeout before its first byte, and then moved bytes nevertheless. The operation
            // keeps the timeout's reason, and has it as its result when another request ends the operation.
            const bool torn = result == NNG_ETIMEDOUT && timeout_types_ == NAIO_CANCEL_TOTAL;
            ASSERT_TRUE(!torn || accept_ == NAIO_CANCEL_TOTAL);
        }
    }

    // A whole operation removes the bytes that it moves from its vectors. A single operation does not change its
    // vectors.
    void go_on_after(std::size_t count) {
        if (whole_) {
            done_ += count;
            const nng_iov* pieces = nullptr;
            const unsigned n = naio_aio_get_iov(operation_, &pieces);
            std::size_t size = 0;
            for (unsigned i = 0; i < n; ++i) size += pieces[i].iov_len;
            ASSERT_EQ(size, left());
        } else {
            done_ = memory_.size();
        }
    }

    nng_stream* const stream_;
    const bool sends_;
    Order& order_;
    Bytes memory_;
    std::size_t done_ = 0;
    bool whole_ = false;
    bool ended_ = false;
    naio_cancel accept_ = 0;
    naio_cancel timeout_types_ = 0;
    Bytes* submitted_ = nullptr;
    Handle operation_;  // the last member, so that it is destroyed before the memory that its operation uses
};

// A direction: from one stream to the other.
class Way {
  public:
    Way(nng_stream* from, nng_stream* to) : from_(from) {
        for (auto& each : movers_) each = nullptr;
        for (std::size_t i = 0; i < kHandles; ++i) {
            movers_[i] = std::make_unique<Mover>(from, true, sent_);
            movers_[kHandles + i] = std::make_unique<Mover>(to, false, received_);
        }
    }
    static constexpr unsigned kHandles = 3;

    [[nodiscard]] Mover& any(Random& random) { return *movers_[random.below(2 * kHandles)]; }

    // Shuts the direction down behind the sends in flight, submits more sends, which move no byte, and receives until
    // the stream ends.
    void finish(Random& random) {
        naio_stream_shutdown(from_, end_);
        for (std::size_t i = 0; i < kHandles; ++i)
            if (!movers_[i]->busy()) movers_[i]->submit(random, true);
        for (std::size_t i = kHandles; i < movers_.size(); ++i) movers_[i]->end();
        while (!testing::Test::HasFailure() && movers_.back()->receive()) {
        }
        for (std::size_t i = 0; i < kHandles; ++i) movers_[i]->wait();
        EXPECT_EQ(end_.wait(), NNG_OK);
        EXPECT_TRUE(received_.all() == sent_.all());
    }

  private:
    nng_stream* const from_;
    Order sent_, received_;
    std::array<std::unique_ptr<Mover>, 2 * kHandles> movers_;
    Handle end_;
};

class TransferModel : public testing::TestWithParam<unsigned> {
  protected:
    TransferModel() {
        system_calls.recvmsg = meager::recvmsg;
        system_calls.sendmsg = meager::sendmsg;
    }
    ~TransferModel() override {
        nng_fini();  // when it returns, no thread is in a system call
        system_calls = kSystemCalls;
    }
};

TEST_P(TransferModel, IsTwoQueuesOfBytes) {
    StreamPair streams;
    Way there(streams.near(), streams.far()), back(streams.far(), streams.near());
    Random random(GetParam());
    std::atomic<bool> over{false};
    std::thread canceller([&, mine = Random(GetParam() + 1000)]() mutable {
        while (!over) {
            const auto types = static_cast<naio_cancel>(1 + mine.below(7));
            naio_aio_cancel((mine.below(2) == 0 ? there : back).any(mine).aio(), types, NNG_OK);
            for (std::size_t i = mine.below(20); i != 0; --i) std::this_thread::yield();
        }
    });
    for (int submitted = 0; submitted < 1500 && !HasFailure();) {
        Mover& mover = (random.below(2) == 0 ? there : back).any(random);
        if (mover.busy()) {
            std::this_thread::yield();
            continue;
        }
        mover.submit(random);
        ++submitted;
    }
    over = true;
    canceller.join();
    there.finish(random);
    back.finish(random);
}

INSTANTIATE_TEST_SUITE_P(, TransferModel, testing::Range(0u, 8u));

}  // namespace
}  // namespace naio
