// Tests what <nng/nng.h> promises about the last nng_fini, and about handles that outlive it.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "init_fini.h"
#include "support/event.h"
#include "support/handle.h"
#include "support/library.h"
#include "support/operation.h"
#include "support/typed_operation.h"

namespace conformance {
namespace {

using namespace support;

using LastFini = InitFini;
using Survivor = InitFini;

// --- last fini ------------------------------------------------------------------------------------------------

TEST_F(LastFini, EndsEveryOperationInFlightWithStoppedAndRunsItsCallback) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle timed;
    Handle untimed;
    Handle sleeping;
    Handle sleeping_endlessly;
    Operation timed_operation;
    Operation untimed_operation;
    nng_aio_set_timeout(timed, 3'600'000);
    ASSERT_TRUE(timed_operation.start(timed));
    ASSERT_TRUE(untimed_operation.start(untimed));
    nng_sleep_aio(3'600'000, sleeping);
    nng_sleep_aio(NNG_DURATION_INFINITE, sleeping_endlessly);
    nng_fini();
    for (const Handle* handle : {&timed, &untimed, &sleeping, &sleeping_endlessly}) {
        EXPECT_EQ(handle->results(), Results{NNG_ESTOPPED});
        EXPECT_FALSE(nng_aio_busy(*handle));
    }
    EXPECT_EQ(timed_operation.reason(), NNG_ESTOPPED);
    EXPECT_EQ(untimed_operation.reason(), NNG_ESTOPPED);
    EXPECT_EQ(timed_operation.cancels(), 1);
    EXPECT_EQ(untimed_operation.cancels(), 1);
}

TEST_F(LastFini, EndsTheOperationsOfHandlesWithoutACallback) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    const SilentHandle aio = make_silent_handle();
    nng_sleep_aio(NNG_DURATION_INFINITE, aio.get());
    nng_fini();
    EXPECT_FALSE(nng_aio_busy(aio.get()));
    EXPECT_EQ(nng_aio_result(aio.get()), NNG_ESTOPPED);
}

TEST_F(LastFini, EndsThousandsOfOperations) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    std::vector<std::unique_ptr<Handle>> handles;
    for (int i = 0; i < 2000; ++i) {
        handles.push_back(std::make_unique<Handle>());
        nng_sleep_aio(i % 2 == 0 ? NNG_DURATION_INFINITE : 3'600'000, *handles.back());
    }
    nng_fini();
    for (const auto& handle : handles) ASSERT_EQ(handle->results(), Results{NNG_ESTOPPED});
}

TEST_F(LastFini, RunsNoCallbackOfAnIdleHandle) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle handle;
    nng_aio_finish(handle, NNG_EPROTO);
    nng_aio_wait(handle);
    nng_fini();
    EXPECT_EQ(handle.callbacks(), 1);
    EXPECT_EQ(nng_aio_result(handle), NNG_EPROTO);
}

TEST_F(LastFini, RunsAllCallbacksThatAreQueued) {
    const nng_init_params params = two_workers();
    ASSERT_EQ(nng_init(&params), NNG_OK);
    Event blocked;
    Event release;
    std::vector<std::unique_ptr<Handle>> blockers;
    std::vector<std::unique_ptr<Handle>> queued;
    for (int i = 0; i < 2; ++i) {
        blockers.push_back(std::make_unique<Handle>([&](nng_aio*) {
            blocked.set();
            EXPECT_TRUE(release.wait());
        }));
        nng_aio_finish(*blockers.back(), NNG_OK);
    }
    ASSERT_TRUE(blocked.wait(2));
    for (int i = 0; i < 100; ++i) {
        queued.push_back(std::make_unique<Handle>());
        nng_aio_finish(*queued.back(), NNG_EPROTO);
    }
    std::thread releaser([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // nng_fini is probably waiting by now
        release.set();
    });
    nng_fini();
    for (const auto& handle : blockers) EXPECT_EQ(handle->callbacks(), 1);
    for (const auto& handle : queued) EXPECT_EQ(handle->results(), Results{NNG_EPROTO});
    releaser.join();
}

