// A place to listen on, in any scheme, and connections made there: between two streams, or between a stream and
// a plain descriptor, whose other side is then the system's own.
#pragma once

#include <nng/nng.h>

#include <string>
#include <vector>

#include "scheme.h"
#include "support/objects.h"

namespace streams {

using support::Descriptor;
using support::Dialer;
using support::Listener;
using support::Stream;

// Returns a URL to listen on that no test has used yet. The system chooses ports of TCP.
std::string fresh_url(const Scheme& scheme);

// Returns such a URL with a port, so that the port is known before a listener uses it.
std::string fresh_full_url(const Scheme& scheme);

Listener make_listener(const std::string& url);
Dialer make_dialer(const std::string& url);

// Connects one stream, and waits for it.
Stream dial(const std::string& url);

// A descriptor that is bound to the URL, one connected to it, and one that listens on it; all block.
Descriptor bind_to(const Scheme& scheme, const std::string& url);
Descriptor connect_to(const Scheme& scheme, const std::string& url);
Descriptor listen_on(const Scheme& scheme, const std::string& url, int backlog = 16);

struct Pair {
    Stream near;  // dialled, where the scheme can
    Stream far;   // accepted
};

struct RawPair {
    Stream near;
    Descriptor far;
};

// A plain descriptor that listens and whose queue of connections is full: a dial to it has to wait.
class Crowded {
  public:
    explicit Crowded(const Scheme& scheme);

    [[nodiscard]] const std::string& url() const { return url_; }
    void make_room();                        // takes the connections in
    [[nodiscard]] Descriptor accept_last();  // and after that, the next one
    void close() { listening_.reset(); }

  private:
    const std::string url_;
    Descriptor listening_;
    std::vector<Descriptor> guests_;
};

class Service {
  public:
    explicit Service(const Scheme& scheme);

    [[nodiscard]] const Scheme& scheme() const { return scheme_; }
    [[nodiscard]] nng_stream_listener* listener() const { return listener_; }
    [[nodiscard]] const std::string& url() const { return url_; }  // to be dialled

    // A descriptor that blocks, whose other side waits to be accepted.
    [[nodiscard]] Descriptor knock();
    [[nodiscard]] Stream accept();

    [[nodiscard]] Pair pair();
    [[nodiscard]] RawPair raw_pair();

    void free() { listener_.reset(); }

  private:
    const Scheme scheme_;
    Listener listener_;
    std::string url_;
};

}  // namespace streams
