// struct nng_stream_listener: accepts connections at one address. The C type is this class.
//
// A listener is made from a URL, and begins to listen only once: at the URL's address, or on a socket that the program
// hands over (NNG_OPT_LISTEN_FD). Any thread may call it.
//
// A listener for socket:// accepts no connections. It hands out streams over the descriptors that it is given
// (NNG_OPT_SOCKET_FD), see socket_listener.h.
#pragma once

#include <nng/nng.h>

#include "io/endpoint.h"
#include "io/option.h"
#include "io/stream.h"
#include "io/stream_services.h"

struct nng_stream_listener {
  public:
    // Creates a listener, but neither looks a name up nor listens.
    [[nodiscard]] static nng_err create(const naio::StreamServices& services, const nng_url& url,
                                        nng_stream_listener*& to) noexcept;

    // Begins to listen. Blocks while the name of a host is looked up.
    [[nodiscard]] virtual nng_err listen() noexcept = 0;
    virtual void accept(nng_aio& aio) noexcept = 0;
    // Returns the address at which the socket listens. Before it listens, a TCP listener returns NNG_AF_UNSPEC, and a
    // listener of a Unix socket returns the address of its URL.
    [[nodiscard]] virtual nng_sockaddr address() noexcept = 0;
    // Gives the listening descriptor a name for dumps.
    virtual void set_name(const char* name) noexcept = 0;
    // Ends the accepts that wait, and all later ones, with NNG_ECLOSED.
    virtual void close() noexcept = 0;
    // Calls close, and blocks until the listening descriptor is closed.
    virtual void stop() noexcept = 0;
    // Stops the listener and destroys it.
    virtual void free() noexcept = 0;
    // get and set fail with NNG_ENOTSUP if there is no such option, and with NNG_EBADTYPE if the option has another
    // type. get fails with NNG_EWRITEONLY if the option can only be set; set fails with NNG_EREADONLY if the option can
    // only be read.
    [[nodiscard]] virtual nng_err get(const char* name, naio::OptionRoom room) noexcept = 0;
    [[nodiscard]] virtual nng_err set(const char* name, naio::OptionValue value) noexcept = 0;

    nng_stream_listener(const nng_stream_listener&) = delete;
    nng_stream_listener& operator=(const nng_stream_listener&) = delete;

  protected:
    nng_stream_listener() noexcept = default;
    ~nng_stream_listener() = default;
};

namespace naio {
using StreamListener = ::nng_stream_listener;
}
