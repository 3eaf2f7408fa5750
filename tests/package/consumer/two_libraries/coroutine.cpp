// Compiled for each flavour, with another name for the function. The inline functions of <naio/naio.hpp> must not be
// those of the other flavour.
#include <chrono>
#include <naio/naio.hpp>

static naio::task<naio::result> twice(std::size_t value) {
    if (const naio::result slept = co_await naio::sleep_for(std::chrono::milliseconds(1)); !slept) co_return slept;
    co_return {NNG_OK, 2 * value};
}

extern "C" int FUNCTION(int value) {
    const naio::result doubled = naio::run(twice(static_cast<std::size_t>(value)));
    nng_fini();
    return doubled ? static_cast<int>(doubled.count) : -1;
}
