// One attempt of a dialer to connect: a composed operation that looks the host up and tries its addresses in turn.
//
// It lives from start to the release of the operation. The step is the only one to change it; close may come from any
// thread, but ends nothing else than the child, under the dialer's lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

#include "aio/composed.h"
#include "base/list.h"
#include "io/address.h"
#include "io/stream.h"

struct nng_stream_dialer;

namespace naio {

class Dial final : public ListNode {
  public:
    static void start(nng_stream_dialer& dialer, Aio& aio, const char* call) noexcept;

    // Ends it with NNG_ECLOSED. With the dialer's lock, while it is one of the dialer's.
    void close() noexcept;

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
    // What has come of an address: NNG_EAGAIN if it is to be tried again, a little later.
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
    std::atomic<bool> closed_{false};
};

}  // namespace naio
