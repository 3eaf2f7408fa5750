// Asio: a request between two steps of a composed operation is forgotten when another request follows.
//
// async_read reads in steps, and checks between them whether it was asked to end. It ends because of a terminal or
// partial request, and ignores a total one. But the cancellation state stores only the last request, so a total request
// that comes second replaces the terminal one.
#include <unistd.h>

#include <array>
#include <asio.hpp>
#include <initializer_list>

#include "expect.h"

namespace {

using asio::cancellation_type;

struct Result {
    asio::error_code error;
    std::size_t count;
};

// Reads eight bytes, which arrive in two parts of four. Emits the types when the first four have been read and the step
// that follows has not run yet.
Result read_and_emit(std::initializer_list<cancellation_type> types) {
    asio::io_context context;
    asio::readable_pipe input(context);
    asio::writable_pipe output(context);
    asio::connect_pipe(input, output);
    asio::cancellation_signal signal;
    std::array<char, 8> buffer{};
    Result result{};

    asio::write(output, asio::buffer("four", 4));
    asio::async_read(input, asio::buffer(buffer),
                     asio::bind_cancellation_slot(signal.slot(), [&](asio::error_code error, std::size_t count) {
                         result = {error, count};
                     }));
    for (const cancellation_type type : types) signal.emit(type);
    context.poll();  // runs the step
    asio::write(output, asio::buffer("more", 4));
    context.restart();
    context.run();
    return result;
}

}  // namespace

int main() {
    const Result none = read_and_emit({});
    expect(!none.error && none.count == 8, "without a request all is read");

    const Result terminal = read_and_emit({cancellation_type::terminal});
    expect(terminal.error == asio::error::operation_aborted && terminal.count == 4, "a terminal request ends the read");

    const Result both = read_and_emit({cancellation_type::terminal, cancellation_type::total});
    expect(!both.error && both.count == 8, "the read goes on after a terminal and then a total request");
}
