// Scenarios of workers and their batches, workers that start and leave, and the leaders of the timer's loop.
#include "scenario.h"

using schedules::Count;
using schedules::Gate;
using schedules::Handle;
using schedules::Library;
using schedules::Operation;
using schedules::require;
using schedules::Strategy;
using schedules::Thread;
using schedules::yield;

SCENARIO(tasks, "two threads finish operations, and wait for callbacks on workers") {
    const Library library;
    Count counts[3];
    Handle one(counts[0]), two(counts[1]), three(counts[2]);
    {
        const Thread submitter([&] {
            nng_aio_finish(one.aio, NNG_OK);
            nng_aio_finish(two.aio, NNG_OK);
            nng_aio_wait(one.aio);
        });
        const Thread other([&] {
            nng_aio_finish(three.aio, NNG_OK);
            nng_aio_wait(three.aio);
        });
    }
    nng_aio_wait(two.aio);
    for (const Count& each : counts) require(each.calls == 1, "there was not one callback");
}

SCENARIO(blocked, "a callback blocks until another one, which was submitted with it, has run") {
    const Library library;
    Count counts[2];
    Gate gate;
    Handle one(counts[0]), two(counts[1]);
    counts[0].also = [&] { gate.pass(); };
    counts[1].also = [&] { gate.open(); };
    const Thread submitter([&] {
        nng_aio_finish(one.aio, NNG_OK);
        nng_aio_finish(two.aio, NNG_OK);
    });
    nng_aio_wait(one.aio);
}

SCENARIO(waiting_worker, "a callback waits for a handle, whose callback waits in the same batch") {
    const Library library;
    Count counts[3];
    Operation one(counts[0]), two(counts[1]), three(counts[2]);
    counts[0].also = [&] { nng_aio_wait(two.aio); };
    counts[1].also = [&] { nng_aio_wait(three.aio); };
    for (Operation* each : {&one, &two, &three}) each->start();
    for (Operation* each : {&one, &two, &three}) each->finish();
    nng_aio_wait(one.aio);
    require(counts[1].calls == 1 && counts[2].calls == 1, "a wait returned before the callback");
}

// The scenario runs under PCT only, because in PCT's schedules time passes only when all threads wait. If time passed
// by chance, the nap of the other worker could end early, and that worker would take the batch without being woken.
SCENARIO(given_back, "a callback waits for another one in its batch, which a napping worker takes", Strategy::kPct) {
    const Library library;
    Count counts[4];
    Gate ran;
    Operation first(counts[0]), brief(counts[1]), waits(counts[2]), waited_for(counts[3]);
    counts[0].also = [&] {
        ran.pass();
        for (int i = 0; i < 30; ++i) yield();
        waits.finish();
        waited_for.finish();
    };
    counts[1].also = [&] { ran.open(); };
    counts[2].also = [&] {
        constexpr std::int64_t kBrief = 20'000;  // less than half of a nap
        const std::int64_t begin = schedules::now();
        nng_aio_wait(waited_for.aio);
        require(schedules::now() - begin < kBrief, "the callback waits until the nap of the other worker is over");
    };
    for (Operation* each : {&first, &brief, &waits, &waited_for}) each->start();
    first.finish();
    brief.finish();
    for (Operation* each : {&first, &waits}) nng_aio_wait(each->aio);
}

SCENARIO(staff, "workers start because callbacks block, leave when they have been idle for long, and start again") {
    const Library library(0, 3);
    for (int round = 0; round < 2; ++round) {
        Count counts[3];
        Gate gate, idle;
        Handle one(counts[0]), two(counts[1]), three(counts[2]);
        counts[0].also = [&] { gate.pass(); };
        counts[1].also = [&] { gate.pass(); };
        counts[2].also = [&] { gate.open(); };
        for (const Count& each : counts) nng_aio_finish(each.aio, NNG_OK);
        nng_aio_wait(one.aio);
        nng_aio_wait(two.aio);
        idle.pass_within(std::int64_t{11'000'000'000});
    }
}

// The timer's leader runs the first callback, because the operation expires. The callback starts the next operation and
// finishes it at once, so that the leader would run the second callback next. Then the first callback blocks until
// another thread leads.
SCENARIO(leader, "a callback on the timer's thread blocks, and another thread takes the loop over") {
    const Library library;
    Count count, other;
    Operation operation(count), expires(other);
    nng_aio_set_timeout(operation.aio, 1);
    nng_aio_set_timeout(expires.aio, 2);
    Gate gate;
    count.also = [&] {
        if (count.calls == 2) return;
        nng_aio_set_timeout(operation.aio, NNG_DURATION_INFINITE);
        operation.start();
        operation.finish();
        gate.pass();
    };
    other.also = [&] { gate.open(); };
    operation.start();
    expires.start();
    nng_aio_wait(operation.aio);
    require(count.calls == 2, "there were not two callbacks");
}

// The first callback runs on the timer's leader and waits in the library, so another thread leads from then on. The
// task that the callback submits afterwards must not go to the loop.
SCENARIO(leader_waits, "a callback on the timer's thread waits for another timeout, and then submits a callback") {
    const Library library;
    Count counts[3];
    Operation first(counts[0]), second(counts[1]), third(counts[2]);
    nng_aio_set_timeout(first.aio, 1);
    nng_aio_set_timeout(second.aio, 2);
    counts[0].also = [&] {
        nng_aio_wait(second.aio);
        third.finish();
        nng_aio_wait(third.aio);
    };
    for (Operation* each : {&third, &second, &first}) each->start();
    nng_aio_wait(first.aio);
    for (const Count& each : counts) require(each.calls == 1, "there was not one callback");
}

SCENARIO(monitor, "all workers are blocked, and the timer's thread runs the tasks that they keep") {
    const Library library;
    Count counts[4];
    Gate gate;
    Handle one(counts[0]), two(counts[1]), three(counts[2]), four(counts[3]);
    counts[0].also = counts[1].also = [&] { gate.pass(); };
    counts[3].also = [&] { gate.open(); };
    const Thread submitter([&] {
        for (const Count& each : counts) nng_aio_finish(each.aio, NNG_OK);
    });
    nng_aio_wait(one.aio);
    nng_aio_wait(two.aio);
}
