// Races two operations: `a || b` ends when one of them ends, and cancels the other.
//
// If the second operation is a sleep, the race is a timeout. Unlike the timeout of a handle, the race does not report
// an error: the program finds out which of the two operations was first. Both operations are members of a group. The
// group's result says that one of them has ended, and the program can read the results of both members after that.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <naio/naio.hpp>

#include "check.h"

using namespace std::chrono_literals;
using naio::result;
using naio::task;

// Returns an answer after `time`. If the task is cancelled, its sleep ends with NNG_ECANCELED, and the task returns
// that result.
static task<result> answer(std::chrono::milliseconds time) {
    if (const result slept = co_await naio::sleep_for(time); !slept) co_return slept;
    co_return {NNG_OK, 42};
}

// Returns the answer if it comes within the limit, otherwise NNG_ETIMEDOUT.
static task<result> answer_in_time(std::chrono::milliseconds time, std::chrono::milliseconds limit) {
    auto race = answer(time) || naio::sleep_for(limit);
    if (const result ended = co_await race; !ended) co_return ended;

    const result answered = race.member(0);
    if (race.order(0) == 0) co_return answered;
    std::printf("task: too late; the answer ended with: %s\n", nng_strerror(answered.err));
    expect(answered.err == NNG_ECANCELED, "the loser was cancelled");
    co_return {NNG_ETIMEDOUT};
}

int main(int argc, char** argv) {
    usage(argc, argv, 0, 0, "", "The first of two operations ends the other: `a || b`.");
    check(nng_init(nullptr), "nng_init");

    std::printf("main: an answer that takes 10 ms, within an hour\n");
    const result quick = naio::run(answer_in_time(10ms, 1h));
    std::printf("main: %s: %zu\n", nng_strerror(quick.err), quick.count);
    expect(quick && quick.count == 42, "the answer is 42");

    std::printf("main: an answer that takes an hour, within 100 ms\n");
    const result slow = naio::run(answer_in_time(1h, 100ms));
    std::printf("main: %s\n", nng_strerror(slow.err));
    expect(slow.err == NNG_ETIMEDOUT, "the answer came too late");

    nng_fini();
    return 0;
}
