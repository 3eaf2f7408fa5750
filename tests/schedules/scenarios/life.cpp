// The life of a handle and of the library: start, finish, cancel, wait, timeout, stop, free.
#include "scenario.h"

using schedules::Count;
using schedules::Handle;
using schedules::Library;
using schedules::Operation;
using schedules::require;
using schedules::Thread;
using schedules::yield;

SCENARIO(init, "the library comes up and goes down") { const Library library; }

static void finish_cancel_and_wait(nng_duration timeout) {
    const Library library;
    Count count;
    bool cancels = false;
    Operation operation(count);
    nng_aio_set_timeout(operation.aio, timeout);
    operation.start();
    const Thread finisher([&] { operation.finish(); });
    const Thread canceler([&] {
        cancels = true;
        nng_aio_cancel(operation.aio);
    });
    Thread waiter([&] {
        nng_aio_wait(operation.aio);
        require(count.calls == 1, "nng_aio_wait returned before the callback");
    });
    waiter.join();
    require(count.result == NNG_OK || count.result == NNG_ETIMEDOUT || (cancels && count.result == NNG_ECANCELED),
            "the result is none that was given");
}

SCENARIO(life, "an operation is finished, canceled and waited for") { finish_cancel_and_wait(NNG_DURATION_INFINITE); }

SCENARIO(timeout, "an operation is finished, canceled and waited for, and expires") { finish_cancel_and_wait(1); }

// Under each schedule the time passes only when the operation is pending, so the timer alone can end it.
SCENARIO(expiry, "the timer alone ends an operation, and then the next one, whose deadline is another") {
    const Library library;
    Count count;
    Operation operation(count);
    for (const nng_duration timeout : {2, 1, 3}) {
        nng_aio_set_timeout(operation.aio, timeout);
        if (timeout == 1) {
            // Leaves its timer entry behind.
            operation.start();
            operation.finish();
            nng_aio_wait(operation.aio);
        }
        require(operation.start(), "nng_aio_start fails");
        nng_aio_wait(operation.aio);
        require(count.result == NNG_ETIMEDOUT, "an operation has not timed out");
    }
}

SCENARIO(stop, "a callback starts again while another thread stops the handle") {
    const Library library;
    Count count;
    Operation operation(count);
    count.also = [&] {
        if (count.result == NNG_OK && count.calls < 3) operation.start();
    };
    operation.start();
    const Thread finisher([&] {
        operation.finish();
        operation.finish();
    });
    Thread stopper([&] {
        nng_aio_stop(operation.aio);
        require(!nng_aio_busy(operation.aio), "the handle is busy after nng_aio_stop");
    });
}

SCENARIO(freed_in_start, "an operation is finished, and its handle freed, while its start still arms the deadline") {
    const Library library;
    Count count;
    Operation operation(count);
    nng_aio_set_timeout(operation.aio, 1000);
    const Thread starter([&] { operation.start(); });
    while (!operation.is_open() && count.calls == 0) yield();  // it may have timed out
    operation.finish();
    operation.free();
    require(count.calls == 1, "there was not one callback");
}

SCENARIO(next, "one thread waits for an operation, another one for the next") {
    const Library library;
    Operation operation;
    operation.start();
    bool finishes = false;
    const Thread first([&] { nng_aio_wait(operation.aio); });
    Thread finisher([&] { operation.finish(); });
    Thread second([&] {
        while (nng_aio_busy(operation.aio)) yield();
        operation.start();
        nng_aio_wait(operation.aio);
        require(finishes, "the end of one operation woke the thread that waits for the next");
    });
    finisher.join();
    while (!operation.is_open()) yield();
    for (int i = 0; i < 6; ++i) yield();
    finishes = true;
    operation.finish();
}

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
