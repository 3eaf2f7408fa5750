// One attempt of a dialer to connect: a composed operation that looks the host up and tries its addresses in turn.
//
// It lives from start to the release of the operation. The step is the only one to change it, and runs where the
// operation before it completes: it never blocks and needs no worker. claim_closed may be called by any thread, and
// asks nothing but the child to end.
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
    static void start(nng_stream_dialer& dialer, Aio& aio, const char* call) noexcept;

    // Has it end with NNG_ECLOSED. With the dialer's lock, while it is one of the dialer's. The caller has to end the
    // child with the types that are returned, if there are any, without the lock; the child exists until then.
    [[nodiscard]] Types claim_closed() noexcept;
    [[nodiscard]] Aio& child() noexcept { return op_->child(); }

  private:
    friend class Allocator;
    static constexpr std::size_t kMostAddresses = 16;
    static constexpr nng_duration kPause = 2;  // milliseconds

    enum class Stage : unsigned char { kBegin, kLookUp, kConnect, kPause };

    explicit Dial(nng_stream_dialer& dialer) noexcept;
    ~Dial() = default;

    static void step(naio_op* op, void* self, nng_err result, std::size_t count) noexcept;
    static void release(void* self) noexcept;
    void begin(naio_op& op) noexcept;
    void connect_next(nng_err error) noexcept;
    // Tries one address. NNG_EAGAIN if it is to be tried again a little later.
    [[nodiscard]] nng_err connect_to(const nng_sockaddr& address, bool& under_way) noexcept;
    [[nodiscard]] nng_err bind_and_connect(int number, const SystemAddress& address, bool& under_way) noexcept;
    void drop_stream() noexcept;
    void succeed() noexcept;
    [[nodiscard]] bool is_connected_to_itself() const noexcept;
    void finish(nng_err result) noexcept;

    const StreamServices& services_;
    nng_stream_dialer& dialer_;  // gone when this has ended
    naio_op* op_ = nullptr;
    Stage stage_ = Stage::kBegin;
    std::size_t next_ = 0;
    std::size_t found_ = 0;
    Stream* stream_ = nullptr;
    std::array<nng_sockaddr, kMostAddresses> addresses_;

    // Guarded by the dialer's lock:
    Atomic<bool> closed_{false};
};

}  // namespace naio
