// Tests streams whose system calls fail, or move fewer bytes than they could.
#include "io/descriptor.h"

#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <utility>

#include "io/system_calls.h"
#include "support/stream_pair.h"

namespace naio {
namespace {

using namespace support;

// Replacements for recvmsg and sendmsg. Each of the next `times` calls fails with `error`, or moves at most one byte.
struct Fault {
    static inline std::atomic<int> times{0};
    static inline std::atomic<int> error{0};  // 0: the call moves one byte

    static bool due() { return times.load() > 0 && times.fetch_sub(1) > 0; }

    template <class Message, class Call>
    static ssize_t apply(Message* message, Call call) {
        if (!due()) return call(*message);
        if (error != 0) {
            errno = error;
            return -1;
        }
        iovec first = message->msg_iov[0];
        first.iov_len = std::min<std::size_t>(first.iov_len, 1);
        msghdr shorter = *message;
        shorter.msg_iov = &first;
        shorter.msg_iovlen = 1;
        return call(shorter);
    }
    static ssize_t recvmsg(int number, msghdr* message, int flags) {
        return apply(message, [&](msghdr& m) { return kSystemCalls.recvmsg(number, &m, flags); });
    }
    static ssize_t sendmsg(int number, const msghdr* message, int flags) {
        return apply(message, [&](const msghdr& m) { return kSystemCalls.sendmsg(number, &m, flags); });
    }
};

class DescriptorTest : public testing::Test {
  protected:
    DescriptorTest() {
        system_calls.recvmsg = Fault::recvmsg;
        system_calls.sendmsg = Fault::sendmsg;
    }
    ~DescriptorTest() override {
        nng_fini();  // when it returns, no thread is in a system call
        system_calls = kSystemCalls;
    }
    static void fail(int error, int times) {
        Fault::error = error;
        Fault::times = times;
    }
    nng_err exchange(const StreamPair& streams) {
        char out = 'x';
        Handle sending, receiving;
        sending.use(&out, 1);
        receiving.use(&in_, 1);
        nng_stream_send(streams.near(), sending);
        const nng_err sent = sending.wait();
        if (sent != NNG_OK) return sent;
        nng_stream_recv(streams.far(), receiving);
        return receiving.wait();
    }
    char in_ = 0;
};

TEST_F(DescriptorTest, AnInterruptedCallIsRepeated) {
    StreamPair streams;
    fail(EINTR, 5);
    EXPECT_EQ(exchange(streams), NNG_OK);
    EXPECT_EQ(Fault::times, 0);
}

TEST_F(DescriptorTest, ACallThatWouldWaitIsRepeatedWhenTheDescriptorIsReady) {
    StreamPair streams;
    fail(EAGAIN, 10);
    EXPECT_EQ(exchange(streams), NNG_OK);
    EXPECT_EQ(Fault::times, 0);
}

TEST_F(DescriptorTest, AnErrorEndsOneOperation) {
    StreamPair streams;
    fail(ECONNRESET, 1);
    EXPECT_EQ(exchange(streams), NNG_ECONNRESET);
    EXPECT_EQ(exchange(streams), NNG_OK);
    fail(ENOBUFS, 1);
    EXPECT_EQ(exchange(streams), NNG_ENOMEM);
}

TEST_F(DescriptorTest, AnErrorWhileWaitingEndsTheOperation) {
    StreamPair streams;
    Handle first, second;
    first.use(&in_, 1);
    second.use(&in_, 1);
    nng_stream_recv(streams.far(), first);
    nng_stream_recv(streams.far(), second);
    char out = 'x';
    Handle sending;
    sending.use(&out, 1);
    nng_stream_send(streams.near(), sending);
    EXPECT_EQ(first.wait(), NNG_OK);
    fail(ECONNRESET, 1);
    streams.free_near();
    EXPECT_EQ(second.wait(), NNG_ECONNRESET);
}

TEST_F(DescriptorTest, TheEndOfTheOutputMayBeRefused) {
    StreamPair streams;
    Handle ending;
    for (const auto& [error, result] : {std::pair{EOPNOTSUPP, NNG_ENOTSUP}, std::pair{ENOTCONN, NNG_ECLOSED}}) {
        static int refusal;
        refusal = error;
        system_calls.shutdown = [](int, int) { return errno = refusal, -1; };
        naio_stream_shutdown(streams.near(), ending);
        EXPECT_EQ(ending.wait(), result);
        EXPECT_EQ(exchange(streams), NNG_OK);
    }
    system_calls.shutdown = kSystemCalls.shutdown;
    naio_stream_shutdown(streams.near(), ending);
    EXPECT_EQ(ending.wait(), NNG_OK);
    EXPECT_EQ(exchange(streams), NNG_ECLOSED);
}

TEST_F(DescriptorTest, WhatIsMovedIsWhatIsCounted) {
    StreamPair streams;
    fail(0, 2);
    std::string out = "abc";
    Handle sending, receiving;
    sending.use(out.data(), out.size());
    nng_stream_send(streams.near(), sending);
    EXPECT_EQ(sending.wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(sending), 1u);
    std::string in = "   ";
    receiving.use(in.data(), in.size());
    nng_stream_recv(streams.far(), receiving);
    EXPECT_EQ(receiving.wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(receiving), 1u);
    EXPECT_EQ(in, "a  ");
}

}  // namespace
}  // namespace naio
