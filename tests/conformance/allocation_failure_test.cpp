// Tests what <nng/nng.h> promises if there is no memory.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstddef>
#include <cstdlib>
#include <vector>

#include "support/handle.h"
#include "support/ledger.h"
#include "support/library.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

TEST_F(Allocation, ThatFailsMakesAllocReturnNomem) {
    constexpr std::size_t kMoreThanAnyoneKeepsReady = 100'000;
    const Restarted library(Ledger::params());
    ASSERT_EQ(library.result(), NNG_OK);
    std::vector<SilentHandle> handles;
    Ledger::fail_from(1);
    nng_err result = NNG_OK;
    while (result == NNG_OK && handles.size() < kMoreThanAnyoneKeepsReady) {
        nng_aio* aio = nullptr;
        result = nng_aio_alloc(&aio, nullptr, nullptr);
        if (result == NNG_OK) handles.emplace_back(aio);
    }
    EXPECT_EQ(result, NNG_ENOMEM);
    for (const SilentHandle& handle : handles) {  // operations on these handles still succeed
        nng_sleep_aio(1, handle.get());
        nng_aio_wait(handle.get());
        EXPECT_EQ(nng_aio_result(handle.get()), NNG_OK);
    }
    Ledger::fail_from(Ledger::kNever);
    const SilentHandle handle = make_silent_handle();
    nng_sleep_aio(1, handle.get());
    nng_aio_wait(handle.get());
    EXPECT_EQ(nng_aio_result(handle.get()), NNG_OK);
}

TEST_F(Allocation, ThatFailsDuringOperationsDoesNotMatter) {
    const Restarted library(Ledger::params());
    Handle handle;
    Operation operation;
    Ledger::fail_from(1);
    nng_aio_set_timeout(handle, 1);
    ASSERT_TRUE(operation.start(handle));
    nng_aio_wait(handle);
    nng_sleep_aio(0, handle);
    nng_aio_wait(handle);
    nng_aio_set_timeout(handle, NNG_DURATION_INFINITE);
    nng_sleep_aio(NNG_DURATION_INFINITE, handle);
    nng_fini();
    EXPECT_EQ(handle.results(), (Results{NNG_ETIMEDOUT, NNG_OK, NNG_ESTOPPED}));
    Ledger::fail_from(Ledger::kNever);
}

void expect_a_normal_init_to_work() {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    {
        Handle handle;
        nng_sleep_aio(1, handle);
        nng_aio_wait(handle);
        EXPECT_EQ(handle.results(), Results{NNG_OK});
    }
    nng_fini();
}

// Gives the C library's memory functions to the library, which would otherwise keep the functions of an earlier test.
void go_back_to_the_c_library() {
    nng_init_params params{};
    params.malloc_fn = std::malloc;
    params.calloc_fn = std::calloc;
    params.free_fn = [](void* block, std::size_t) { std::free(block); };
    const Restarted library(params);
    ASSERT_EQ(library.result(), NNG_OK);
}

// Calls nng_init again and again. In the n-th call, `times` allocations fail, beginning with the n-th allocation. The
// first call that makes fewer than n allocations succeeds, and is the last one.
void expect_init_to_fail_cleanly_wherever(long times) {
    constexpr long kMoreThanInitAllocates = 10'000;
    go_back_to_the_c_library();
    long n = 1;
    for (; n < kMoreThanInitAllocates; ++n) {
        Ledger::open();
        Ledger::fail_from(n, times);
        const nng_init_params params = Ledger::params();
        const nng_err result = nng_init(&params);
        if (result == NNG_OK) break;
        ASSERT_EQ(result, NNG_ENOMEM) << n;
        ASSERT_EQ(settled_threads(0), 0u) << n;
        Ledger::expect_balance();
        expect_a_normal_init_to_work();  // uses the C library's functions, not those of the init that failed
    }
    EXPECT_LT(n, kMoreThanInitAllocates);
    nng_fini();
    Ledger::expect_balance();
}

TEST_F(Allocation, ThatFailsOnceMakesInitFailCleanly) { expect_init_to_fail_cleanly_wherever(1); }

TEST_F(Allocation, ThatFailsFromThenOnMakesInitFailCleanly) { expect_init_to_fail_cleanly_wherever(Ledger::kNever); }

}  // namespace
}  // namespace conformance
