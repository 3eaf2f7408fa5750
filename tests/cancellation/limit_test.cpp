// Tests limits around an operation: the earliest deadline counts, whichever function has set it, and in whatever order
// the functions were called.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "support/handle.h"
#include "support/library.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

constexpr nng_duration kShort = 5;
constexpr nng_duration kLong = 3'600'000;

nng_time from_now(nng_duration duration) { return nng_clock() + static_cast<nng_time>(duration); }

// Expects that the operation times out by itself long before kLong.
void expect_to_time_out(Handle& handle) {
    EXPECT_TRUE(naio_aio_wait_until(handle, from_now(60'000)));
    nng_aio_cancel(handle);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ETIMEDOUT);
}

// Starts an operation with a limit of about this duration, and returns the limit. If the limit has passed before the
// start, because this thread did not run, tries again with a longer one.
nng_time start_limited(TypedOperation& operation, Handle& handle, nng_duration duration, naio_cancel guarantee) {
    for (;; duration *= 2) {
        const nng_time limit = from_now(duration);
        naio_aio_limit(handle, limit);
        if (operation.start(handle, guarantee)) return limit;
        nng_aio_wait(handle);
    }
}

// Expects that the next operation has no deadline: it is neither refused nor ended.
void expect_to_be_unlimited(Handle& handle) {
    TypedOperation operation;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(operation.stays_unasked());
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
}

TEST(Limit, EndsTheOperationAtThatTimeNotBefore) {
    Handle handle;
    TypedOperation operation;
    const nng_time deadline = start_limited(operation, handle, 20, kTotal);
    expect_to_time_out(handle);
    EXPECT_GE(nng_clock(), deadline);
    EXPECT_EQ(operation.calls(), Calls({{kTotal | kPartial | kTerminal, NNG_ETIMEDOUT}}));
    EXPECT_EQ(naio_aio_outcome(handle), kTotal);
}

TEST(Limit, InThePastEndsTheOperationAtItsStart) {
    Handle handle;
    TypedOperation operation;
    naio_aio_limit(handle, 1);
    EXPECT_FALSE(operation.start(handle, kTotal));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_ETIMEDOUT});
}

TEST(Limit, InTheFarFutureIsNone) {
    Handle handle;
    naio_aio_limit(handle, ~nng_time{0});
    expect_to_be_unlimited(handle);
}

// The functions that set a deadline. Each gets a duration, and sets the deadline that lies this duration after now.
using Setter = std::function<void(nng_aio*, nng_duration)>;

const std::array<Setter, 3> kSetters = {
    [](nng_aio* aio, nng_duration in) { nng_aio_set_timeout(aio, in); },
    [](nng_aio* aio, nng_duration in) { nng_aio_set_expire(aio, from_now(in)); },
    [](nng_aio* aio, nng_duration in) { naio_aio_limit(aio, from_now(in)); },
};

TEST(Limit, IsTheEarliestOfAllInWhateverOrder) {
    for (const Setter& other : kSetters) {
        const std::vector<std::pair<nng_duration, nng_duration>> pairs = {{kShort, kLong}, {kLong, kShort}};
        for (const auto& [limit, others] : pairs) {
            Handle handle;
            naio_aio_limit(handle, from_now(limit));
            other(handle, others);
            nng_sleep_aio(NNG_DURATION_INFINITE, handle);
            expect_to_time_out(handle);

            other(handle, others);
            naio_aio_limit(handle, from_now(limit));
            nng_sleep_aio(NNG_DURATION_INFINITE, handle);
            expect_to_time_out(handle);
        }
    }
}

TEST(Limit, IsNotLiftedByATimeoutThatIsTakenAway) {
    Handle handle;
    naio_aio_limit(handle, from_now(kShort));
    nng_aio_set_timeout(handle, NNG_DURATION_INFINITE);
    nng_sleep_aio(NNG_DURATION_INFINITE, handle);
    expect_to_time_out(handle);
}

TEST(Limit, LeavesTheRuleBetweenTimeoutAndExpiryAlone) {
    Handle handle;
    naio_aio_limit(handle, from_now(kLong));
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    nng_aio_set_expire(handle, from_now(kLong));  // the later one of these two calls counts
    TypedOperation operation;
    ASSERT_TRUE(operation.start(handle, kTotal));
    EXPECT_TRUE(operation.stays_unasked());
    operation.finish();
    nng_aio_wait(handle);
}

TEST(Limit, EarlierThanTheEndOfASleepTimesItOut) {
    Handle handle;
    naio_aio_limit(handle, from_now(kShort));
    nng_sleep_aio(kLong, handle);
    expect_to_time_out(handle);
}

TEST(Limit, LaterThanTheEndOfASleepLetsItSucceed) {
    Handle handle;
    naio_aio_limit(handle, from_now(kLong));
    nng_sleep_aio(1, handle);
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), Results{NNG_OK});
}

TEST(Limit, AsksForTheTimeoutsTypes) {
    TypedOperation operation;
    Handle handle, later;
    naio_aio_set_timeout_types(handle, kTotal);
    const nng_time limit = start_limited(operation, handle, 1, kTerminal);
    nng_aio_set_expire(later, limit + 2);
    nng_sleep_aio(NNG_DURATION_INFINITE, later);
    nng_aio_wait(later);  // the timer has examined all entries for earlier times
    EXPECT_TRUE(operation.stays_unasked());
    EXPECT_EQ(operation.permit(kTotal), kTotal);  // the timeout's request is sticky
    nng_aio_wait(handle);
    EXPECT_EQ(operation.calls(), Calls({{kTotal, NNG_ETIMEDOUT}}));
}

