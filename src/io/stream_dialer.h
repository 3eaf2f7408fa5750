// struct nng_stream_dialer: makes connections to one address. The C type is this class.
//
// Made from a URL; dials any number of times, also at once. Any thread.
#pragma once

#include <nng/nng.h>

#include "base/list.h"
#include "base/mutex.h"
#include "exec/wait.h"
#include "io/dial.h"
#include "io/endpoint.h"
#include "io/option.h"
#include "io/stream.h"
#include "io/stream_services.h"

struct nng_stream_dialer final {
  public:
    // NNG_ENOTSUP for socket://: there is nothing to dial.
    [[nodiscard]] static nng_err create(const naio::StreamServices& services, const nng_url& url,
                                        nng_stream_dialer*& to) noexcept;

    void dial(nng_aio& aio, const char* call) noexcept;
    // Ends what is under way, and all that comes later, with NNG_ECLOSED.
    void close() noexcept;
    // Closes, and waits until no dial is under way.
    void stop() noexcept;
    // Stops and destroys it.
    void free() noexcept;

    // NNG_ENOTSUP: there is no such option; NNG_EBADTYPE: it has another type.
    [[nodiscard]] nng_err get(const char* name, naio::OptionRoom room) noexcept;
    [[nodiscard]] nng_err set(const char* name, naio::OptionValue value) noexcept;

    // For dials.
    [[nodiscard]] const naio::StreamServices& services() const noexcept { return services_; }
    [[nodiscard]] const naio::Endpoint& endpoint() const noexcept { return endpoint_; }
    [[nodiscard]] nng_stream::Settings settings() noexcept;
    // NNG_AF_UNSPEC if none is set.
    [[nodiscard]] nng_sockaddr local_address() noexcept;
    // False: it is closed.
    [[nodiscard]] bool begin(naio::Dial& dial) noexcept;
    void end(naio::Dial& dial) noexcept;

  private:
    friend class naio::Allocator;
    nng_stream_dialer(const naio::StreamServices& services, const naio::Endpoint& endpoint) noexcept
        : services_(services), endpoint_(endpoint) {}
    ~nng_stream_dialer() = default;
    [[nodiscard]] nng_err set_local_address(naio::OptionValue value) noexcept;

    const naio::StreamServices& services_;
    const naio::Endpoint endpoint_;

    naio::Mutex mutex_;
    naio::List<naio::Dial> dials_ NAIO_GUARDED_BY(mutex_);
    naio::List<naio::Dial> ending_ NAIO_GUARDED_BY(mutex_);  // dials that have been asked to end
    unsigned closers_ NAIO_GUARDED_BY(mutex_) = 0;           // threads in close, which use this
    naio::Waiters ended_;                                    // a dial, or a thread in close
    bool closed_ NAIO_GUARDED_BY(mutex_) = false;
    nng_stream::Settings settings_ NAIO_GUARDED_BY(mutex_);
    nng_sockaddr local_ NAIO_GUARDED_BY(mutex_){};
};

namespace naio {
using StreamDialer = ::nng_stream_dialer;
}
