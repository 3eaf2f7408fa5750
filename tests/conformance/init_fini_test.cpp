// Tests what <nng/nng.h> promises about nng_init and nng_fini: that the library counts them, and that the first use of
// the library initialises it.
#include "init_fini.h"

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <thread>
#include <vector>

#include "support/few_descriptors.h"
#include "support/handle.h"
#include "support/library.h"

namespace conformance {
namespace {

using namespace support;

using FirstUse = InitFini;

// --- counted --------------------------------------------------------------------------------------------------

TEST_F(InitFini, StartTheLibraryAndEndIt) {
    expect_down();
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    EXPECT_FALSE(library_threads("").empty());
    expect_up();
    expect_to_work();
    nng_fini();
    expect_down();
}

TEST_F(InitFini, AreCounted) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    nng_fini();
    nng_fini();
    expect_up();
    expect_to_work();
    nng_fini();
    expect_down();
}

TEST_F(InitFini, ThatIsNotTheLastLeavesOperationsAlone) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Handle handle;
    Operation operation;
    ASSERT_TRUE(operation.start(handle));
    nng_fini();
    EXPECT_TRUE(operation.stays_uncancelled());
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST_F(InitFini, MayBeRepeated) {
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
        expect_to_work();
        nng_fini();
    }
    expect_down();
}

TEST_F(InitFini, WithoutInitDoesNothing) {
    nng_fini();
    nng_fini();
    nng_fini();
    ASSERT_EQ(nng_init(nullptr), NNG_OK);  // the count is 1, not -2
    expect_up();
    expect_to_work();
    nng_fini();
    expect_down();
    nng_fini();
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    expect_to_work();
}

TEST_F(InitFini, InACallbackMayCountOneMoreUser) {
    Handle handle([](nng_aio*) { EXPECT_EQ(nng_init(nullptr), NNG_OK); });
    nng_aio_finish(handle, NNG_OK);
    nng_aio_wait(handle);
    nng_fini();
    expect_up();
    nng_fini();
    expect_down();
}

TEST_F(InitFini, OfManyThreadsAtOnceAreCounted) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([] {
            for (int i = 0; i < 25; ++i) {
                ASSERT_EQ(nng_init(nullptr), NNG_OK);
                {
                    Handle handle;
                    nng_sleep_aio(0, handle);
                    nng_aio_wait(handle);
                    ASSERT_EQ(handle.results(), Results{NNG_OK});
                }
                nng_fini();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    expect_down();
}

TEST_F(InitFini, WithoutDescriptorsSaySoAndFailCleanly) {
    // Uses each type once before the descriptors are limited, because UndefinedBehaviorSanitizer opens a pipe when it
    // checks a type for the first time.
    EXPECT_EQ(nng_init(nullptr), NNG_OK);
    expect_to_work();
    nng_fini();
    unsigned failures = 0;
    for (nng_err result = NNG_ENOFILES; result != NNG_OK && failures < 100; ++failures) {
        {
            const FewDescriptors few(failures);
            result = nng_init(nullptr);
        }
        if (result == NNG_OK) {
            expect_to_work();
            nng_fini();
        } else {
            EXPECT_EQ(result, NNG_ENOFILES);
        }
        expect_down();
    }
    EXPECT_GT(failures, 1u);
    EXPECT_LT(failures, 100u);
}

// --- first use ------------------------------------------------------------------------------------------------

TEST_F(FirstUse, InitialisesTheLibraryWithDefaults) {
    expect_to_work();
    expect_up();
    nng_fini();
    expect_down();
}

TEST_F(FirstUse, CountsAsOneInit) {
    expect_to_work();
    expect_to_work();  // the second use does not count as another init
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    nng_fini();
    expect_up();
    nng_fini();
    expect_down();
}

TEST_F(FirstUse, AfterAnInitIsNotCounted) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    expect_to_work();
    nng_fini();
    expect_down();
}

TEST_F(FirstUse, MayComeAgainAfterTheLastFini) {
    for (int i = 0; i < 3; ++i) {
        expect_to_work();
        expect_up();
        nng_fini();
        expect_down();
    }
}

TEST_F(FirstUse, ByManyThreadsAtOnceCountsAsOneInit) {
    for (int i = 0; i < 10; ++i) {
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) threads.emplace_back([] { expect_to_work(); });
        for (std::thread& thread : threads) thread.join();
        nng_fini();
        expect_down();
    }
}

}  // namespace
}  // namespace conformance
