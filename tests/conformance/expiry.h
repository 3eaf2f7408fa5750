// Functions that start an operation and expect it to expire, or not to expire.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include "support/handle.h"
#include "support/operation.h"

namespace conformance {

// A duration that is longer than any test.
inline constexpr nng_duration kLong = 3'600'000;

// Starts an operation that no provider finishes, and expects the library to end it with NNG_ETIMEDOUT.
inline void expect_to_expire(support::Handle& handle, support::Operation& operation) {
    const int callbacks = handle.callbacks();
    ASSERT_TRUE(operation.start(handle));
    nng_aio_wait(handle);
    EXPECT_EQ(operation.reason(), NNG_ETIMEDOUT);
    EXPECT_EQ(nng_aio_result(handle), NNG_ETIMEDOUT);
    EXPECT_EQ(handle.callbacks(), callbacks + 1);
}

// Starts an operation, watches for a short while that it does not expire, and finishes it.
inline void expect_not_to_expire(support::Handle& handle, support::Operation& operation) {
    ASSERT_TRUE(operation.start(handle));
    EXPECT_TRUE(operation.stays_uncancelled());
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
}

}  // namespace conformance
