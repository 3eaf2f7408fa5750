// One attempt of a dialer to connect: a composed operation that looks the host up and tries its addresses in turn.
//
// A Dial lives from start until the release of the composed operation. Its function `step` runs first in start, and
// then each time on the thread that completes the child's operation. step never blocks, so it needs no worker. Only
// step changes the Dial, except for closed_. Any thread may call claim_closed, which affects only closed_ and the
// child.
#pragma once

#include <array>
#include <cstddef>

#include "aio/composed.h"
#include "base/atomic.h"
#include "base/list.h"
#include "io/address.h"
#include "io/stream.h"

struct nng_stream_dialer;

namespace naio {

class Dial final : public ListNode {
  public:
    static void start(nng_stream_dialer& dialer, Aio& aio) noexcept;

    // Makes the dial end with NNG_ECLOSED: refuses later operations of the child, and claims the types with which the
    // current operation must be ended. If it returns types, the caller must pass them to end_claimed of the child,
    // without the lock; until that call the child is not destroyed. REQUIRES: the caller holds the dialer's lock, and
    // the dial is in one of the dialer's lists.
    [[nodiscard]] Types claim_closed() noexcept;
    [[nodiscard]] Aio& child() noexcept { return op_->child(); }

  private:
    friend class Allocator;
    static constexpr std::size_t kMaxAddresses = 16;
    static constexpr nng_duration kPause = 2;  // milliseconds

    enum class Stage : unsigned char { kBegin, kLookUp, kConnect, kPause };

    explicit Dial(nng_stream_dialer& dialer) noexcept;
    ~Dial() = default;

    static void step(naio_op* op, void* self, nng_err result, std::size_t count) noexcept;
    static void release(void* self) noexcept;
    void begin(naio_op& op) noexcept;
    void connect_next(nng_err error) noexcept;
    // Begins to connect to one address. Sets `under_way` if the connection is not complete yet. Returns NNG_EAGAIN if
    // the address must be tried again after kPause.
    [[nodiscard]] nng_err connect_to(const nng_sockaddr& address, bool& under_way) noexcept;
    [[nodiscard]] nng_err bind_and_connect(int fd, const SystemAddress& address, bool& under_way) noexcept;
    void drop_stream() noexcept;
    void succeed() noexcept;
    [[nodiscard]] bool is_connected_to_itself() const noexcept;
    void finish(nng_err result) noexcept;

    const StreamServices& services_;
    nng_stream_dialer& dialer_;  // may be destroyed as soon as the dial has called dialer_.end
    naio_op* op_ = nullptr;
    Stage stage_ = Stage::kBegin;
    std::size_t next_ = 0;
    std::size_t found_ = 0;
    Stream* stream_ = nullptr;
    std::array<nng_sockaddr, kMaxAddresses> addresses_;

    // Stored under the dialer's lock; step reads it without the lock.
    Atomic<bool> closed_{false};
};

}  // namespace naio