TEST(Limit, IsForOneOperationHoweverThatEnds) {
    const std::vector<std::function<void(nng_aio*)>> operations = {
        [](nng_aio* aio) { nng_sleep_aio(NNG_DURATION_INFINITE, aio); },  // the limit ends this sleep
        [](nng_aio* aio) { nng_sleep_aio(0, aio); },
        [](nng_aio* aio) { nng_aio_finish(aio, NNG_ECLOSED); },
        [](nng_aio* aio) {
            if (nng_aio_start(aio, nullptr, nullptr)) nng_aio_finish(aio, NNG_OK);
        },
    };
    for (const auto& operation : operations) {
        for (const nng_duration limit : {0, 2}) {
            Handle handle;
            naio_aio_limit(handle, from_now(limit));
            operation(handle);
            nng_aio_wait(handle);
            expect_to_be_unlimited(handle);
        }
    }
}

TEST(Limit, SetInFlightIsForTheNextOperation) {
    Handle handle;
    TypedOperation operation;
    ASSERT_TRUE(operation.start(handle, kTotal));
    naio_aio_limit(handle, 1);
    EXPECT_TRUE(operation.stays_unasked());
    operation.finish();
    nng_aio_wait(handle);
    EXPECT_FALSE(operation.start(handle, kTotal));
    nng_aio_wait(handle);
    EXPECT_EQ(handle.results(), (Results{NNG_OK, NNG_ETIMEDOUT}));
}

// Operations that the library refuses or ends at once, each for another reason.
const std::vector<std::function<void(nng_aio*)>> kRefused = {
    [](nng_aio* aio) {
        naio_group* group = nullptr;
        ASSERT_EQ(naio_group_alloc(&group, 1), NNG_OK);
        EXPECT_FALSE(naio_group_start(group, aio, 2, 0, kAll));
        nng_aio_wait(aio);
        EXPECT_FALSE(naio_group_start(group, aio, 1, 0x80, kAll));
        nng_aio_wait(aio);
        naio_group_free(group);
    },
    [](nng_aio* aio) { naio_file_open("/", 0, 0, aio); },
    [](nng_aio* aio) { naio_resolve("localhost", nullptr, -1, 0, nullptr, 0, aio); },
    [](nng_aio* aio) {
        nng_stream_listener* listener = nullptr;
        ASSERT_EQ(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"), NNG_OK);
        nng_stream_listener_accept(listener, aio);  // the listener does not listen
        nng_aio_wait(aio);
        nng_stream_listener_free(listener);
    },
    [](nng_aio* aio) {
        nng_stream_dialer* dialer = nullptr;
        ASSERT_EQ(nng_stream_dialer_alloc(&dialer, "tcp://127.0.0.1:1"), NNG_OK);
        nng_stream_dialer_close(dialer);
        nng_stream_dialer_dial(dialer, aio);
        nng_aio_wait(aio);
        nng_stream_dialer_free(dialer);
    },
    [](nng_aio* aio) {
        if (nng_aio_start(aio, nullptr, nullptr)) nng_aio_finish(aio, NNG_OK);
    },
    [](nng_aio* aio) { nng_sleep_aio(0, aio); },
};

void expect_to_forget_deadlines(const std::function<void(nng_aio*)>& refused, naio_slot* scope) {
    for (const bool expire : {true, false}) {
        Handle handle;
        naio_aio_bind_slot(handle, scope, kAll);
        if (expire)
            nng_aio_set_expire(handle, 1);
        else
            naio_aio_limit(handle, 1);
        refused(handle);
        nng_aio_wait(handle);
        naio_aio_bind_slot(handle, nullptr, kAll);
        expect_to_be_unlimited(handle);
    }
}

TEST(Deadlines, AreForOneOperationAlsoIfThatIsRefused) {
    for (const auto& refused : kRefused) expect_to_forget_deadlines(refused, nullptr);
}

TEST(Deadlines, AreForOneOperationAlsoIfItsScopeRefusesIt) {
    naio_signal* scope = nullptr;
    ASSERT_EQ(naio_signal_alloc(&scope, NAIO_SIGNAL_SCOPE), NNG_OK);
    naio_signal_emit(scope, kAll);
    for (const auto& refused : kRefused) expect_to_forget_deadlines(refused, naio_signal_slot(scope));
    naio_signal_free(scope);
}

// A handle that was closed by the last fini is open again after the next init.
TEST(Deadlines, AreForOneOperationAlsoIfTheLibraryRefusesIt) {
    for (const bool expire : {true, false}) {
        Handle handle([expire](nng_aio* aio) {
            if (nng_aio_result(aio) != NNG_ESTOPPED) return;
            if (expire)
                nng_aio_set_expire(aio, 1);
            else
                naio_aio_limit(aio, 1);
            nng_sleep_aio(NNG_DURATION_INFINITE, aio);  // refused, without another callback
        });
        nng_sleep_aio(NNG_DURATION_INFINITE, handle);
        bring_library_down();
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
        expect_to_be_unlimited(handle);
    }
}

void sleep_endlessly(naio_op* op, void* limit, nng_err result, size_t) {
    if (result != NNG_OK) return naio_op_finish(op, result, 0);
    naio_aio_limit(naio_op_child(op), from_now(*static_cast<nng_duration*>(limit)));
    nng_sleep_aio(NNG_DURATION_INFINITE, naio_op_child(op));
}

TEST(Limit, AroundAComposedOperationHoldsForTheOneInside) {
    for (auto [outer, inner] : {std::pair{kShort, kLong}, std::pair{kLong, kShort}}) {
        Handle handle;
        naio_aio_limit(handle, from_now(outer));
        ASSERT_EQ(naio_compose(handle, kTotal, sleep_endlessly, nullptr, &inner), NNG_OK);
        expect_to_time_out(handle);
    }
}

}  // namespace
}  // namespace cancellation
