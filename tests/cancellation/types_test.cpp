// Tests which requests an operation accepts, by types and guarantee.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include "support/handle.h"
#include "support/operation.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

struct Case {
    const char* name;
    naio_cancel guarantee;
    naio_cancel wanted;
    naio_cancel accepted;  // the types that the cancel function is called with
};

class Types : public testing::TestWithParam<Case> {};

TEST_P(Types, AStrongerGuaranteeSatisfiesAWeakerRequestAndNotTheOpposite) {
    const Case& c = GetParam();
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, c.guarantee));
    EXPECT_EQ(naio_aio_cancel(handle, c.wanted, NNG_OK), c.accepted != 0);
    EXPECT_EQ(operation.calls(), c.accepted != 0 ? Calls({{c.accepted, NNG_ECANCELED}}) : Calls{});
    EXPECT_EQ(operation.finish(), c.accepted == 0);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), c.accepted != 0 ? NNG_ECANCELED : NNG_OK);
}

constexpr naio_cancel kSeven = kTerminal | kPartial | kTotal;

INSTANTIATE_TEST_SUITE_P(
    Cancel, Types,
    testing::Values(
        Case{"TotalGivesTotal", kTotal, kTotal, kTotal}, Case{"TotalGivesPartial", kTotal, kPartial, kPartial},
        Case{"TotalGivesTerminal", kTotal, kTerminal, kTerminal}, Case{"TotalGivesAll", kTotal, kAll, kSeven},
        Case{"PartialGivesNoTotal", kPartial, kTotal, 0}, Case{"PartialGivesPartial", kPartial, kPartial, kPartial},
        Case{"PartialGivesTerminal", kPartial, kTerminal, kTerminal},
        Case{"PartialGivesTheTwoWeakerOfAll", kPartial, kAll, kTerminal | kPartial},
        Case{"TerminalGivesNoTotal", kTerminal, kTotal, 0}, Case{"TerminalGivesNoPartial", kTerminal, kPartial, 0},
        Case{"TerminalGivesNeitherOfTheTwo", kTerminal, kPartial | kTotal, 0},
        Case{"TerminalGivesTerminal", kTerminal, kTerminal, kTerminal},
        Case{"TerminalGivesTerminalOfAll", kTerminal, kAll, kTerminal}, Case{"NoneGivesNothing", kNone, kAll, 0},
        Case{"NothingIsAskedOfTotal", kTotal, kNone, 0}, Case{"UnknownTypesAreNoRequest", kTotal, 0xfffffff8u, 0},
        Case{"AGuaranteeOfAllIsTotal", kAll, kTotal, kTotal},
        Case{"AGuaranteeOfPartialAndTerminalIsPartial", kPartial | kTerminal, kTotal, 0}),
    [](const auto& each) { return each.param.name; });

TEST(PlainOperation, IsTerminal) {
    Operation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle));
    EXPECT_FALSE(naio_aio_cancel(handle, kPartial | kTotal, NNG_OK));
    EXPECT_EQ(operation.cancels(), 0);
    EXPECT_TRUE(naio_aio_cancel(handle, kTerminal, NNG_EINTR));
    EXPECT_EQ(operation.reason(), NNG_EINTR);
    nng_aio_wait(handle);
    EXPECT_EQ(naio_aio_outcome(handle), kTerminal);
}

TEST(PlainOperation, WithoutCancelFunctionGivesNothing) {
    Operation operation;
    Handle handle;
    ASSERT_TRUE(operation.start_uncancellable(handle));
    EXPECT_FALSE(naio_aio_cancel(handle, kAll, NNG_OK));
    EXPECT_TRUE(operation.finish());
}

TEST(Sleep, IsTotal) {
    Handle handle;
    nng_sleep_aio(NNG_DURATION_INFINITE, handle);
    EXPECT_TRUE(naio_aio_cancel(handle, kTotal, NNG_OK));
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(handle), kTotal);
}

TEST(AnyAio, WithoutAnOperationAcceptsNothing) {
    Handle handle;
    EXPECT_FALSE(naio_aio_cancel(handle, kAll, NNG_OK));
    EXPECT_FALSE(naio_aio_cancel(nullptr, kAll, NNG_OK));
    EXPECT_EQ(naio_aio_outcome(handle), kNone);
    EXPECT_EQ(naio_aio_permit(handle, kTotal), kNone);
    EXPECT_EQ(naio_aio_cancelled(handle), kNone);
    EXPECT_EQ(naio_aio_acknowledge(handle, kAll), kNone);
    EXPECT_EQ(naio_aio_reason(handle), NNG_OK);
}

}  // namespace
}  // namespace cancellation