TEST_F(LastFini, RefusesWhatCallbacksStartAndReturns) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Operation operation;
    std::atomic<int> refused{0};
    Handle restarting([&](nng_aio* aio) {
        if (!operation.start(aio)) ++refused;
    });
    Handle timer([](nng_aio* aio) { nng_sleep_aio(1, aio); });
    Handle spinner([](nng_aio* aio) { nng_sleep_aio(0, aio); });
    ASSERT_TRUE(operation.start(restarting));
    nng_sleep_aio(1, timer);
    nng_sleep_aio(0, spinner);
    ASSERT_TRUE(timer.called_back(3));
    nng_fini();
    EXPECT_EQ(refused, 1);
    EXPECT_EQ(restarting.results(), Results{NNG_ESTOPPED});
    EXPECT_EQ(nng_aio_result(timer), NNG_ESTOPPED);
    EXPECT_FALSE(nng_aio_busy(spinner));
    expect_down();
}

TEST_F(LastFini, WaitsForAProviderWithoutACancelFunction) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start_uncancellable(handle));
    Event returned;
    std::thread ender([&] {
        nng_fini();
        returned.set();
    });
    EXPECT_TRUE(returned.stays_away());
    operation.finish(NNG_EPROTO);
    EXPECT_TRUE(returned.wait());
    ender.join();
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
    expect_down();
}

TEST_F(LastFini, AsksAnOperationThatDeclinesOnceAndWaitsForIt) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    TypedOperation operation(TypedOperation::declines);
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    Event returned;
    std::thread ender([&] {
        nng_fini();
        returned.set();
    });
    EXPECT_TRUE(returned.stays_away());
    EXPECT_EQ(operation.calls().size(), 1u);
    EXPECT_TRUE(operation.finish(NNG_EPROTO));
    EXPECT_TRUE(returned.wait());
    ender.join();
    EXPECT_EQ(handle.results(), Results{NNG_EPROTO});
    expect_down();
}

TEST_F(LastFini, DrainsTheReaper) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    std::vector<std::unique_ptr<Handle>> handles;
    for (int i = 0; i < 100; ++i) {
        handles.push_back(std::make_unique<Handle>());
        nng_sleep_aio(NNG_DURATION_INFINITE, *handles.back());
        nng_aio_reap(handles.back()->release());
    }
    nng_fini();
    for (const auto& handle : handles) EXPECT_EQ(handle->results(), Results{NNG_ESTOPPED});
    expect_down();
}

TEST_F(LastFini, LetsCallbacksFreeTheirHandles) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    std::vector<std::unique_ptr<Handle>> handles(100);
    for (auto& slot : handles) {
        slot = std::make_unique<Handle>([&slot](nng_aio*) { nng_aio_free(slot->release()); });
        nng_sleep_aio(NNG_DURATION_INFINITE, *slot);
    }
    nng_fini();
    for (const auto& handle : handles) EXPECT_EQ(handle->results(), Results{NNG_ESTOPPED});
}

TEST_F(LastFini, LetsCallbacksFreeAndStopOtherHandles) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle freed;
    Handle stopped;
    Handle handle([&](nng_aio*) {
        nng_aio_free(freed.release());
        nng_aio_stop(stopped);
    });
    nng_sleep_aio(NNG_DURATION_INFINITE, freed);
    nng_sleep_aio(NNG_DURATION_INFINITE, stopped);
    nng_sleep_aio(NNG_DURATION_INFINITE, handle);
    nng_fini();
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
    EXPECT_EQ(freed.results(), Results{NNG_ESTOPPED});
    EXPECT_EQ(stopped.results(), Results{NNG_ESTOPPED});
}

