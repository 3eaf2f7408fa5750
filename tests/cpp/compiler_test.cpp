// Tests temporaries of co_await expressions, without naio's coroutines. If the compiler destroys an object twice,
// compiler_destroys_twice in operation.hpp must be true.
#include <gtest/gtest.h>

#include <coroutine>
#include <naio/operation.hpp>
#include <utility>

namespace cpp {
namespace {

int alive = 0;

// Counts its objects. A second destruction does no harm.
struct Counted {
    Counted() { ++alive; }
    Counted(const Counted& /*other*/) { ++alive; }
    ~Counted() { --alive; }
};

// A coroutine that can await any operation, and goes on at once.
struct Coroutine {
    struct promise_type {
        Coroutine get_return_object() { return {}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
        template <class T>
        std::suspend_never await_transform(T&& /*anything*/) {
            return {};
        }
    };
};

struct Aggregate {
    Counted counted;
};

void submit(const Counted& /*counted*/, nng_aio* /*aio*/) {}

Coroutine awaits_a_lambda(const Counted& counted) {
    co_await naio::async([counted](nng_aio*) {});
}
Coroutine awaits_an_aggregate(const Counted& counted) { co_await Aggregate{counted}; }
Coroutine awaits_with_an_argument(const Counted& counted) { co_await naio::async(submit, counted); }
Coroutine awaits_with_a_temporary(const Counted& counted) { co_await naio::async(submit, Counted(counted)); }
Coroutine awaits_within_another_one(const Counted& counted) {
    co_await naio::with_timeout(naio::async([](Counted&, nng_aio*) {}, counted), std::chrono::hours(1));
}
Coroutine awaits_by_name(const Counted& counted) {
    auto named = naio::async([counted](nng_aio*) {});
    co_await named;
}

// Returns the number of objects that the coroutine destroys, minus the number of objects that it makes.
int destroyed_too_often(Coroutine (*coroutine)(const Counted&)) {
    alive = 0;
    const Counted counted;
    coroutine(counted);
    return 1 - alive;
}

TEST(Compiler, DestroysTwiceNoMoreThanTheHeaderKnows) {
    constexpr int max = naio::detail::compiler_destroys_twice ? 1 : 0;
    EXPECT_LE(destroyed_too_often(awaits_a_lambda), max);
    EXPECT_LE(destroyed_too_often(awaits_an_aggregate), max);
}

TEST(Compiler, DestroysOnceWhatTheHeaderAdvises) {
    for (const auto coroutine :
         {awaits_with_an_argument, awaits_with_a_temporary, awaits_within_another_one, awaits_by_name})
        EXPECT_EQ(destroyed_too_often(coroutine), 0);
}

}  // namespace
}  // namespace cpp
