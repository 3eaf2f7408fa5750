// What the functions of NNG 1 return while the last nng_fini ends the operations.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include "handle.h"

namespace {

// NNG 1 has no NNG_ESTOPPED.
TEST(LastFini, RefusesToListenWithACodeOfNng1) {
    nng_stream_listener* listener = nullptr;
    ASSERT_EQ(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"), 0);
    int error = 0;
    {
        Handle sleeping([&] { error = nng_stream_listener_listen(listener); });
        nng_sleep_aio(NNG_DURATION_INFINITE, sleeping);
        nng_fini();
    }
    EXPECT_EQ(error, NNG_ECLOSED);
    nng_stream_listener_free(listener);
}

}  // namespace
