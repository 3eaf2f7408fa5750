// Looks up names of hosts and services, as an operation. See naio_resolve.
//
// resolve answers queries for numeric hosts and services at once. For names, getaddrinfo runs on a thread of the
// blocking queue, where it cannot be interrupted. A request to end the operation abandons the call and its answer, so
// the operation ends at once and has had no effect.
//
// Invariants:
//  1. The caller's addresses are written in the call of resolve, or while the operation is in flight, but never later.
#pragma once

#include <cstddef>

#include "aio/aio.h"
#include "base/allocator.h"
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
    // The caller's array for the addresses. The operation's count is the number of addresses in it.
    struct Room {
        nng_sockaddr* addresses;
        std::size_t size;
    };

    Resolver(BlockingQueue& queue, const Allocator& allocator) noexcept : queue_(queue), allocator_(allocator) {}
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    // Starts a look-up, or answers at once. Any thread. The query is copied.
    void resolve(Aio& aio, const Query& query, Room room) noexcept;

  private:
    struct Pending;

    BlockingQueue& queue_;
    const Allocator& allocator_;
};

}  // namespace naio
