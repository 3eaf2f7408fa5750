// Looks up names of hosts and services, as an operation. See naio_resolve.
//
// Numbers are answered at once. getaddrinfo looks names up on the blocking queue, and cannot be interrupted there. An
// operation that is asked to end abandons the answer. So it ends at once, and nothing has happened.
//
// Invariants:
//  1. The caller's addresses are written in its call, or while its operation is in flight.
#pragma once

#include <netdb.h>

#include <cstddef>

#include "aio/aio.h"
#include "base/allocator.h"
#include "base/atomic.h"
#include "base/os.h"
#include "exec/blocking_queue.h"

namespace naio {

class Resolver {
  public:
    struct Query {
        const char* host;     // nullptr or empty: this machine, or all of its addresses if passive
        const char* service;  // nullptr: port 0
        int family;           // NNG_AF_UNSPEC: all
        unsigned flags;       // NAIO_RESOLVE_*
    };
    // Where the answer goes; the operation's count says how many there are.
    struct Room {
        nng_sockaddr* addresses;
        std::size_t size;
    };
    using LookUp = int (*)(const char* host, const char* service, const addrinfo* hints, addrinfo** found);

    Resolver(BlockingQueue& queue, const Allocator& allocator) noexcept : queue_(queue), allocator_(allocator) {}
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    // Any thread. The query is copied.
    void resolve(Aio& aio, const Query& query, Room room) noexcept;

    // For tests: sets a function that is called instead of getaddrinfo. Its result is given to freeaddrinfo.
    void replace(LookUp look_up) noexcept { look_up_.store(look_up, std::memory_order_relaxed); }

  private:
    struct Pending;

    BlockingQueue& queue_;
    const Allocator& allocator_;
    Atomic<LookUp> look_up_{os::getaddrinfo};
};

}  // namespace naio
