// Scenarios of nng_init, nng_fini and forks while other threads and callbacks use the library.
#include <sys/wait.h>
#include <unistd.h>

#include "scenario.h"

using schedules::Count;
using schedules::Handle;
using schedules::Library;
using schedules::Operation;
using schedules::require;
using schedules::Thread;

SCENARIO(init, "the library comes up and goes down") { const Library library; }

SCENARIO(init_during_fini, "one thread brings the library up while another one brings it down") {
    Library library;
    const Thread other([&] {
        require(nng_init(nullptr) == NNG_OK, "nng_init fails");
        nng_fini();
    });
    library.go_down();
}

// While the first callback waits in the library, the other worker naps. The finisher is about to wake that worker, but
// the worker may end its nap by itself, run the second callback, and have ended when the finisher notifies it.
SCENARIO(submit_during_fini, "operations are finished while the library goes down") {
    Library library;
    Count counts[2];
    Operation one(counts[0]), two(counts[1]);
    counts[0].also = [&] { nng_aio_wait(two.aio); };
    two.start();
    nng_aio_finish(one.aio, NNG_OK);
    const Thread finisher([&] { two.finish(); });
    library.go_down();
    require(counts[0].calls == 1 && counts[1].calls == 1, "there was not one callback");
}

SCENARIO(start_during_fini, "a callback creates a handle and starts an operation while the library goes down") {
    Library library;
    Count count;
    Operation operation(count);
    Operation* later = nullptr;
    count.also = [&] {
        later = new Operation;
        later->start();
    };
    operation.start();
    {
        const Thread finisher([&] { operation.finish(); });
        library.go_down();
    }
    require(count.calls == 1, "there was not one callback");
    require(nng_aio_result(later->aio) == NNG_ESTOPPED, "an operation outlives the library");
    delete later;
}

// nng_fini examines the handles from the first to the last, and the callbacks come the other way.
SCENARIO(finish_during_fini, "callbacks finish operations that were not started while the library goes down") {
    Library library;
    Count counts[3];
    Operation first(counts[0]), second(counts[1]), last(counts[2]);
    counts[2].also = [&] { nng_aio_finish(first.aio, NNG_OK); };
    counts[0].also = [&] { nng_aio_finish(second.aio, NNG_OK); };
    last.start();
    const Thread finisher([&] { last.finish(); });
    library.go_down();
    require(counts[1].calls == 1, "nng_fini returns before the last callback");
}

SCENARIO(fork, "a child is forked while another thread brings the library up and down") {
    const Thread other([] {
        Library library;
        library.go_down();
    });
    const Thread forker([] {
        schedules::yield();
        const int child = schedules::fork();
        if (child == 0) {
            nng_fini();
            _exit(0);
        }
        int status = 0;
        require(waitpid(child, &status, 0) == child && status == 0, "nng_fini does not return in the forked child");
    });
}

SCENARIO(survivor, "a handle whose operation nng_fini has ended is used again when the library is up again") {
    Count count;
    Library first;
    Operation operation(count);
    operation.start();
    first.go_down();
    require(count.result == NNG_ESTOPPED, "nng_fini has not ended the operation");
    const Library again;
    require(operation.start(), "a handle stays closed");
    {
        const Thread finisher([&] { operation.finish(); });
        nng_aio_wait(operation.aio);
    }
    require(count.calls == 2 && count.result == NNG_OK, "the second operation has not ended well");
    operation.free();
}
