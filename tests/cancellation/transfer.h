// Read-all and write-all over a byte pipe, as composed operations.
//
// The aio's iov is the memory that is still to be transferred. The aio's count is the number of bytes that were
// transferred. `accept` is the guarantee at the start: PARTIAL, or TOTAL, which becomes PARTIAL when the first byte has
// been transferred.
#pragma once

#include <gtest/gtest.h>
#include <naio/naio.h>

#include <atomic>
#include <functional>

#include "byte_pipe.h"

namespace cancellation {

class Transfer {
  public:
    using Submit = void (BytePipe::*)(nng_aio*);

    static nng_err start(BytePipe& pipe, Submit submit, nng_aio* aio, naio_cancel accept) {
        auto* transfer = new Transfer(pipe, submit);
        ++alive();
        return naio_compose(aio, accept, &Transfer::step, &Transfer::release, transfer);
    }

    static std::atomic<int>& alive() {
        static std::atomic<int> count{0};
        return count;
    }

    // If set, each step calls this function before it starts an inner operation or finishes.
    static inline std::function<void(size_t transferred)> between;

  private:
    Transfer(BytePipe& pipe, Submit submit) : pipe_(pipe), submit_(submit) {}

    static void step(naio_op* op, void* self, nng_err result, size_t count) {
        static_cast<Transfer*>(self)->step(op, result, count);
    }
    static void release(void* self) {
        delete static_cast<Transfer*>(self);
        --alive();
    }

    void step(naio_op* op, nng_err result, size_t count) {
        nng_aio* const aio = naio_op_aio(op);
        if (count != 0) {
            // A total request comes too late now, and is cleared. Other requests are honoured.
            if (transferred_ == 0 && naio_aio_permit(aio, NAIO_CANCEL_PARTIAL) == NAIO_CANCEL_TOTAL)
                naio_aio_acknowledge(aio, NAIO_CANCEL_TOTAL);
            transferred_ += count;
            naio_aio_iov_advance(aio, count);
        }
        if (between) between(transferred_);
        const nng_iov* iov = nullptr;
        const unsigned pieces = naio_aio_get_iov(aio, &iov);
        if (result != NNG_OK || pieces == 0) return naio_op_finish(op, result, transferred_);
        nng_aio* const child = naio_op_child(op);
        EXPECT_EQ(nng_aio_set_iov(child, pieces, iov), NNG_OK);
        (pipe_.*submit_)(child);
    }

    BytePipe& pipe_;
    const Submit submit_;
    size_t transferred_ = 0;
};

inline nng_err read_all(BytePipe& pipe, nng_aio* aio, naio_cancel accept = NAIO_CANCEL_PARTIAL) {
    return Transfer::start(pipe, &BytePipe::read, aio, accept);
}
inline nng_err write_all(BytePipe& pipe, nng_aio* aio, naio_cancel accept = NAIO_CANCEL_PARTIAL) {
    return Transfer::start(pipe, &BytePipe::write, aio, accept);
}

}  // namespace cancellation
