// Two streams over a socket pair, through the C interface.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <array>
#include <cstddef>
#include <utility>

#include "support/handle.h"

namespace support {

// A handle without a callback, so that the thread that completes the operation wakes the waiter. Each operation moves
// one byte.
class OneByte {
  public:
    OneByte() {
        EXPECT_EQ(nng_aio_alloc(&aio_, nullptr, nullptr), NNG_OK);
        const nng_iov vector{&byte_, 1};
        EXPECT_EQ(nng_aio_set_iov(aio_, 1, &vector), NNG_OK);
    }
    ~OneByte() { nng_aio_free(aio_); }
    OneByte(const OneByte&) = delete;
    OneByte& operator=(const OneByte&) = delete;

    operator nng_aio*() const { return aio_; }
    nng_err wait() const {
        nng_aio_wait(aio_);
        return nng_aio_result(aio_);
    }

  private:
    nng_aio* aio_ = nullptr;
    char byte_ = 'x';
};

class StreamPair {
  public:
    StreamPair() {
        nng_stream_listener* listener = nullptr;
        EXPECT_EQ(nng_stream_listener_alloc(&listener, "socket://"), NNG_OK);
        std::array<int, 2> ends{};
        EXPECT_EQ(nng_socket_pair(ends.data()), NNG_OK);
        for (std::size_t i = 0; i < 2; ++i) {
            const Handle accepting;
            EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, ends[i]), NNG_OK);
            nng_stream_listener_accept(listener, accepting);
            EXPECT_EQ(accepting.wait(), NNG_OK);
            streams_[i] = accepting.output<nng_stream>();
        }
        nng_stream_listener_free(listener);
    }
    ~StreamPair() {
        for (nng_stream* stream : streams_) nng_stream_free(stream);
    }
    StreamPair(const StreamPair&) = delete;
    StreamPair& operator=(const StreamPair&) = delete;

    [[nodiscard]] nng_stream* near() const { return streams_[0]; }
    [[nodiscard]] nng_stream* far() const { return streams_[1]; }
    void free_near() { nng_stream_free(std::exchange(streams_[0], nullptr)); }

  private:
    std::array<nng_stream*, 2> streams_{};
};

}  // namespace support
