// Tests what <nng/nng.h> promises about the fields of a handle (message, iov, inputs, outputs) and about a reset.
//
// No test here checks that reset, start and a refused set_iov leave the vector unchanged. The tests of streams do so,
// because a test sees the vector only through an operation that uses it.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <climits>

#include "support/event.h"
#include "support/handle.h"
#include "support/operation.h"

namespace conformance {
namespace {

using namespace support;

constexpr unsigned kFields = 4;

// The objects to which the fields point.
int things[2 * kFields];

// Returns a value for the message of a handle. Any address will do, because the library does not use the message.
nng_msg* message() { return reinterpret_cast<nng_msg*>(&things[0]); }

void fill(nng_aio* aio) {
    for (unsigned i = 0; i < kFields; ++i) {
        ASSERT_EQ(nng_aio_set_input(aio, i, &things[i]), NNG_OK);
        ASSERT_EQ(nng_aio_set_output(aio, i, &things[kFields + i]), NNG_OK);
    }
    nng_aio_set_msg(aio, message());
}

void expect_inputs_and_message_to_be_kept(nng_aio* aio) {
    for (unsigned i = 0; i < kFields; ++i) EXPECT_EQ(nng_aio_get_input(aio, i), &things[i]);
    EXPECT_EQ(nng_aio_get_msg(aio), message());
}

void expect_outputs_to_be_clear(nng_aio* aio) {
    for (unsigned i = 0; i < kFields; ++i) EXPECT_EQ(nng_aio_get_output(aio, i), nullptr);
}

// --- reset, start ----------------------------------------------------------------------------------------------

TEST(Reset, ClearsResultCountAndOutputs) {
    Handle handle;
    nng_aio_finish(handle, NNG_EPROTO);
    nng_aio_wait(handle);
    fill(handle);
    nng_aio_reset(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_EQ(nng_aio_count(handle), 0u);
    expect_outputs_to_be_clear(handle);
    nng_aio_set_msg(handle, nullptr);
}

TEST(Reset, KeepsInputsAndMessage) {
    Handle handle;
    fill(handle);
    nng_aio_reset(handle);
    expect_inputs_and_message_to_be_kept(handle);
    nng_aio_set_msg(handle, nullptr);
}

TEST(Reset, KeepsTheTimeout) {
    Handle handle;
    Operation operation;
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    nng_aio_reset(handle);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(Reset, RunsNoCallback) {
    Handle handle;
    nng_aio_reset(handle);
    EXPECT_FALSE(nng_aio_busy(handle));
    EXPECT_TRUE(handle.stays_silent());
}

TEST(Reset, DoesNotLiftAStop) {
    Handle handle;
    Operation operation;
    nng_aio_stop(handle);
    nng_aio_reset(handle);
    EXPECT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ESTOPPED});
}

TEST(Start, ClearsResultCountAndOutputs) {
    Handle handle;
    Operation operation;
    nng_aio_finish(handle, NNG_EPROTO);
    nng_aio_wait(handle);
    fill(handle);
    ASSERT_TRUE(operation.start(handle));
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_EQ(nng_aio_count(handle), 0u);
    expect_outputs_to_be_clear(handle);
    operation.finish();
    nng_aio_wait(handle);
    nng_aio_set_msg(handle, nullptr);
}

TEST(Start, KeepsInputsAndMessage) {
    Handle handle;
    Operation operation;
    fill(handle);
    ASSERT_TRUE(operation.start(handle));
    expect_inputs_and_message_to_be_kept(handle);
    operation.finish();
    nng_aio_wait(handle);
    expect_inputs_and_message_to_be_kept(handle);
    nng_aio_set_msg(handle, nullptr);
}

TEST(Start, ThatIsRefusedClearsOutputsAndKeepsInputsAndMessage) {
    Handle handle;
    Operation operation;
    fill(handle);
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    ASSERT_FALSE(operation.start(handle));
    nng_aio_wait(handle);
    expect_outputs_to_be_clear(handle);
    expect_inputs_and_message_to_be_kept(handle);
    EXPECT_EQ(nng_aio_count(handle), 0u);
    nng_aio_set_msg(handle, nullptr);
}

TEST(Finish, KeepsOutputsSetBefore) {
    void* seen = nullptr;
    Handle handle([&](nng_aio* aio) { seen = nng_aio_get_output(aio, 3); });
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    ASSERT_EQ(nng_aio_set_output(handle, 3, &things[3]), NNG_OK);
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(seen, &things[3]);
    EXPECT_EQ(nng_aio_get_output(handle, 3), &things[3]);
}

TEST(Finish, KeepsOutputsOfABareFinishToo) {
    Handle handle;
    fill(handle);
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    for (unsigned i = 0; i < kFields; ++i) EXPECT_EQ(nng_aio_get_output(handle, i), &things[kFields + i]);
    expect_inputs_and_message_to_be_kept(handle);
    nng_aio_set_msg(handle, nullptr);
}

// --- msg -------------------------------------------------------------------------------------------------------

TEST(Message, IsNullAtFirstAndWhatWasSetAfterwards) {
    Handle handle;
    EXPECT_EQ(nng_aio_get_msg(handle), nullptr);
    nng_aio_set_msg(handle, message());
    EXPECT_EQ(nng_aio_get_msg(handle), message());
    nng_aio_set_msg(handle, nullptr);
    EXPECT_EQ(nng_aio_get_msg(handle), nullptr);
}

TEST(Message, IsLeftAloneWhenTheHandleIsFreed) {
    Handle handle;
    nng_aio_set_msg(handle, message());  // it is not a message, so freeing it would crash
    nng_aio_free(handle.release());
}

// --- iov -------------------------------------------------------------------------------------------------------

TEST(Iov, OfUpToEightIsAccepted) {
    Handle handle;
    char bytes[8] = {};
    nng_iov vector[8];
    for (int i = 0; i < 8; ++i) vector[i] = nng_iov{&bytes[i], 1};
    for (unsigned n = 0; n <= 8; ++n) EXPECT_EQ(nng_aio_set_iov(handle, n, vector), NNG_OK) << n;
}

TEST(Iov, OfMoreThanEightIsRefused) {
    Handle handle;
    char byte = 0;
    nng_iov vector[32];
    for (nng_iov& element : vector) element = nng_iov{&byte, 1};
    for (const unsigned n : {9u, 10u, 16u, 32u}) EXPECT_EQ(nng_aio_set_iov(handle, n, vector), NNG_EINVAL) << n;
    EXPECT_EQ(nng_aio_set_iov(handle, UINT_MAX, vector), NNG_EINVAL);
    EXPECT_EQ(nng_aio_set_iov(handle, 8, vector), NNG_OK);
}

TEST(Iov, OfNoneMayBeNull) {
    Handle handle;
    EXPECT_EQ(nng_aio_set_iov(handle, 0, nullptr), NNG_OK);
    nng_iov one{&things[0], sizeof(int)};
    EXPECT_EQ(nng_aio_set_iov(handle, 1, &one), NNG_OK);
    EXPECT_EQ(nng_aio_set_iov(handle, 0, nullptr), NNG_OK);
}

TEST(Iov, IsCopied) {
    Handle handle;
    Operation operation;
    {
        nng_iov one{&things[0], sizeof(int)};
        ASSERT_EQ(nng_aio_set_iov(handle, 1, &one), NNG_OK);
    }
    ASSERT_TRUE(operation.start(handle));  // a sanitizer would report a read of `one`
    operation.finish();
    nng_aio_wait(handle);
}

// --- input, output ---------------------------------------------------------------------------------------------

TEST(InputOutput, AreNullAtFirst) {
    const Handle handle;
    for (unsigned i = 0; i < kFields; ++i) {
        EXPECT_EQ(nng_aio_get_input(handle, i), nullptr);
        EXPECT_EQ(nng_aio_get_output(handle, i), nullptr);
    }
}

TEST(InputOutput, AreFourOfEachThatDoNotMeet) {
    Handle handle;
    fill(handle);
    for (unsigned i = 0; i < kFields; ++i) {
        EXPECT_EQ(nng_aio_get_input(handle, i), &things[i]);
        EXPECT_EQ(nng_aio_get_output(handle, i), &things[kFields + i]);
    }
    EXPECT_EQ(nng_aio_get_msg(handle), message());
    nng_aio_set_msg(handle, nullptr);
}

TEST(InputOutput, MayBeSetToNullAgain) {
    Handle handle;
    fill(handle);
    EXPECT_EQ(nng_aio_set_input(handle, 2, nullptr), NNG_OK);
    EXPECT_EQ(nng_aio_set_output(handle, 2, nullptr), NNG_OK);
    EXPECT_EQ(nng_aio_get_input(handle, 2), nullptr);
    EXPECT_EQ(nng_aio_get_output(handle, 2), nullptr);
    nng_aio_set_msg(handle, nullptr);
}

TEST(InputOutput, WithAnIndexAboveThreeIsRefusedAndChangesNothing) {
    Handle handle;
    fill(handle);
    for (const unsigned index : {4u, 5u, 8u, 255u, 65536u, UINT_MAX}) {
        EXPECT_EQ(nng_aio_set_input(handle, index, &things[7]), NNG_EINVAL) << index;
        EXPECT_EQ(nng_aio_set_output(handle, index, &things[0]), NNG_EINVAL) << index;
    }
    for (unsigned i = 0; i < kFields; ++i) {
        EXPECT_EQ(nng_aio_get_input(handle, i), &things[i]);
        EXPECT_EQ(nng_aio_get_output(handle, i), &things[kFields + i]);
    }
    nng_aio_set_msg(handle, nullptr);
}

TEST(InputOutput, WithAnIndexAboveThreeAreNull) {
    Handle handle;
    fill(handle);
    for (const unsigned index : {4u, 5u, 8u, 255u, 65536u, UINT_MAX}) {
        EXPECT_EQ(nng_aio_get_input(handle, index), nullptr) << index;
        EXPECT_EQ(nng_aio_get_output(handle, index), nullptr) << index;
    }
    nng_aio_set_msg(handle, nullptr);
}

TEST(InputOutput, OfOneHandleAreNotThoseOfAnother) {
    Handle first;
    Handle second;
    ASSERT_EQ(nng_aio_set_input(first, 0, &things[0]), NNG_OK);
    EXPECT_EQ(nng_aio_get_input(second, 0), nullptr);
}

}  // namespace
}  // namespace conformance
