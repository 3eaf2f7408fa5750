// struct nng_stream_dialer: dials connections to one endpoint. The C type is this class.
//
// A dialer is made from a URL, and any number of its dials may be in progress at the same time. Any thread may call it.
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
    // Creates a dialer. Fails as Endpoint::parse does, with NNG_ENOMEM, with NNG_ENOTSUP for socket://, which has
    // nothing to dial, and with NNG_EADDRINVAL if a TCP URL lacks the host or the port.
    [[nodiscard]] static nng_err create(const naio::StreamServices& services, const nng_url& url,
                                        nng_stream_dialer*& to) noexcept;

    void dial(nng_aio& aio) noexcept;
    // Ends the dials in progress, and all later ones, with NNG_ECLOSED.
    void close() noexcept;
    // Calls close, and blocks until no dial is in progress.
    void stop() noexcept;
    // Stops the dialer and destroys it.
    void free() noexcept;

    // get and set fail with NNG_ENOTSUP if there is no such option, and with NNG_EBADTYPE if the option has another
    // type. get fails with NNG_EWRITEONLY if the option can only be set.
    [[nodiscard]] nng_err get(const char* name, naio::OptionRoom room) noexcept;
    [[nodiscard]] nng_err set(const char* name, naio::OptionValue value) noexcept;

    // Dials call the following functions.
    [[nodiscard]] const naio::StreamServices& services() const noexcept { return services_; }
    [[nodiscard]] const naio::Endpoint& endpoint() const noexcept { return endpoint_; }
    [[nodiscard]] nng_stream::Settings settings() noexcept;
    // Returns the address to dial from. Its family is NNG_AF_UNSPEC if the program has set no address.
    [[nodiscard]] nng_sockaddr local_address() noexcept;
    // begin adds the dial to the dials in progress. If the dialer is closed, begin adds nothing and returns false. end
    // removes the dial; after the call the dialer may be destroyed.
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
    naio::List<naio::Dial> ending_ NAIO_GUARDED_BY(mutex_);  // dials that close has asked to end
    unsigned closers_ NAIO_GUARDED_BY(mutex_) = 0;           // threads that are in close and use the lists
    naio::Waiters ended_;  // notified when a dial has ended, or a thread has left close
    bool closed_ NAIO_GUARDED_BY(mutex_) = false;
    nng_stream::Settings settings_ NAIO_GUARDED_BY(mutex_);
    nng_sockaddr local_ NAIO_GUARDED_BY(mutex_){};
};

namespace naio {
using StreamDialer = ::nng_stream_dialer;
}
