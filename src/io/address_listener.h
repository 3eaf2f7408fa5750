// The listener for TCP and Unix sockets: tcp://, tcp4://, tcp6://, ipc://, unix:// and abstract://. Any thread may call
// it.
//
// Invariants:
//  1. acceptor_ is nullptr until the listener has a socket that listens. After that it does not change until the
//     listener is destroyed; a close does not reset it.
#pragma once

#include "base/mutex.h"
#include "io/acceptor.h"
#include "io/listening_socket.h"
#include "io/stream_listener.h"

namespace naio {

class AddressListener final : public StreamListener {
  public:
    AddressListener(const StreamServices& services, const Endpoint& endpoint) noexcept
        : services_(services), endpoint_(endpoint) {}

    nng_err listen() noexcept override;
    void accept(Aio& aio) noexcept override;
    nng_sockaddr address() noexcept override;
    void set_name(const char* name) noexcept override;
    void close() noexcept override;
    void stop() noexcept override;
    void free() noexcept override;
    nng_err get(const char* name, OptionRoom room) noexcept override;
    nng_err set(const char* name, OptionValue value) noexcept override;

  private:
    friend class Allocator;
    ~AddressListener() = default;

    [[nodiscard]] nng_err open(ListeningSocket& to) noexcept;
    [[nodiscard]] nng_err begin(const ListeningSocket& socket) noexcept;
    [[nodiscard]] nng_err may_begin() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] nng_err adopt(int fd) noexcept;
    [[nodiscard]] nng_err set_permissions(int mode) noexcept;
    [[nodiscard]] Acceptor* acceptor() noexcept;
    void use(Acceptor& acceptor) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] nng_err get_bound_port(OptionRoom room) noexcept;
    [[nodiscard]] nng_err get_descriptor(OptionRoom room) noexcept;

    const StreamServices& services_;
    const Endpoint endpoint_;

    Mutex mutex_;
    Acceptor* acceptor_ NAIO_GUARDED_BY(mutex_) = nullptr;
    const char* name_ NAIO_GUARDED_BY(mutex_) = nullptr;
    nng_sockaddr address_ NAIO_GUARDED_BY(mutex_){};
    bool beginning_ NAIO_GUARDED_BY(mutex_) = false;
    bool closed_ NAIO_GUARDED_BY(mutex_) = false;
    Stream::Settings settings_ NAIO_GUARDED_BY(mutex_);
    int permissions_ NAIO_GUARDED_BY(mutex_) = -1;

    // A thread that needs both locks takes mutex_ first. close holds file_mutex_ while it removes the file, and closes
    // the acceptor afterwards. A second thread in close waits for file_mutex_, so neither thread closes the socket
    // before the file is removed (invariant 2 of SocketFile).
    Mutex file_mutex_;
    SocketFile file_ NAIO_GUARDED_BY(file_mutex_);
};

}  // namespace naio
