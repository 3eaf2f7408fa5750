// Asio: a request that comes while a parallel_group is being launched is lost.
//
// The group puts its handler into the slot when all its operations have been initiated. Until then the slot is empty,
// and an emission has no effect. Here another thread emits while the first of two operations is being initiated; the
// initiation waits for that thread, so that each run is the same.
//
// Asio documents this: do not emit during an initiating function. A thread that emits has to know that no initiating
// function is running.
#include <array>
#include <asio.hpp>
#include <asio/experimental/parallel_group.hpp>
#include <chrono>
#include <thread>

#include "expect.h"

namespace {

using namespace std::chrono_literals;
using asio::cancellation_type;
namespace experimental = asio::experimental;

struct Results {
    asio::error_code first;
    asio::error_code second;
};

enum class Moment { kDuringLaunch, kAfterLaunch };

// Runs two waits as a group, and emits a request to end both.
Results wait_and_emit(Moment moment) {
    asio::io_context context;
    asio::steady_timer first(context, 50ms);
    asio::steady_timer second(context, 50ms);
    asio::cancellation_signal signal;
    Results results{};

    const auto emit = [&] { std::thread([&] { signal.emit(cancellation_type::all); }).join(); };
    experimental::make_parallel_group(
        [&](auto token) {
            if (moment == Moment::kDuringLaunch) emit();
            return first.async_wait(std::move(token));
        },
        [&](auto token) { return second.async_wait(std::move(token)); })
        .async_wait(experimental::wait_for_all(),
                    asio::bind_cancellation_slot(
                        signal.slot(), [&](std::array<std::size_t, 2>, asio::error_code one, asio::error_code two) {
                            results = {one, two};
                        }));
    if (moment == Moment::kAfterLaunch) emit();
    context.run();
    return results;
}

}  // namespace

int main() {
    const Results after = wait_and_emit(Moment::kAfterLaunch);
    expect(after.first == asio::error::operation_aborted && after.second == asio::error::operation_aborted,
           "a request after the launch ends both waits");

    const Results during = wait_and_emit(Moment::kDuringLaunch);
    expect(!during.first && !during.second, "a request during the launch ends neither");
}
