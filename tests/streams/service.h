// A listener of any scheme, and connections to it: between two streams, or between a stream and a plain descriptor.
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

// Returns a URL that no test has used yet and that has a free port, so that the port is known before a listener uses
// it.
std::string fresh_full_url(const Scheme& scheme);

Listener make_listener(const std::string& url);
Dialer make_dialer(const std::string& url);

// Dials the URL, waits for the connection, and returns the stream.
Stream dial(const std::string& url);

// Return a blocking descriptor that is bound to the URL, connected to it, or listens on it.
Descriptor bind_to(const Scheme& scheme, const std::string& url);
Descriptor connect_to(const Scheme& scheme, const std::string& url);
Descriptor listen_on(const Scheme& scheme, const std::string& url, int backlog = 16);

struct Pair {
    Stream near;  // dialled, if the scheme has dialers
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
    void make_room();                        // accepts the connections in the queue
    [[nodiscard]] Descriptor accept_last();  // accepts the connection that comes after make_room()
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
    [[nodiscard]] const std::string& url() const { return url_; }  // the URL to dial

    // Returns a blocking descriptor whose other side waits to be accepted.
    [[nodiscard]] Descriptor raw_peer();
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
