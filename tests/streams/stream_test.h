// The fixtures of the suite: each case runs over each scheme.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <algorithm>
#include <array>
#include <string>

#include "event.h"
#include "handle.h"
#include "objects.h"
#include "pattern.h"
#include "scheme.h"
#include "service.h"
#include "transfer.h"

namespace streams {

inline std::string name_of(const testing::TestParamInfo<Scheme>& info) { return info.param.name; }

// A place to listen on, and nothing connected to it yet.
class ServiceTest : public testing::TestWithParam<Scheme> {
  protected:
    static const Scheme& scheme() { return GetParam(); }

    Service service{GetParam()};
};

// Two streams connected with each other.
class StreamTest : public ServiceTest {
  protected:
    Pair pair = service.pair();
    nng_stream* const near = pair.near;
    nng_stream* const far = pair.far;

    void free_near() { pair.near.reset(); }
    void free_far() { pair.far.reset(); }

    // Sends from near until no more goes without a reader, for now and a while. What was sent is what `sent` gives.
    void fill(Pattern& sent) {
        Transfer send(std::size_t{1} << 18);
        send.within(20);
        for (;;) {
            sent.fill(send.bytes().data(), send.bytes().size());
            const Outcome outcome = send.send(near).wait();
            if (outcome.result == NNG_ETIMEDOUT) break;
            ASSERT_EQ(outcome.result, NNG_OK);
            sent.skip(outcome.count);
        }
    }

    // Receives at far all that was sent from near and has not been received yet.
    void drain(Pattern& received, const Pattern& sent) {
        Transfer recv(std::size_t{1} << 18);
        while (received.position() < sent.position()) {
            ASSERT_EQ(recv.recv(far).wait().result, NNG_OK);
            ASSERT_TRUE(received.continues(recv.moved()));
        }
        ASSERT_EQ(received.position(), sent.position());
    }

    // Bytes go through unchanged from near to far and back.
    void expect_to_work() { expect_to_work(near, far); }
    static void expect_to_work(nng_stream* one, nng_stream* other) {
        const Bytes there = Pattern(3).next(1000);
        const Bytes back = Pattern(5).next(1000);
        send_all(one, there);
        EXPECT_EQ(recv_all(other, there.size()), there);
        send_all(other, back);
        EXPECT_EQ(recv_all(one, back.size()), back);
    }
};

}  // namespace streams

#define NAIO_OVER(schemes, fixture) INSTANTIATE_TEST_SUITE_P(, fixture, testing::ValuesIn(schemes()), name_of)
