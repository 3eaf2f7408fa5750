// Tests that requests, emissions, permits, and the runs of a group after its first run allocate nothing, and that all
// memory is released at the end.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <memory>

#include "signals.h"
#include "support/handle.h"
#include "support/ledger.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

class CancellationAllocation : public Allocation {
  protected:
    ~CancellationAllocation() override {
        bring_library_down();
        Ledger::expect_balance();
    }
};

TEST_F(CancellationAllocation, IsNotNeededForOperationsAndRequests) {
    const Restarted library(Ledger::params());
    Signal signal;
    Scope scope;
    TypedOperation operation;
    Handle handle, scoped;
    signal.bind(handle);
    scope.bind(scoped);
    nng_aio_set_timeout(handle, 1000);
    const long before = Ledger::allocations;
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(operation.start(handle, kTotal));
        EXPECT_EQ(operation.permit(kPartial), kNone);
        EXPECT_TRUE(i % 2 == 0 ? signal.emit(kPartial) : naio_aio_cancel(handle, kPartial, NNG_OK));
        nng_aio_wait(handle);
        ASSERT_TRUE(operation.start(scoped, kTotal));
        EXPECT_TRUE(operation.finish());
        nng_aio_wait(scoped);
    }
    EXPECT_TRUE(scope.emit(kTotal));
    EXPECT_FALSE(operation.start(scoped, kTotal));
    nng_aio_wait(scoped);
    EXPECT_EQ(Ledger::allocations, before);
}

TEST_F(CancellationAllocation, IsNotNeededForAGroupThatRunsAgain) {
    const Restarted library(Ledger::params());
    naio_group* group = nullptr;
    ASSERT_EQ(naio_group_alloc(&group, 3), NNG_OK);
    Handle handle;
    long before = 0;
    for (int i = 0; i < 100; ++i) {
        if (i == 1) before = Ledger::allocations;  // the first run has made the handle's own slot
        ASSERT_TRUE(naio_group_start(group, handle, 1, 0, kTotal));
        nng_sleep_aio(0, naio_group_aio(group, 0));
        nng_sleep_aio(NNG_DURATION_INFINITE, naio_group_aio(group, 1));
        nng_sleep_aio(NNG_DURATION_INFINITE, naio_group_aio(group, 2));
        naio_group_seal(group);
        nng_aio_wait(handle);
    }
    EXPECT_EQ(Ledger::allocations, before);
    naio_group_free(group);
}

TEST_F(CancellationAllocation, OfACompositionIsOneBlock) {
    const Restarted library(Ledger::params());
    Handle handle;
    const auto step = [](naio_op* op, void*, nng_err result, size_t) { naio_op_finish(op, result, 0); };
    ASSERT_EQ(naio_compose(handle, kNone, step, nullptr, nullptr), NNG_OK);
    nng_aio_wait(handle);
    const long before = Ledger::allocations;
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(naio_compose(handle, kNone, step, nullptr, nullptr), NNG_OK);
        nng_aio_wait(handle);
    }
    // Handles come in slabs, except under a sanitizer, where each handle is a block of its own.
    EXPECT_GE(Ledger::allocations, before + 10);
    EXPECT_LE(Ledger::allocations, before + 20);
}

TEST_F(CancellationAllocation, ThatFailsIsReportedAndLeavesNothingBehind) {
    const Restarted library(Ledger::params());
    Handle handle;
    int released = 0;
    const auto release = [](void* count) { ++*static_cast<int*>(count); };
    const auto step = [](naio_op*, void*, nng_err, size_t) { FAIL() << "nothing was started"; };
    for (int n = 1; n <= 3; ++n) {
        Ledger::fail_from(n);
        naio_signal* signal = nullptr;
        naio_queue* queue = nullptr;
        naio_group* group = nullptr;
        if (n <= 2) {
            EXPECT_EQ(naio_signal_alloc(&signal, 0), NNG_ENOMEM);
        }
        Ledger::fail_from(1);
        EXPECT_EQ(naio_queue_alloc(&queue), NNG_ENOMEM);
        EXPECT_EQ(naio_group_alloc(&group, 2), NNG_ENOMEM);
        EXPECT_EQ(naio_compose(handle, kNone, step, release, &released), NNG_ENOMEM);
        EXPECT_EQ(released, n);
        EXPECT_EQ(handle.callbacks(), 0);
        Ledger::fail_from(Ledger::kNever);
    }
    naio_group* group = nullptr;
    ASSERT_EQ(naio_group_alloc(&group, 2), NNG_OK);
    Ledger::fail_from(1);
    EXPECT_FALSE(naio_group_start(group, handle, 1, 0, kAll));  // no memory for the handle's own slot
    Ledger::fail_from(Ledger::kNever);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ENOMEM);
    naio_group_free(group);
}

}  // namespace
}  // namespace cancellation
