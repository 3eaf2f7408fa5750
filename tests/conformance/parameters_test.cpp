// Tests what <nng/nng.h> promises about the parameters of nng_init.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "init_fini.h"
#include "support/library.h"

namespace conformance {
namespace {

using namespace support;

using Params = InitFini;

TEST_F(Params, OnAnInitialisedLibraryAreRefusedAndNotCounted) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    nng_init_params params{};
    params.num_task_threads = 7;
    EXPECT_EQ(nng_init(&params), NNG_EBUSY);
    EXPECT_EQ(nng_init(&params), NNG_EBUSY);
    nng_fini();
    expect_down();
}

TEST_F(Params, MayBeGivenAgainAfterTheLastFini) {
    const nng_init_params params = two_workers();
    ASSERT_EQ(nng_init(&params), NNG_OK);
    nng_fini();
    EXPECT_EQ(nng_init(&params), NNG_OK);
    EXPECT_EQ(settled_threads(2, "naio:task"), 2u);
}

std::size_t task_threads_for(std::int16_t num, std::int16_t max, std::size_t expected) {
    nng_init_params params{};
    params.num_task_threads = num;
    params.max_task_threads = max;
    const Restarted library(params);
    EXPECT_EQ(library.result(), NNG_OK);
    return settled_threads(expected, "naio:task");
}

TEST_F(Params, FixTheNumberOfTaskThreads) {
    EXPECT_EQ(task_threads_for(3, 0, 3), 3u);
    EXPECT_EQ(task_threads_for(5, 8, 5), 5u);
}

TEST_F(Params, OfFewerThanTwoTaskThreadsMakeTwo) {
    EXPECT_EQ(task_threads_for(1, 0, 2), 2u);
    EXPECT_EQ(task_threads_for(-7, 0, 2), 2u);
    EXPECT_EQ(task_threads_for(8, 1, 2), 2u);
    EXPECT_EQ(task_threads_for(INT16_MIN, INT16_MIN, 2), 2u);
}

TEST_F(Params, OfMoreTaskThreadsThanTheMaximumMakeTheMaximum) {
    EXPECT_EQ(task_threads_for(9, 4, 4), 4u);
    EXPECT_EQ(task_threads_for(INT16_MAX, 3, 3), 3u);
}

TEST_F(Params, LimitTheTaskThreadsTo128WithoutAMaximum) {
    EXPECT_EQ(task_threads_for(40, 0, 40), 40u);
    EXPECT_EQ(task_threads_for(INT16_MAX, 0, 128), 128u);
}

TEST_F(Params, LiftTheLimitWithAMaximumOfMinusOne) {
    EXPECT_EQ(task_threads_for(140, -1, 140), 140u);
    EXPECT_EQ(task_threads_for(20, 24, 20), 20u);
}

TEST_F(Params, OfNoneMakeOneTaskThreadUntilMoreAreNeeded) {
    EXPECT_EQ(task_threads_for(0, 0, 1), 1u);
    EXPECT_EQ(task_threads_for(0, 5, 1), 1u);
    EXPECT_EQ(task_threads_for(0, -1, 1), 1u);
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    EXPECT_EQ(settled_threads(1, "naio:task"), 1u);
}

TEST_F(Params, OutOfRangeAreAcceptedEverywhere) {
    nng_init_params params{};
    params.num_task_threads = INT16_MIN;
    params.max_task_threads = INT16_MIN;
    params.num_expire_threads = INT16_MIN;
    params.max_expire_threads = INT16_MIN;
    params.num_poller_threads = INT16_MIN;
    params.max_poller_threads = INT16_MIN;
    params.num_resolver_threads = INT16_MIN;
    {
        const Restarted library(params);
        EXPECT_EQ(library.result(), NNG_OK);
        expect_to_work();
    }
    params.num_task_threads = INT16_MAX;
    params.max_task_threads = 1;
    params.num_expire_threads = INT16_MAX;
    params.max_expire_threads = 1;
    params.num_poller_threads = INT16_MAX;
    params.max_poller_threads = 1;
    params.num_resolver_threads = INT16_MAX;
    const Restarted library(params);
    EXPECT_EQ(library.result(), NNG_OK);
    expect_to_work();
}

TEST_F(Params, WithAPartialAllocatorTripleAreInvalid) {
    const auto release = [](void* block, std::size_t) { std::free(block); };
    for (int given = 1; given < 7; ++given) {  // every subset except the empty and the full one
        nng_init_params params{};
        if ((given & 1) != 0) params.malloc_fn = std::malloc;
        if ((given & 2) != 0) params.calloc_fn = std::calloc;
        if ((given & 4) != 0) params.free_fn = release;
        EXPECT_EQ(nng_init(&params), NNG_EINVAL) << given;
        expect_down();
    }
    nng_init_params all{};
    all.malloc_fn = std::malloc;
    all.calloc_fn = std::calloc;
    all.free_fn = release;
    ASSERT_EQ(nng_init(&all), NNG_OK);
    expect_to_work();
    nng_fini();
    expect_down();
}

}  // namespace
}  // namespace conformance
