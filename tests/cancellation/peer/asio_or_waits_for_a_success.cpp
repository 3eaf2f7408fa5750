// Asio: the operator || of two awaitables waits for the first success. If one of the two fails, it waits for the other
// one. (naio's || ends with the first end, also with an error.)
#include <asio.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <chrono>
#include <exception>
#include <stdexcept>

#include "expect.h"

namespace {

using namespace asio::experimental::awaitable_operators;

bool slept = false;

asio::awaitable<void> fails() {
    throw std::runtime_error("an error");
    co_return;
}

asio::awaitable<void> sleeps() {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);
    slept = true;
}

asio::awaitable<void> waits_for_either() {
    const auto first = co_await (fails() || sleeps());
    expect(first.index() == 1, "the sleep is the first success");
}

}  // namespace

int main() {
    asio::io_context context;
    asio::co_spawn(context, waits_for_either(), [](const std::exception_ptr& error) {
        expect(error == nullptr, "the error of the other operation is dropped");
    });
    context.run();
    expect(slept, "the sleep was not cancelled by the error");
}
