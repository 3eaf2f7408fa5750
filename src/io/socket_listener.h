// The listener for socket://: hands out streams over descriptors that the program gives it.
//
// Descriptors that no accept has taken yet wait in one queue; accepts that have found no descriptor wait in another.
//
// Invariants:
//  1. At least one of the queues is empty.
#pragma once

#include <array>

#include "base/list.h"
#include "base/mutex.h"
#include "base/ref.h"
#include "io/stream_listener.h"

namespace naio {

class SocketListener final : public StreamListener {
  public:
    static constexpr unsigned kMaxWaiting = 16;  // descriptors

    explicit SocketListener(const StreamServices& services) noexcept : services_(services) {}

    nng_err listen() noexcept override { return NNG_OK; }
    void accept(Aio& aio) noexcept override;
    void set_name(const char*) noexcept override {}  // an accept here waits for no descriptor
    void close() noexcept override;
    void stop() noexcept override { close(); }
    void free() noexcept override;
    nng_sockaddr address() noexcept override { return {}; }
    nng_err get(const char* name, OptionRoom room) noexcept override;
    nng_err set(const char* name, OptionValue value) noexcept override;

  private:
    friend class Allocator;
    ~SocketListener() = default;

    static bool cancel(Aio* aio, void* self, Types types, nng_err reason) noexcept;
    static void end_accept(void* self) noexcept { static_cast<SocketListener*>(self)->release(); }
    void release() noexcept;
    [[nodiscard]] nng_err give(int fd) noexcept;
    [[nodiscard]] nng_err hand_out(int fd, Aio& aio) noexcept;
    [[nodiscard]] int pop() noexcept NAIO_REQUIRES(mutex_);

    const StreamServices& services_;
    ReferenceCount references_;  // the owner has one, and each accept that waits has one

    Mutex mutex_;
    std::array<int, kMaxWaiting> fds_ NAIO_GUARDED_BY(mutex_){};
    unsigned waiting_ NAIO_GUARDED_BY(mutex_) = 0;
    List<Aio::Link> accepts_ NAIO_GUARDED_BY(mutex_);
    bool closed_ NAIO_GUARDED_BY(mutex_) = false;
};

}  // namespace naio
