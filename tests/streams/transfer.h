// A handle with its buffer, for receives, sends, accepts and dials, one at a time.
//
// Transfer::wait checks that each operation has exactly one callback.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstddef>
#include <ostream>
#include <utility>

#include "full_socket.h"
#include "pattern.h"
#include "support/handle.h"
#include "support/objects.h"

namespace streams {

// The result and the count of an operation.
struct Outcome {
    nng_err result;
    std::size_t count;

    bool operator==(const Outcome&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
    return out << nng_strerror(outcome.result) << ", " << outcome.count << " bytes";
}

inline constexpr Outcome kCancelled{NNG_ECANCELED, 0};
inline constexpr Outcome kClosed{NNG_ECLOSED, 0};
inline constexpr Outcome kShut{NNG_ECONNSHUT, 0};
inline constexpr Outcome kStopped{NNG_ESTOPPED, 0};
inline constexpr Outcome kTimedOut{NNG_ETIMEDOUT, 0};

class Transfer {
  public:
    // Has room for n bytes.
    explicit Transfer(std::size_t n = 0, support::Handle::Callback callback = {})
        : Transfer(Bytes(n), std::move(callback)) {}
    explicit Transfer(Bytes bytes, support::Handle::Callback callback = {})
        : bytes_(std::move(bytes)), handle_(std::move(callback)) {
        set_buffer(bytes_.data(), bytes_.size());
    }

    operator nng_aio*() const { return handle_; }
    [[nodiscard]] support::Handle& handle() { return handle_; }

    void set_buffer(std::uint8_t* bytes, std::size_t n) {
        const nng_iov iov{bytes, n};
        ASSERT_EQ(nng_aio_set_iov(handle_, 1, &iov), NNG_OK);
    }

    Transfer& recv(nng_stream* stream) { return submit(nng_stream_recv, stream); }
    Transfer& send(nng_stream* stream) { return submit(nng_stream_send, stream); }
    Transfer& accept(nng_stream_listener* listener) { return submit(nng_stream_listener_accept, listener); }
    Transfer& dial(nng_stream_dialer* dialer) { return submit(nng_stream_dialer_dial, dialer); }

    // Submits the operation that `begin` starts on the handle.
    template <class Begin>
    Transfer& submit(Begin begin) {
        ++submitted_;
        begin(static_cast<nng_aio*>(handle_));
        return *this;
    }

    // Sets the timeout of the next operation and all later ones.
    Transfer& within(nng_duration timeout) {
        nng_aio_set_timeout(handle_, timeout);
        return *this;
    }

    // Waits until the operation is over. This takes long only if the library is broken.
    Outcome wait() {
        if (!handle_.called_back(submitted_)) {
            ADD_FAILURE() << "the operation has not come to its end";
            nng_aio_cancel(handle_);
        }
        nng_aio_wait(handle_);
        EXPECT_EQ(handle_.callbacks(), submitted_);
        return {nng_aio_result(handle_), nng_aio_count(handle_)};
    }

    [[nodiscard]] bool busy() const { return nng_aio_busy(handle_); }
    [[nodiscard]] bool stays_pending() { return !ended() && handle_.stays_silent(); }

    // Returns the first bytes of the buffer, as many as the operation has moved.
    [[nodiscard]] Bytes moved() const {
        const std::size_t n = std::min(nng_aio_count(handle_), bytes_.size());
        return {bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(n)};
    }
    [[nodiscard]] Bytes& bytes() { return bytes_; }

    // Returns the stream of an accept or a dial that has succeeded.
    [[nodiscard]] Stream stream() const { return Stream(static_cast<nng_stream*>(nng_aio_get_output(handle_, 0))); }

    // Lets the next operation skip its callback if it completes in place.
    Transfer& skip_callback() {
        nng_aio_skip_callback(handle_, &skipped_);
        return *this;
    }
    // True if the operation has completed without a callback.
    [[nodiscard]] bool skipped() {
        if (skipped_) --submitted_;
        return std::exchange(skipped_, false);
    }

  private:
    template <class Object>
    Transfer& submit(void (*operation)(Object*, nng_aio*), Object* object) {
        return submit([=](nng_aio* aio) { operation(object, aio); });
    }
    [[nodiscard]] bool ended() const { return handle_.callbacks() >= submitted_; }

    Bytes bytes_;
    bool skipped_ = false;
    int submitted_ = 0;
    support::Handle handle_;  // the last member, so that no callback runs after the others are destroyed
};

// ---- Whole transfers ----------------------------------------------------------------------------

// Sends all bytes, in as many operations as necessary.
inline void send_all(nng_stream* stream, Bytes bytes) {
    Transfer send(std::move(bytes));
    for (std::size_t done = 0; done < send.bytes().size();) {
        send.set_buffer(send.bytes().data() + done, send.bytes().size() - done);
        const Outcome outcome = send.send(stream).wait();
        ASSERT_EQ(outcome.result, NNG_OK);
        ASSERT_GT(outcome.count, 0u);
        done += outcome.count;
    }
}

// Sends until the socket takes no more without a reader.
inline void fill(nng_stream* stream, Pattern& sent) {
    Transfer send(std::size_t{1} << 18);
    for (int refused = 0; refused < 2;) {
        sent.fill(send.bytes().data(), send.bytes().size());
        const Outcome outcome = send.within(1).send(stream).wait();
        ASSERT_TRUE(outcome.result == NNG_OK || outcome == kTimedOut) << outcome;
        sent.skip(outcome.count);
        refused = outcome.result == NNG_OK ? 0 : refused + 1;
        if (refused == 1) wait_until_settled(stream);
    }
}

// Receives n bytes, or fewer if the stream ends, in as many operations as necessary.
inline Bytes recv_all(nng_stream* stream, std::size_t n) {
    Transfer recv(n);
    std::size_t done = 0;
    while (done < n) {
        recv.set_buffer(recv.bytes().data() + done, n - done);
        const Outcome outcome = recv.recv(stream).wait();
        EXPECT_EQ(outcome.result, NNG_OK);
        if (outcome.result != NNG_OK) break;
        EXPECT_GT(outcome.count, 0u);
        done += outcome.count;
    }
    recv.bytes().resize(done);
    return std::move(recv.bytes());
}

}  // namespace streams
