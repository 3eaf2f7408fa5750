// Code that must not compile if the compiler destroys the captures in temporaries of a co_await expression twice. ONE
// selects the place of the capture; 0 has none. See CMakeLists.txt.
#include <chrono>
#include <memory>
#include <naio/naio.hpp>

struct aggregate {
    std::shared_ptr<int> value;
    void start(nng_aio* aio) const { nng_sleep_aio(*value, aio); }
};

naio::task<void> awaits(std::shared_ptr<int> value) {
    const auto sleep = [](std::shared_ptr<int>& duration, nng_aio* aio) { nng_sleep_aio(*duration, aio); };
    co_await naio::async(sleep, value);
#if ONE == 1
    co_await naio::async([value](nng_aio* aio) { nng_sleep_aio(*value, aio); });
#elif ONE == 2
    co_await naio::with_timeout(naio::async([value](nng_aio* aio) { nng_sleep_aio(*value, aio); }),
                                std::chrono::hours(1));
#elif ONE == 3
    co_await (naio::sleep_forever() || naio::async([value](nng_aio* aio) { nng_sleep_aio(*value, aio); }));
#elif ONE == 4
    co_await aggregate{value};
#endif
}
