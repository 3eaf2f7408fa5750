// Tests that chains of tasks and operations take no stack, however long they are.
#include <gtest/gtest.h>

#include <naio/naio.hpp>

#include "finished.h"

namespace cpp {
namespace {

using naio::result;
using naio::task;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

constexpr std::size_t kMany = 1'000'000;
// The depth of nested tasks. All their frames exist at the same time, and a sanitizer needs much more memory for a
// frame.
constexpr std::size_t kDeep = kSanitized ? 100'000 : 1'000'000;

task<std::size_t> one() { co_return 1; }

task<result> one_after_the_other(std::size_t n) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += co_await one();
    co_return {NNG_OK, sum};
}

TEST(TaskDepth, AMillionTasksOneAfterTheOtherTakeNoStack) {
    EXPECT_EQ(naio::run(one_after_the_other(kMany)).count, kMany);
}

task<std::size_t> nested(std::size_t n) {
    if (n == 0) {
        co_await finished();  // all tasks go on and return on the stack of another thread
        co_return 0;
    }
    co_return 1 + co_await nested(n - 1);
}

task<result> one_in_the_other(std::size_t n) { co_return {NNG_OK, co_await nested(n)}; }

TEST(TaskDepth, TasksWithinTasksTakeNoStack) { EXPECT_EQ(naio::run(one_in_the_other(kDeep)).count, kDeep); }

task<result> many_operations(std::size_t n) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += (co_await finished(NNG_OK, 1)).count;
    co_return {NNG_OK, sum};
}

TEST(TaskDepth, OperationsThatAreOverAtOnceTakeNoStack) {
    constexpr std::size_t kOperations = 100'000;
    EXPECT_EQ(naio::run(many_operations(kOperations)).count, kOperations);
}

}  // namespace
}  // namespace cpp
