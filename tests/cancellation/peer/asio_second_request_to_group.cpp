// Asio: a group asks its operations only once to end. If an operation could not honour that request, the group does not
// pass a later, weaker request on to the operation.
//
// The group waits until one of two operations has ended, and then asks the other operation for a total cancellation,
// which does no harm. The other operation is an async_read. It ends only because of a terminal or partial request, so
// it goes on, as it should. But a later terminal request to the group does not reach the async_read.
#include <array>
#include <asio.hpp>
#include <asio/experimental/parallel_group.hpp>
#include <chrono>
#include <utility>

#include "expect.h"

namespace {

using namespace std::chrono_literals;
using asio::cancellation_type;
namespace experimental = asio::experimental;

// Runs a timer and a read of four bytes as a group. When the timer has fired, the group asks the read to end, with the
// type `rest`. After that, and after two bytes have arrived, the program asks the group to end, with the type
// `request`. Returns the number of bytes that the read gets.
std::size_t read_beside_timer(cancellation_type rest, cancellation_type request) {
    asio::io_context context;
    asio::readable_pipe input(context);
    asio::writable_pipe output(context);
    asio::connect_pipe(input, output);
    asio::steady_timer timer(context, 1ms);
    asio::cancellation_signal signal;
    std::array<char, 4> buffer{};
    std::size_t read = 0;

    experimental::make_parallel_group(
        [&](auto token) { return timer.async_wait(std::move(token)); },
        [&](auto token) { return asio::async_read(input, asio::buffer(buffer), std::move(token)); })
        .async_wait(
            experimental::wait_for_one(rest),
            asio::bind_cancellation_slot(signal.slot(), [&](std::array<std::size_t, 2>, asio::error_code,
                                                            asio::error_code, std::size_t count) { read = count; }));
    asio::write(output, asio::buffer("ab", 2));
    context.run_for(100ms);  // until the timer has fired and the read waits for the rest
    signal.emit(request);
    context.poll();
    asio::write(output, asio::buffer("cd", 2));
    context.restart();
    context.run();
    return read;
}

}  // namespace

int main() {
    expect(read_beside_timer(cancellation_type::terminal, cancellation_type::none) == 2,
           "a read that is asked for a terminal cancellation ends with two bytes");
    expect(read_beside_timer(cancellation_type::total, cancellation_type::none) == 4,
           "a read that is asked for a total cancellation goes on");
    expect(read_beside_timer(cancellation_type::total, cancellation_type::terminal) == 4,
           "a later terminal request to the group does not end that read");
}
