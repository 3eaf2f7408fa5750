// Tests what <nng/nng.h> promises about memory: an operation allocates none, and the last nng_fini releases all.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "support/handle.h"
#include "support/ledger.h"
#include "support/library.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

// Counts uses of operator new, because the library must allocate memory only with the program's memory functions.
std::atomic<long> operator_news{0};

}  // namespace
}  // namespace conformance

void* operator new(std::size_t size) {
    ++conformance::operator_news;
    if (void* block = std::malloc(size)) return block;
    throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace conformance {
namespace {

// --- balance --------------------------------------------------------------------------------------------------

TEST_F(Allocation, GoesThroughTheGivenFunctions) {
    const Restarted library(Ledger::params());
    ASSERT_EQ(library.result(), NNG_OK);
    const long before = Ledger::allocations;
    std::vector<SilentHandle> handles;
    for (int i = 0; i < 1000; ++i) handles.push_back(make_silent_handle());
    EXPECT_GT(Ledger::allocations, before);
    EXPECT_GT(Ledger::blocks, 0);
}

TEST_F(Allocation, IsAllReleasedAfterFiniOnceTheHandlesAreFreed) {
    {
        const Restarted library(Ledger::params());
        ASSERT_EQ(library.result(), NNG_OK);
        for (int i = 0; i < 50; ++i) {
            Handle handle;
            Operation operation;
            nng_aio_set_timeout(handle, 1);
            ASSERT_TRUE(operation.start(handle));
            nng_aio_wait(handle);
            nng_sleep_aio(0, handle);
        }
    }
    Ledger::expect_balance();
}

TEST_F(Allocation, IsAllReleasedAlsoWhenHandlesAreFreedAfterFini) {
    std::vector<SilentHandle> handles;
    {
        const Restarted library(Ledger::params());
        ASSERT_EQ(library.result(), NNG_OK);
        for (int i = 0; i < 1000; ++i) handles.push_back(make_silent_handle());
    }
    EXPECT_GT(Ledger::blocks, 0);
    handles.clear();
    Ledger::expect_balance();
}

TEST_F(Allocation, IsAllReleasedWhenASurvivorIsFreedAfterTheNextInit) {
    SilentHandle handle;
    {
        const Restarted library(Ledger::params());
        handle = make_silent_handle();
    }
    {
        const Restarted library(Ledger::params());
        nng_sleep_aio(1, handle.get());
        nng_aio_wait(handle.get());
        handle.reset();
    }
    Ledger::expect_balance();
}

TEST_F(Allocation, IsAllReleasedWhenHandlesWereReaped) {
    constexpr int kHandles = 200;
    {
        const Restarted library(Ledger::params());
        for (int i = 0; i < kHandles; ++i) {
            SilentHandle handle = make_silent_handle();
            if (i % 2 == 0) nng_sleep_aio(NNG_DURATION_INFINITE, handle.get());
            nng_aio_reap(handle.release());
        }
    }
    Ledger::expect_balance();
}

TEST_F(Allocation, IsAllReleasedWhenCallbacksFreeTheirHandlesDuringFini) {
    std::vector<std::unique_ptr<Handle>> handles(100);
    {
        const Restarted library(Ledger::params());
        for (auto& handle : handles) {
            handle = std::make_unique<Handle>([&](nng_aio*) { nng_aio_free(handle->release()); });
            nng_sleep_aio(NNG_DURATION_INFINITE, *handle);
        }
    }
    for (const auto& handle : handles) EXPECT_EQ(handle->results(), Results{NNG_ESTOPPED});
    Ledger::expect_balance();
}

// As in NNG, the library keeps its memory functions until an nng_init gives other functions. So a block that outlives
// nng_fini is released by the functions that have allocated it.
TEST_F(Allocation, StaysWithTheGivenFunctionsUntilOthersAreGiven) {
    { const Restarted library(Ledger::params()); }
    const long before = Ledger::allocations;
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    std::vector<SilentHandle> handles;
    for (int i = 0; i < 100; ++i) handles.push_back(make_silent_handle());
    handles.clear();
    nng_fini();
    EXPECT_GT(Ledger::allocations, before);
    Ledger::expect_balance();
}

// --- nothing is allocated -------------------------------------------------------------------------------------

// Checks that no thread allocates memory while this object exists.
class NoAllocation {
  public:
    NoAllocation() : ledgers_(Ledger::allocations), news_(operator_news) {}
    ~NoAllocation() {
        const long ledgers = Ledger::allocations - ledgers_;
        const long news = operator_news - news_;
        EXPECT_EQ(ledgers, 0);
        EXPECT_EQ(news, 0);
    }

  private:
    long ledgers_;
    long news_;
};

constexpr int kRounds = 200;

// A handle whose callback only counts. Handle is not used, because it allocates memory to record its callbacks.
class Counted {
  public:
    Counted() {
        if (nng_aio_alloc(
                &aio_, [](void* arg) { ++static_cast<Counted*>(arg)->callbacks; }, this) != NNG_OK)
            std::abort();
    }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { nng_aio_free(aio_); }
    operator nng_aio*() const { return aio_; }

    std::atomic<int> callbacks{0};

  private:
    nng_aio* aio_ = nullptr;
};

TEST_F(Allocation, IsNotNeededToStartAndFinish) {
    const Restarted library(Ledger::params());
    Counted handle;
    Operation operation;
    const NoAllocation none;
    for (int i = 0; i < kRounds; ++i) {
        operation.start(handle);
        operation.finish();
        nng_aio_wait(handle);
        nng_aio_finish(handle, NNG_OK);
        nng_aio_wait(handle);
    }
    EXPECT_EQ(handle.callbacks, 2 * kRounds);
}

TEST_F(Allocation, IsNotNeededToArmADeadline) {
    const Restarted library(Ledger::params());
    Counted handle;
    Operation operation;
    const NoAllocation none;
    for (int i = 0; i < kRounds; ++i) {
        nng_aio_set_timeout(handle, 1 << (i % 31));
        operation.start(handle);
        operation.finish();
        nng_aio_wait(handle);
    }
    EXPECT_EQ(handle.callbacks, kRounds);
}

TEST_F(Allocation, IsNotNeededToCancel) {
    const Restarted library(Ledger::params());
    Counted handle;
    Operation operation;
    const NoAllocation none;
    for (int i = 0; i < kRounds; ++i) {
        operation.start(handle);
        nng_aio_cancel(handle);
        nng_aio_wait(handle);
    }
    EXPECT_EQ(operation.cancels(), kRounds);
    EXPECT_EQ(handle.callbacks, kRounds);
}

TEST_F(Allocation, IsNotNeededToExpire) {
    const Restarted library(Ledger::params());
    Counted handle;
    Operation operation;
    nng_aio_set_timeout(handle, 1);
    const NoAllocation none;
    for (int i = 0; i < 20; ++i) {
        operation.start(handle);
        nng_aio_wait(handle);
    }
    EXPECT_EQ(operation.cancels(), 20);
}

TEST_F(Allocation, IsNotNeededToExpireManyAtOnce) {
    const Restarted library(Ledger::params());
    std::vector<std::unique_ptr<Counted>> handles;
    std::vector<std::unique_ptr<Operation>> operations;
    for (int i = 0; i < 500; ++i) {
        handles.push_back(std::make_unique<Counted>());
        operations.push_back(std::make_unique<Operation>());
        nng_aio_set_timeout(*handles.back(), 1 + i % 20);
    }
    const NoAllocation none;
    for (std::size_t i = 0; i < handles.size(); ++i) operations[i]->start(*handles[i]);
    for (const auto& handle : handles) nng_aio_wait(*handle);
    for (const auto& handle : handles) ASSERT_EQ(handle->callbacks, 1);
}

TEST_F(Allocation, IsNotNeededToSleep) {
    const Restarted library(Ledger::params());
    Counted handle;
    const NoAllocation none;
    for (const nng_duration duration : {0, 1, 2, NNG_DURATION_DEFAULT, 0, 3}) {
        nng_sleep_aio(duration, handle);
        nng_aio_wait(handle);
    }
    EXPECT_EQ(handle.callbacks, 6);
}

TEST_F(Allocation, IsNotNeededToBeRefused) {
    const Restarted library(Ledger::params());
    Counted handle;
    Operation operation;
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    const NoAllocation none;
    for (int i = 0; i < kRounds; ++i) {
        operation.start(handle);
        nng_aio_wait(handle);
    }
    EXPECT_EQ(handle.callbacks, kRounds);
}

TEST_F(Allocation, IsNotNeededToSkipTheCallbackNorToSetFields) {
    const Restarted library(Ledger::params());
    Counted handle;
    nng_iov vector[8] = {};
    const NoAllocation none;
    for (int i = 0; i < kRounds; ++i) {
        bool skip = false;
        nng_aio_skip_callback(handle, &skip);
        nng_aio_set_iov(handle, 8, vector);
        nng_aio_set_input(handle, 3, &skip);
        nng_aio_set_output(handle, 3, &skip);
        nng_aio_set_expire(handle, nng_clock() + 1);
        nng_aio_reset(handle);
        nng_aio_finish(handle, NNG_OK);
    }
    EXPECT_EQ(handle.callbacks, 0);
}

TEST_F(Allocation, IsNotNeededToStopReapAndFree) {
    const Restarted library(Ledger::params());
    std::vector<nng_aio*> handles;
    for (int i = 0; i < 300; ++i) {
        handles.push_back(make_silent_handle().release());
        if (i % 2 == 0) nng_sleep_aio(NNG_DURATION_INFINITE, handles.back());
    }
    const NoAllocation none;
    for (std::size_t i = 0; i < handles.size(); ++i) {
        if (i % 3 == 0) nng_aio_stop(handles[i]);
        if (i % 4 == 0) {
            nng_aio_reap(handles[i]);
        } else {
            nng_aio_free(handles[i]);
        }
    }
}

}  // namespace
}  // namespace conformance
