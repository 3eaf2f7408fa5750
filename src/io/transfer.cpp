#include "io/transfer.h"

#include <naio/naio.h>

#include "aio/composed.h"
#include "aio/registry.h"

namespace naio {

namespace {

// Keeps the stream from its memory being freed, not from being closed.
struct Transfer {
    Transfer(const Allocator& memory, Stream& on, StreamOperation which, Types accept, const char* by) noexcept
        : allocator(memory), stream(on), operation(which), total((accept & kTotal) != 0), call(by) {
        stream.refer();
    }
    ~Transfer() { stream.release(); }
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    static void release(void* self) {
        auto* const transfer = static_cast<Transfer*>(self);
        transfer->allocator.destroy(transfer);
    }

    static void step(naio_op* op, void* self, nng_err result, std::size_t count) {
        static_cast<Transfer*>(self)->go_on(*op, result, count);
    }

    void go_on(naio_op& op, nng_err result, std::size_t count) noexcept {
        Aio& outer = op.outer();
        if (total && moved == 0 && count != 0) narrow(outer, call);
        moved += count;
        static_cast<void>(outer.advance_vectors(count));
        const nng_iov* vectors = nullptr;
        const unsigned left = outer.vectors(&vectors);
        if (result != NNG_OK || left == 0) return op.finish(result, moved, call);
        static_cast<void>(op.child().set_vectors(left, vectors));
        (stream.*operation)(op.child(), call);
    }

    // Something has happened: too late for a request that wants nothing to have happened. Others are honoured.
    static void narrow(Aio& outer, const char* call) noexcept {
        if (outer.permit(kPartial, call) == kTotal) outer.cancelled(kTotal, call);
    }

    const Allocator& allocator;
    Stream& stream;
    const StreamOperation operation;
    const bool total;
    const char* const call;
    std::size_t moved = 0;
};

}  // namespace

void transfer_all(Stream& stream, StreamOperation operation, Aio& aio, Types accept, const char* call) noexcept {
    const Allocator& allocator = aio.services().registry.allocator();
    auto* const transfer = allocator.make<Transfer>(allocator, stream, operation, accept, call);
    if (transfer == nullptr) return aio.complete_if_open(NNG_ENOMEM, call);
    const nng_err error = naio_op::compose(
        aio, accept, {.step = Transfer::step, .release = Transfer::release, .argument = transfer}, call);
    if (error != NNG_OK) aio.complete_if_open(error, call);
}

}  // namespace naio
