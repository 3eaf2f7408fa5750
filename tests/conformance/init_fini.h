// The base class of tests that start and end the library themselves.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include "support/handle.h"
#include "support/library.h"
#include "support/operation.h"

namespace conformance {

// Every test begins and ends with the library down.
class InitFini : public testing::Test {
  protected:
    InitFini() { support::bring_library_down(); }
    ~InitFini() override { support::bring_library_down(); }

    static void expect_up() {
        const nng_init_params params{};
        EXPECT_EQ(nng_init(&params), NNG_EBUSY);
    }
    static void expect_down() { EXPECT_EQ(support::settled_threads(0), 0u); }

    static void expect_to_work() {
        support::Handle handle;
        support::Operation operation;
        ASSERT_TRUE(operation.start(handle));
        operation.finish();
        nng_aio_wait(handle);
        nng_sleep_aio(1, handle);
        nng_aio_wait(handle);
        EXPECT_EQ(handle.results(), (support::Results{NNG_OK, NNG_OK}));
    }
};

}  // namespace conformance
