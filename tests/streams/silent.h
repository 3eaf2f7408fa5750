// A handle without a callback. A thread that waits for its receive makes the system calls itself.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstddef>
#include <utility>

#include "stream_test.h"

namespace streams {

// Has room for some bytes.
class Silent {
  public:
    explicit Silent(std::size_t n = 1) : Silent(Bytes(n)) {}
    explicit Silent(Bytes bytes) : bytes_(std::move(bytes)) {
        EXPECT_EQ(nng_aio_alloc(&aio_, nullptr, nullptr), NNG_OK);
        const nng_iov vector{bytes_.data(), bytes_.size()};
        EXPECT_EQ(nng_aio_set_iov(aio_, 1, &vector), NNG_OK);
    }
    ~Silent() { nng_aio_free(aio_); }
    Silent(const Silent&) = delete;
    Silent& operator=(const Silent&) = delete;

    operator nng_aio*() const { return aio_; }
    Outcome wait() const {
        nng_aio_wait(aio_);
        return {nng_aio_result(aio_), nng_aio_count(aio_)};
    }
    Outcome recv(nng_stream* stream) const {
        nng_stream_recv(stream, aio_);
        return wait();
    }
    Outcome send(nng_stream* stream) const {
        nng_stream_send(stream, aio_);
        return wait();
    }
    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

  private:
    Bytes bytes_;
    nng_aio* aio_ = nullptr;
};

}  // namespace streams
