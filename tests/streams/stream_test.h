// The fixtures of the tests, which run over each scheme.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <algorithm>
#include <array>
#include <string>

#include "pattern.h"
#include "scheme.h"
#include "service.h"
#include "support/event.h"
#include "support/handle.h"
#include "support/objects.h"
#include "transfer.h"

namespace streams {

inline std::string name_of(const testing::TestParamInfo<Scheme>& info) { return info.param.name; }

// A listener, without connections.
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

    // Sends the pattern `sent` from near until the system takes no more bytes without a reader.
    void fill(Pattern& sent) { streams::fill(near, sent); }

    // Receives at far all bytes that were sent from near and were not received yet.
    void drain(Pattern& received, const Pattern& sent) {
        Transfer recv(std::size_t{1} << 18);
        while (received.position() < sent.position()) {
            const std::uint64_t left = sent.position() - received.position();
            recv.set_buffer(recv.bytes().data(), std::min<std::uint64_t>(left, recv.bytes().size()));
            ASSERT_EQ(recv.recv(far).wait().result, NNG_OK);
            ASSERT_TRUE(received.continues(recv.moved()));
        }
    }

    // Expects that bytes go unchanged from near to far and back.
    void expect_to_work() { expect_to_work(near, far); }
    static void expect_to_work(nng_stream* one, nng_stream* other) {
        const Bytes there = Pattern(3).next(1000);
        const Bytes back = Pattern(5).next(1000);
        send_all(one, there);
        EXPECT_TRUE(recv_all(other, there.size()) == there);
        send_all(other, back);
        EXPECT_TRUE(recv_all(one, back.size()) == back);
    }
};

}  // namespace streams

// Runs the tests of a fixture over these schemes. CMakeLists.txt reads the uses of this macro, too, and finds them only
// at the beginning of a line.
#define NAIO_OVER(schemes, fixture) INSTANTIATE_TEST_SUITE_P(, fixture, testing::ValuesIn(schemes()), name_of)
