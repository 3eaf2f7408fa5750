// Tests that start and end the library themselves.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include "handle.h"
#include "library.h"
#include "operation.h"

namespace conformance {

// Every test begins and ends with the library down.
class InitFini : public testing::Test {
  protected:
    InitFini() { bring_library_down(); }
    ~InitFini() override { bring_library_down(); }

    static void expect_up() {
        const nng_init_params params{};
        EXPECT_EQ(nng_init(&params), NNG_EBUSY);
    }
    static void expect_down() { EXPECT_EQ(settled_threads(0), 0u); }

    static void expect_to_work() {
        Handle handle;
        Operation operation;
        ASSERT_TRUE(operation.start(handle));
        operation.finish();
        nng_aio_wait(handle);
        nng_sleep_aio(1, handle);
        nng_aio_wait(handle);
        EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_OK}));
    }
};

}  // namespace conformance
