// Functions that the benchmarks of single functions share. Except for those in typed.cpp, the benchmarks use NNG 2's
// public interface alone, so that they can be linked to other libraries that have this interface.
#ifndef BENCH_FUNCTIONS_LIBRARY_H
#define BENCH_FUNCTIONS_LIBRARY_H

#include <benchmark/benchmark.h>
#include <nng/nng.h>

#include <cstdio>
#include <cstdlib>

inline void require(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "not so: %s\n", what);
    std::exit(1);
}

// A handle. The destructor frees it.
class Aio {
  public:
    explicit Aio(void (*callback)(void*) = nullptr, void* arg = nullptr) {
        require(nng_aio_alloc(&aio_, callback, arg) == NNG_OK, "nng_aio_alloc");
    }
    Aio(const Aio&) = delete;
    Aio& operator=(const Aio&) = delete;
    ~Aio() { nng_aio_free(aio_); }

    nng_aio* get() const { return aio_; }

  private:
    nng_aio* aio_ = nullptr;
};

// The cancel function of the smallest provider: its operations last until they are finished or cancelled.
inline void finish_cancelled(nng_aio* aio, void*, nng_err reason) { nng_aio_finish(aio, reason); }

inline void start(nng_aio* aio) { require(nng_aio_start(aio, finish_cancelled, nullptr), "nng_aio_start"); }

inline void do_nothing(void*) {}

#endif
