// The counters, checks and handles that the rounds of the soak share. Each thread of the soak repeats rounds of one
// kind (soak.cpp). At the end of a round every operation that the round has started is over, and every object that it
// has made is freed. A check that fails aborts the program.
#pragma once

#include <nng/nng.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "support/random.h"

namespace soak {

// The numbers of operations in the whole program. The two are equal while all threads rest.
inline std::atomic<std::uint64_t> started{0};
inline std::atomic<std::uint64_t> completed{0};

using support::Random;

#define SOAK_CHECK(condition)                                                            \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            std::fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                \
        }                                                                                \
    } while (0)

// A handle whose callbacks are counted. begin() counts an operation before it is submitted.
class Handle {
  public:
    Handle() { SOAK_CHECK(nng_aio_alloc(&aio_, count, this) == NNG_OK); }
    ~Handle() { nng_aio_free(aio_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    nng_aio* begin() {
        started.fetch_add(1, std::memory_order_relaxed);
        return aio_;
    }
    [[nodiscard]] nng_aio* get() const { return aio_; }
    nng_err wait() {
        nng_aio_wait(aio_);
        return nng_aio_result(aio_);
    }

  private:
    static void count(void*) { completed.fetch_add(1, std::memory_order_relaxed); }
    nng_aio* aio_ = nullptr;
};

struct Kind {
    const char* name;
    void (*round)(Random&);
};

// All kinds, and their number.
extern const Kind kKinds[];
extern const unsigned kKindCount;

// Rounds that are defined in rounds_io.cpp.
void tcp(Random& random);
void local(Random& random);
void socket_pair(Random& random);
void udp(Random& random);
void file(Random& random);
void fifo(Random& random);
void names(Random& random);

}  // namespace soak
