// A program that is compiled without exceptions and run-time types. It uses every part of the interface once.
#include <chrono>
#include <cstdio>
#include <naio/naio.hpp>

namespace {

using naio::result;
using naio::task;
using namespace std::chrono_literals;

task<int> two() {
    co_await naio::sleep_for(1ms);
    co_return 2;
}

task<result> everything() {
    const auto self = co_await naio::this_op;
    if (self.reason() != NNG_OK) co_return {NNG_EINTERNAL};
    auto race = naio::with_timeout(naio::sleep_forever(), 1ms) || naio::sleep_forever();
    if (const result r = co_await race; !r) co_return r;
    if (race.member(0).err != NNG_ETIMEDOUT) co_return {NNG_EINTERNAL};
    co_return {NNG_OK, static_cast<std::size_t>(co_await two())};
}

task<result> waits() { co_return co_await naio::sleep_forever(); }

bool check(bool passed, const char* what) {
    if (!passed) std::fprintf(stderr, "%s\n", what);
    return passed;
}

}  // namespace

int main() {
    naio::scope scope;
    naio::aio aio([](nng_aio*) {});
    scope.bind(aio);
    std::stop_source source;
    const auto link = naio::on_stop(source.get_token(), scope);
    aio.start(waits());
    source.request_stop();
    aio.wait();
    const naio::msg message = naio::msg::with_size(1);
    const bool passed = check(aio.result().err == NNG_ECANCELED, "a stop was not passed on") &&
                        check(naio::run(everything()) == result{NNG_OK, 2}, "a task went wrong") &&
                        check(message.size() == 1, "a message went wrong");
    return passed ? 0 : 1;
}
