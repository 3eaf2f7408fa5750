// Benchmarks of operations with a deadline while other deadlines are armed. The cost must not depend on the number of
// the other deadlines.
#include <memory>
#include <random>
#include <vector>

#include "library.h"

// Operations whose timeouts are 10 to 60 minutes, so that none of them expires.
class Armed {
  public:
    explicit Armed(std::int64_t n) : aios_(static_cast<std::size_t>(n)) {
        std::minstd_rand random;
        for (Aio& aio : aios_) {
            nng_aio_set_timeout(aio.get(), static_cast<nng_duration>(600000 + random() % 3000000));
            start(aio.get());
        }
    }

    ~Armed() {
        for (Aio& aio : aios_) nng_aio_cancel(aio.get());
    }

    // Returns one of the first 1,024 handles at random.
    nng_aio* any() { return aios_[random_() % std::min<std::size_t>(aios_.size(), 1024)].get(); }

  private:
    std::vector<Aio> aios_;
    std::minstd_rand random_;
};

static void start_cancel_timeout(benchmark::State& state) {
    Armed others(state.range(0));
    Aio aio;
    nng_aio_set_timeout(aio.get(), 1000);
    for (auto _ : state) {
        start(aio.get());
        nng_aio_cancel(aio.get());
    }
}
BENCHMARK(start_cancel_timeout)->Arg(0)->RangeMultiplier(10)->Range(10, 1000000);

// As with the idle timeouts of a server, one of many operations finishes and starts again.
static void finish_start_timeout(benchmark::State& state) {
    Armed all(state.range(0));
    for (auto _ : state) {
        nng_aio* aio = all.any();
        nng_aio_finish(aio, NNG_OK);
        start(aio);
    }
}
BENCHMARK(finish_start_timeout)->RangeMultiplier(10)->Range(10, 1000000);
