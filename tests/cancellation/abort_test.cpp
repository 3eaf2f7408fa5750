// Tests nng_aio_abort with NNG_OK: the library's own operations end with NNG_ECANCELED. The cancel function of an
// operation that naio_aio_start has started gets the reason NNG_ECANCELED.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <array>

#include "support/handle.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

void expect_canceled(Handle& handle) {
    EXPECT_TRUE(nng_aio_busy(handle));
    nng_aio_abort(handle, NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(handle), kTotal);
}

TEST(AbortWithSuccess, CancelsASleep) {
    Handle handle;
    nng_sleep_aio(NNG_DURATION_INFINITE, handle);
    expect_canceled(handle);
    nng_aio_set_timeout(handle, 60'000);
    nng_sleep_aio(50'000, handle);
    expect_canceled(handle);
    nng_sleep_aio(1, handle);  // a sleep that ends by itself succeeds
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_EQ(naio_aio_outcome(handle), kNone);
}

TEST(AbortWithSuccess, CancelsAComposedOperation) {
    Handle handle;
    const auto step = [](naio_op* op, void* arg, nng_err result, size_t) {
        if (++*static_cast<int*>(arg) > 1) return naio_op_finish(op, result, 0);
        nng_sleep_aio(NNG_DURATION_INFINITE, naio_op_child(op));
    };
    int steps = 0;
    ASSERT_EQ(naio_compose(handle, kTotal, step, nullptr, &steps), NNG_OK);
    expect_canceled(handle);
}

TEST(AbortWithSuccess, CancelsAGroup) {
    naio_group* group = nullptr;
    ASSERT_EQ(naio_group_alloc(&group, 2), NNG_OK);
    Handle handle;
    ASSERT_TRUE(naio_group_start(group, handle, 1, 0, kAll));
    for (unsigned i = 0; i < 2; ++i) nng_sleep_aio(NNG_DURATION_INFINITE, naio_group_aio(group, i));
    naio_group_seal(group);
    expect_canceled(handle);
    for (unsigned i = 0; i < 2; ++i) EXPECT_EQ(nng_aio_result(naio_group_aio(group, i)), NNG_ECANCELED);
    naio_group_free(group);
}

TEST(AbortWithSuccess, CancelsAMemberOfAGroup) {
    naio_group* group = nullptr;
    ASSERT_EQ(naio_group_alloc(&group, 1), NNG_OK);
    Handle handle;
    ASSERT_TRUE(naio_group_start(group, handle, 1, 0, kAll));
    nng_sleep_aio(NNG_DURATION_INFINITE, naio_group_aio(group, 0));
    naio_group_seal(group);
    nng_aio_abort(naio_group_aio(group, 0), NNG_OK);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(naio_group_aio(group, 0)), NNG_ECANCELED);
    naio_group_free(group);
}

TEST(AbortWithSuccess, IsPassedOnAsACancel) {
    const auto forwards = [](nng_aio* aio, void*, naio_cancel types, nng_err) {
        return naio_aio_forward(aio, types, NNG_OK);
    };
    Handle outer;
    Handle inner;
    naio_aio_bind_slot(inner, naio_aio_slot(outer), kAll);
    ASSERT_TRUE(naio_aio_start(outer, kTotal, forwards, nullptr, nullptr));
    nng_sleep_aio(NNG_DURATION_INFINITE, inner);
    nng_aio_abort(outer, NNG_OK);
    nng_aio_wait(inner);
    EXPECT_EQ(nng_aio_result(inner), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_reason(outer), NNG_ECANCELED);
    nng_sleep_aio(NNG_DURATION_INFINITE, inner);  // refused, because the slot remembers the request
    nng_aio_wait(inner);
    EXPECT_EQ(nng_aio_result(inner), NNG_ECANCELED);
    naio_aio_finish(outer, NNG_OK, 0);
}

TEST(AbortWithSuccess, CancelsAnAccept) {
    nng_stream_listener* listener = nullptr;
    ASSERT_EQ(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"), NNG_OK);
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    {
        Handle handle;
        nng_stream_listener_accept(listener, handle);
        expect_canceled(handle);
    }
    nng_stream_listener_free(listener);
}

TEST(AbortWithSuccess, CancelsADatagramsReceive) {
    nng_sockaddr address{};
    address.s_in.sa_family = NNG_AF_INET;
    nng_udp* udp = nullptr;
    ASSERT_EQ(nng_udp_open(&udp, &address), NNG_OK);
    {
        std::array<char, 8> memory{};
        const nng_iov iov{memory.data(), memory.size()};
        Handle handle;
        ASSERT_EQ(nng_aio_set_iov(handle, 1, &iov), NNG_OK);
        nng_udp_recv(udp, handle);
        expect_canceled(handle);
    }
    nng_udp_close(udp);
}

TEST(AbortWithSuccess, CancelsAnOperationOfNaioAioStart) {
    TypedOperation operation;
    Handle handle;
    ASSERT_TRUE(operation.start(handle, kTotal));
    expect_canceled(handle);
    EXPECT_EQ(operation.calls(), Calls({{kAll & 7u, NNG_ECANCELED}}));
}

}  // namespace
}  // namespace cancellation
