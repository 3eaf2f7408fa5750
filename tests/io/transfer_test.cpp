#include <gtest/gtest.h>
#include <naio/naio.h>

#include <string>
#include <utility>
#include <vector>

#include "stream_pair.h"

namespace naio {
namespace {

class TransferTest : public testing::Test {
  protected:
    void send(std::string text) const {
        Operation sending;
        sending.use(text.data(), text.size());
        nng_stream_send(streams_.near(), sending);
        EXPECT_EQ(sending.wait(), NNG_OK);
        EXPECT_EQ(nng_aio_count(sending), text.size());
    }
    StreamPair streams_;
};

TEST_F(TransferTest, a_receive_ends_when_all_has_come) {
    std::string got(6, ' ');
    Operation receiving;
    receiving.use(got.data(), got.size());
    naio_stream_recv_all(streams_.far(), receiving, 0);
    send("abc");
    EXPECT_TRUE(receiving.ended.stays_away());
    send("def");
    EXPECT_EQ(receiving.wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(receiving), 6u);
    EXPECT_EQ(got, "abcdef");
}

TEST_F(TransferTest, large_amounts_go_through_both_ways) {
    std::vector<char> out(8 << 20), in(out.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(i * 31 + i / 1021);
    Operation sending, receiving;
    sending.use(out.data(), out.size());
    receiving.use(in.data(), in.size());
    naio_stream_send_all(streams_.near(), sending, 0);
    naio_stream_recv_all(streams_.far(), receiving, 0);
    EXPECT_EQ(sending.wait(), NNG_OK);
    EXPECT_EQ(receiving.wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(sending), out.size());
    EXPECT_EQ(nng_aio_count(receiving), in.size());
    EXPECT_TRUE(in == out);
}

TEST_F(TransferTest, a_timeout_tells_how_much_has_come) {
    std::string got(6, ' ');
    Operation receiving;
    receiving.use(got.data(), got.size());
    nng_aio_set_timeout(receiving, 20);
    send("abc");
    naio_stream_recv_all(streams_.far(), receiving, 0);
    EXPECT_EQ(receiving.wait(), NNG_ETIMEDOUT);
    EXPECT_EQ(nng_aio_count(receiving), 3u);
    EXPECT_EQ(naio_aio_outcome(receiving), NAIO_CANCEL_PARTIAL);
    send("def");
    naio_stream_recv_all(streams_.far(), receiving, 0);  // goes on
    EXPECT_EQ(receiving.wait(), NNG_OK);
    EXPECT_EQ(got, "abcdef");
}

TEST_F(TransferTest, a_total_request_is_taken_before_the_first_byte_only) {
    std::string got(6, ' ');
    Operation receiving;
    receiving.use(got.data(), got.size());
    naio_stream_recv_all(streams_.far(), receiving, NAIO_CANCEL_TOTAL);
    EXPECT_TRUE(naio_aio_cancel(receiving, NAIO_CANCEL_TOTAL, NNG_OK));
    EXPECT_EQ(receiving.wait(), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(receiving), NAIO_CANCEL_TOTAL);
    EXPECT_EQ(nng_aio_count(receiving), 0u);

    send("abc");
    naio_stream_recv_all(streams_.far(), receiving, NAIO_CANCEL_TOTAL);
    while (naio_aio_cancel(receiving, NAIO_CANCEL_TOTAL, NNG_OK)) {
        if (nng_aio_busy(receiving)) continue;
        naio_stream_recv_all(streams_.far(), receiving, NAIO_CANCEL_TOTAL);  // it was taken in time
    }
    send("def");
    EXPECT_EQ(receiving.wait(), NNG_OK);
    EXPECT_EQ(got, "abcdef");
}

TEST_F(TransferTest, a_terminal_one_takes_terminal_requests_only) {
    std::string got(6, ' ');
    Operation receiving;
    receiving.use(got.data(), got.size());
    naio_stream_recv_all(streams_.far(), receiving, NAIO_CANCEL_TERMINAL);
    EXPECT_FALSE(naio_aio_cancel(receiving, NAIO_CANCEL_PARTIAL, NNG_OK));
    send("abc");
    EXPECT_TRUE(receiving.ended.stays_away());
    EXPECT_FALSE(naio_aio_cancel(receiving, NAIO_CANCEL_PARTIAL, NNG_OK));
    EXPECT_TRUE(naio_aio_cancel(receiving, NAIO_CANCEL_TERMINAL, NNG_OK));
    EXPECT_EQ(receiving.wait(), NNG_ECANCELED);
}

TEST_F(TransferTest, to_be_ended_with_success_is_to_be_cancelled) {
    std::string got(6, ' ');
    Operation receiving;
    receiving.use(got.data(), got.size());
    naio_stream_recv_all(streams_.far(), receiving, 0);
    nng_aio_abort(receiving, NNG_OK);
    EXPECT_EQ(receiving.wait(), NNG_ECANCELED);
}

TEST_F(TransferTest, the_end_of_the_stream_tells_how_much_has_come) {
    std::string got(6, ' ');
    Operation receiving;
    receiving.use(got.data(), got.size());
    send("abc");
    naio_stream_recv_all(streams_.far(), receiving, 0);
    streams_.free_near();
    EXPECT_EQ(receiving.wait(), NNG_ECONNSHUT);
    EXPECT_EQ(nng_aio_count(receiving), 3u);
}

TEST_F(TransferTest, it_ends_when_its_stream_is_freed) {
    std::string got(6, ' ');
    Operation receiving;
    receiving.use(got.data(), got.size());
    naio_stream_recv_all(streams_.near(), receiving, 0);
    streams_.free_near();
    EXPECT_EQ(receiving.wait(), NNG_ECLOSED);
}

TEST_F(TransferTest, nothing_to_move_succeeds) {
    Operation receiving;
    naio_stream_recv_all(streams_.far(), receiving, 0);
    EXPECT_EQ(receiving.wait(), NNG_OK);
    receiving.use(nullptr, 0);
    naio_stream_send_all(streams_.far(), receiving, 0);
    EXPECT_EQ(receiving.wait(), NNG_OK);
}

}  // namespace
}  // namespace naio
