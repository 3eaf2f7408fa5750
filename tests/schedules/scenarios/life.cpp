// Scenarios of the life of a handle: start, finish, cancel, wait, timeout, stop, free, reap.
#include <memory>
#include <vector>

#include "memory.h"
#include "scenario.h"

using schedules::Count;
using schedules::Gate;
using schedules::Handle;
using schedules::Library;
using schedules::Operation;
using schedules::require;
using schedules::Thread;
using schedules::yield;

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
            "the operation has a wrong result");
}

SCENARIO(life, "an operation is finished, canceled and waited for") { finish_cancel_and_wait(NNG_DURATION_INFINITE); }

SCENARIO(timeout, "an operation is finished, canceled and waited for, and expires") { finish_cancel_and_wait(1); }

SCENARIO(expiry, "operations expire whose timer entry an earlier operation has left behind") {
    const Library library;
    Count count;
    Operation operation(count);
    for (const nng_duration timeout : {2, 1, 2}) {
        nng_aio_set_timeout(operation.aio, 1);
        operation.start();
        const Thread finisher([&] { operation.finish(); });
        nng_aio_wait(operation.aio);
        nng_aio_set_timeout(operation.aio, timeout);
        const auto begin = schedules::now();
        require(operation.start(), "nng_aio_start fails");
        nng_aio_wait(operation.aio);  // waits forever if the timer does not come
        // The finisher may have come so late that it finished this operation.
        require(count.result == NNG_ETIMEDOUT || count.result == NNG_OK, "an operation has not timed out");
        require(count.result != NNG_ETIMEDOUT || schedules::now() - begin >= timeout * std::int64_t{1'000'000},
                "an operation times out before its time");
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

// The provider has no lock, so that the operation can be finished during its start. The provider ignores all requests.
SCENARIO(freed_in_start, "an operation is finished, and its handle freed, while its start still arms the deadline") {
    const Library library;
    Count count;
    Handle handle(count);
    nng_aio_set_timeout(handle.aio, 1000);
    const Thread starter([&] {
        nng_aio_start(
            handle.aio, [](nng_aio*, void*, nng_err) {}, nullptr);
    });
    while (!nng_aio_busy(handle.aio)) yield();
    nng_aio_finish(handle.aio, NNG_OK);
    handle.free();
    require(count.calls == 1, "there was not one callback");
}

SCENARIO(next, "one thread waits for an operation, and another thread for the next operation") {
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
    while (!operation.pending()) yield();
    for (int i = 0; i < 6; ++i) yield();
    finishes = true;
    operation.finish();
}

SCENARIO(freed_in_callback, "a callback frees its own handle, whose operation is finished and expires") {
    Library library;
    Count count;
    Operation operation(count);
    nng_aio_set_timeout(operation.aio, 1);
    count.also = [&] {
        operation.free();
        yield();
        ++count.calls;
    };
    operation.start();
    const Thread finisher([&] { operation.finish(); });
    library.go_down();
    require(count.calls == 2, "nng_fini returned before the callback");
}

SCENARIO(post, "two threads post while operations are started and finished, and then the handle is stopped") {
    const Library library;
    int starts = 0, for_posts = 0, for_operations = 0;
    bool first_is_seen = false, first = false;
    Count count;
    Operation operation(count);
    count.also = [&] {
        ++(naio_aio_posted(operation.aio) ? for_posts : for_operations);
        first_is_seen = first_is_seen || first;
    };
    {
        const Thread poster([&] {
            first = true;
            static_cast<void>(naio_aio_post(operation.aio));
            static_cast<void>(naio_aio_post(operation.aio));
        });
        const Thread starter([&] {
            while (starts < 2) {
                require(operation.start(), "a start is refused");
                ++starts;
                operation.finish();
                while (for_operations < starts) yield();
            }
        });
        static_cast<void>(naio_aio_post(operation.aio));
    }
    nng_aio_stop(operation.aio);
    require(for_operations == 2, "there was not one callback for each operation");
    require(for_posts <= 3, "there were more callbacks than posts");
    require(first_is_seen, "no callback began after a post");
    require(!naio_aio_post(operation.aio) && count.calls == for_posts + for_operations, "a callback after the stop");
}

SCENARIO(reap_then_at_fini, "a handle with a queue is reaped during nng_fini, and a function is to be called then") {
    Library library;
    Handle handle;
    naio_queue* const queue = schedules::make_queue();
    naio_aio_set_queue(handle.aio, queue);
    int calls = 0;
    {
        const Thread reaper([&] { handle.reap_then([](void* calls) { ++*static_cast<int*>(calls); }, &calls); });
        library.go_down();
    }
    require(calls == 1, "the function is not called before the end of nng_fini or of naio_aio_reap_then");
    naio_queue_free(queue);
}

SCENARIO(reap, "a handle is reaped while its operation is finished") {
    Library library;
    Count count;
    Operation operation(count);
    operation.start();
    {
        const Thread finisher([&] { operation.finish(); });
        const Thread reaper([&] { operation.reap(); });
    }
    library.go_down();
    require(count.calls == 1, "there was not one callback");
}

SCENARIO(reaped_at_fini, "the library goes down while a thread of the program ends the operation of a reaped handle") {
    Library library;
    Operation operation;
    operation.start();
    const Thread finisher([&] { operation.finish(); });
    operation.reap();
    library.go_down();
    require(schedules::memory::blocks_in_use() == 0, "nng_fini returned before the reaped handle was gone");
}

SCENARIO(given_stopped, "a thread starts an operation while the callback is given NNG_ESTOPPED") {
    const Library library;
    Count count;
    const Handle handle(count);
    Gate called, started;
    count.also = [&] {
        if (count.calls == 2) return;
        called.open();
        started.pass();
    };
    naio_aio_close(handle.aio);
    nng_sleep_aio(1, handle.aio);
    const Thread starter([&] {
        called.pass();
        nng_sleep_aio(1, handle.aio);
        started.open();
    });
    started.pass();
    nng_aio_wait(handle.aio);
    require(count.calls == 2, "a start that was refused on another thread had no callback");
}

SCENARIO(no_types, "a sleep lasts to its end although a timeout without types of request has passed") {
    const Library library;
    Count count;
    const Handle handle(count);
    naio_aio_set_timeout_types(handle.aio, 0);
    nng_aio_set_timeout(handle.aio, 1);
    nng_sleep_aio(2, handle.aio);
    nng_aio_wait(handle.aio);  // waits forever if the timeout takes the place of the sleep's end
    require(count.result == NNG_OK, "the sleep has not ended well");
}

SCENARIO(expires_later, "an operation expires whose timer entry was armed before the library went down") {
    Library library;
    Operation operation;
    nng_aio_set_timeout(operation.aio, 1000);
    operation.start();
    operation.finish();
    library.go_down();
    const Library again;
    operation.start();
    nng_aio_wait(operation.aio);
    require(nng_aio_result(operation.aio) == NNG_ETIMEDOUT, "the operation has not timed out");
    operation.free();
}

SCENARIO(burst, "more entries are due at once than the timer takes at a time") {
    const Library library;
    constexpr int kMoreThanABurst = 300;
    Count count;
    std::vector<std::unique_ptr<Handle>> sleeps;
    for (int i = 0; i < kMoreThanABurst; ++i) {
        sleeps.push_back(std::make_unique<Handle>(count));
        nng_sleep_aio(1, sleeps.back()->aio);
        if (i % 8 != 0) nng_aio_cancel(sleeps.back()->aio);
    }
    for (const auto& each : sleeps) nng_aio_wait(each->aio);
}