TEST_F(LastFini, LetsCallbacksAllocateHandlesWhichAreRefusedAllOperations) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    nng_err result = NNG_OK;
    Handle handle([&](nng_aio*) {
        nng_aio* late = nullptr;
        if (nng_aio_alloc(&late, nullptr, nullptr) != NNG_OK) return;
        nng_sleep_aio(3'600'000, late);
        nng_aio_wait(late);
        result = nng_aio_result(late);
        nng_aio_free(late);
    });
    nng_sleep_aio(NNG_DURATION_INFINITE, handle);
    nng_fini();
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
    EXPECT_EQ(result, NNG_ESTOPPED);
    expect_down();
}

TEST_F(LastFini, JoinsAllThreads) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    expect_to_work();
    EXPECT_FALSE(library_threads().empty());
    nng_fini();
    expect_down();
}

// --- a handle that outlives fini ------------------------------------------------------------------------------

TEST_F(Survivor, OfFiniCanBeFreed) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle idle;
    Handle interrupted;
    nng_sleep_aio(NNG_DURATION_INFINITE, interrupted);
    nng_fini();
    nng_aio_free(idle.release());
    nng_aio_free(interrupted.release());
    EXPECT_EQ(idle.callbacks(), 0);
    EXPECT_EQ(interrupted.callbacks(), 1);
    expect_down();  // freeing does not start the library again
}

TEST_F(Survivor, OfFiniCanBeReapedAndStopped) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle reaped;
    Handle stopped;
    nng_fini();
    nng_aio_reap(reaped.release());
    nng_aio_stop(stopped);
    nng_aio_cancel(stopped);
    nng_aio_wait(stopped);
    EXPECT_FALSE(nng_aio_busy(stopped));
    expect_down();
}

TEST_F(Survivor, OfFiniCanBeFreedAfterTheNextInit) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle handle;
    nng_fini();
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    nng_aio_free(handle.release());
    nng_fini();
    expect_down();
}

TEST_F(Survivor, OfFiniCanBeUsedAgainAfterTheNextInit) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle idle;
    Handle interrupted;
    Operation operation;
    nng_sleep_aio(NNG_DURATION_INFINITE, interrupted);
    nng_fini();
    for (int i = 1; i <= 3; ++i) {
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
        for (Handle* handle : {&idle, &interrupted}) {
            nng_aio_set_timeout(*handle, NNG_DURATION_INFINITE);
            ASSERT_TRUE(operation.start(*handle));
            operation.finish(NNG_EPROTO);
            nng_aio_wait(*handle);
            EXPECT_EQ(nng_aio_result(*handle), NNG_EPROTO);
            nng_sleep_aio(1, *handle);
            nng_aio_wait(*handle);
            EXPECT_EQ(nng_aio_result(*handle), NNG_OK);
            nng_aio_set_timeout(*handle, 1);
            ASSERT_TRUE(operation.start(*handle));
            nng_aio_wait(*handle);
            EXPECT_EQ(nng_aio_result(*handle), NNG_ETIMEDOUT);
        }
        EXPECT_EQ(idle.callbacks(), 3 * i);
        nng_fini();
    }
}

TEST_F(Survivor, OfFiniIsEndedByTheNextFiniToo) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle handle;
    for (int i = 1; i <= 3; ++i) {
        nng_sleep_aio(NNG_DURATION_INFINITE, handle);
        nng_fini();
        EXPECT_EQ(handle.results(), Results(static_cast<std::size_t>(i), NNG_ESTOPPED));
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
    }
}

TEST_F(Survivor, OfFiniKeepsItsFields) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle handle;
    int thing = 0;
    ASSERT_EQ(nng_aio_set_input(handle, 1, &thing), NNG_OK);
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    nng_fini();
    EXPECT_EQ(nng_aio_get_input(handle, 1), &thing);
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    EXPECT_EQ(nng_aio_get_input(handle, 1), &thing);
    Operation operation;
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

// The effect of nng_aio_stop is permanent.
TEST_F(Survivor, OfFiniThatWasStoppedBeforeStaysStopped) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle handle;
    Operation operation;
    nng_aio_stop(handle);
    nng_fini();
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
}

}  // namespace
}  // namespace conformance
