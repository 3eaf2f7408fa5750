// Tests exceptions that leave a task.
#include <gtest/gtest.h>
#include <unistd.h>

#include <exception>
#include <naio/naio.hpp>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

#include "finished.h"

namespace cpp {
namespace {

using naio::result;
using naio::task;

task<int> throws_a_text() {
    co_await finished();
    throw std::runtime_error("a text");
}

task<nng_err> catches() {
    try {
        co_await throws_a_text();
    } catch (const std::runtime_error& error) {
        co_return error.what() == std::string("a text") ? NNG_OK : NNG_EINTERNAL;
    }
    co_return NNG_EINTERNAL;
}

TEST(TaskException, GoesToTheTaskThatAwaits) { EXPECT_TRUE(naio::run(catches())); }

task<int> passes_on() { co_return co_await throws_a_text(); }

task<nng_err> catches_from_afar() {
    try {
        co_await passes_on();
    } catch (const std::runtime_error&) {
        co_return NNG_OK;
    }
    co_return NNG_EINTERNAL;
}

TEST(TaskException, PassesThroughTasksThatDoNotCatchIt) { EXPECT_TRUE(naio::run(catches_from_afar())); }

task<std::size_t> reads() { co_return (co_await finished(NNG_ECONNRESET)).or_throw(); }

task<result> reads_twice() {
    const std::size_t first = co_await reads();
    co_return {NNG_OK, first + co_await reads()};
}

TEST(TaskException, OfAnOperationsErrorBecomesTheResult) {
    EXPECT_EQ(naio::run(reads_twice()), result{NNG_ECONNRESET});
}

task<void> runs_out_of_memory() {
    co_await finished();
    throw std::bad_alloc();
}

TEST(TaskException, OfMissingMemoryBecomesTheResult) { EXPECT_EQ(naio::run(runs_out_of_memory()), result{NNG_ENOMEM}); }

task<void> throws_before_it_awaits() {
    throw std::system_error(naio::error_code(NNG_EPROTO));
    co_return;
}

TEST(TaskException, BeforeTheFirstAwaitBecomesTheResultToo) {
    EXPECT_EQ(naio::run(throws_before_it_awaits()), result{NNG_EPROTO});
}

task<nng_err> awaits_nothing_at_all() {
    task<int> spent = throws_a_text();
    { const task<int> taken = std::move(spent); }
    try {
        co_await std::move(spent);
    } catch (const std::system_error& error) {
        co_return error.code() == naio::error_code(NNG_ESTATE) ? NNG_OK : NNG_EINTERNAL;
    }
    co_return NNG_EINTERNAL;
}

TEST(TaskException, TellsThatAnAwaitedTaskHasNoValueToGive) { EXPECT_TRUE(naio::run(awaits_nothing_at_all())); }

task<void> throws_without_a_code() { co_await throws_a_text(); }

template <class E>
task<void> throws_it(E exception) {
    co_await finished();
    throw exception;
}

// Expects the program to terminate with a line that has the type and what() of the exception that left a started task.
void expect_to_terminate(task<void> (*make)(), const char* message) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(static_cast<void>(naio::run(make())), message);
}

TEST(TaskExceptionDeathTest, WithoutAnErrorCodeTerminatesWithItsTypeAndText) {
    expect_to_terminate(throws_without_a_code, "naio: an exception left a started task: std::runtime_error: a text\n");
    expect_to_terminate([] { return throws_it(std::out_of_range("beyond")); },
                        "naio: an exception left a started task: std::out_of_range: beyond\n");
}

TEST(TaskExceptionDeathTest, OfAForeignCategoryTerminatesWithItsTypeAndText) {
    expect_to_terminate(
        [] { return throws_it(std::system_error(std::make_error_code(std::errc::file_exists), "here")); },
        "naio: an exception left a started task: std::system_error: here: File exists\n");
}

TEST(TaskExceptionDeathTest, WithoutATextTerminatesWithItsType) {
    expect_to_terminate([] { return throws_it(42); }, "naio: an exception left a started task: int\n");
}

// A terminate handler can examine the exception.
TEST(TaskExceptionDeathTest, IsTheCurrentOneInTheTerminateHandler) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            std::set_terminate([] { _exit(std::current_exception() != nullptr ? 3 : 4); });
            static_cast<void>(naio::run(throws_without_a_code()));
        },
        testing::ExitedWithCode(3), "std::runtime_error");
}

}  // namespace
}  // namespace cpp
