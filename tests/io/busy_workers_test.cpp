// Tests waits while every worker runs a callback. Each callback waits for an operation on a handle without a callback;
// such an operation needs no worker.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>
#include <unistd.h>

#include <array>
#include <barrier>
#include <functional>
#include <utility>

#include "support/event.h"
#include "support/library.h"
#include "support/stream_pair.h"

namespace naio {
namespace {

using namespace support;

constexpr int kWorkers = 2;

class BusyWorkers : public testing::Test {
  protected:
    // Runs `what` in as many callbacks at once as there are workers.
    void in_all_workers(std::function<void(const StreamPair&)> what) {
        what_ = std::move(what);
        std::array<Callback, kWorkers> callbacks;
        for (Callback& each : callbacks) {
            each.test = this;
            EXPECT_EQ(nng_aio_alloc(&each.aio, run, &each), NNG_OK);
            nng_sleep_aio(1, each.aio);
        }
        ASSERT_TRUE(ended_.wait(kWorkers));
        for (const Callback& each : callbacks) nng_aio_free(each.aio);
    }

  private:
    struct Callback {
        BusyWorkers* test = nullptr;
        nng_aio* aio = nullptr;
        StreamPair streams;
    };

    static void run(void* self) {
        auto& callback = *static_cast<Callback*>(self);
        callback.test->all_are_busy_.arrive_and_wait();
        callback.test->what_(callback.streams);
        callback.test->ended_.set();
    }

    const Restarted library_{two_workers()};
    std::function<void(const StreamPair&)> what_;
    std::barrier<> all_are_busy_{kWorkers};
    Event ended_;
};

TEST_F(BusyWorkers, MayStopAReceive) {
    in_all_workers([](const StreamPair& streams) {
        const OneByte receiving;
        nng_stream_recv(streams.near(), receiving);
        nng_aio_stop(receiving);
        EXPECT_EQ(nng_aio_result(receiving), NNG_ESTOPPED);
    });
}

TEST_F(BusyWorkers, MayWaitForATimeout) {
    in_all_workers([](const StreamPair& streams) {
        const OneByte receiving;
        nng_aio_set_timeout(receiving, 20);
        nng_stream_recv(streams.near(), receiving);
        EXPECT_EQ(receiving.wait(), NNG_ETIMEDOUT);
    });
}

TEST_F(BusyWorkers, MayWaitForWhatComes) {
    in_all_workers([](const StreamPair& streams) {
        const OneByte receiving, sending;
        nng_stream_recv(streams.near(), receiving);
        nng_stream_send(streams.far(), sending);
        EXPECT_EQ(sending.wait(), NNG_OK);
        EXPECT_EQ(receiving.wait(), NNG_OK);
    });
}

TEST_F(BusyWorkers, MayWaitForAName) {
    in_all_workers([](const StreamPair&) {
        const OneByte looking;
        nng_sockaddr found{};
        naio_resolve("localhost", "80", NNG_AF_UNSPEC, 0, &found, 1, looking);
        EXPECT_EQ(looking.wait(), NNG_OK);
    });
}

TEST_F(BusyWorkers, MayListenAtAName) {
    in_all_workers([](const StreamPair&) {
        nng_stream_listener* listener = nullptr;
        EXPECT_EQ(nng_stream_listener_alloc(&listener, "tcp://localhost:0"), NNG_OK);
        EXPECT_EQ(nng_stream_listener_listen(listener), NNG_OK);
        nng_stream_listener_free(listener);
    });
}

TEST_F(BusyWorkers, MayWaitForAFile) {
    in_all_workers([](const StreamPair&) {
        const OneByte handle;
        naio_file_open("/dev/null", NAIO_FILE_WRITE, 0, handle);
        EXPECT_EQ(handle.wait(), NNG_OK);
        auto* const file = static_cast<naio_file*>(nng_aio_get_output(handle, 0));
        naio_file_write(file, handle);
        EXPECT_EQ(handle.wait(), NNG_OK);
        naio_file_close(file, handle);
        EXPECT_EQ(handle.wait(), NNG_OK);
    });
}

TEST_F(BusyWorkers, MayWaitForADescriptorThatIsHandedOver) {
    in_all_workers([](const StreamPair&) {
        nng_stream_listener* listener = nullptr;
        EXPECT_EQ(nng_stream_listener_alloc(&listener, "socket://"), NNG_OK);
        const OneByte first, second;
        nng_stream_listener_accept(listener, first);
        nng_stream_listener_accept(listener, second);
        std::array<int, 2> ends{};
        EXPECT_EQ(nng_socket_pair(ends.data()), NNG_OK);
        EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, ends[0]), NNG_OK);
        EXPECT_EQ(first.wait(), NNG_OK);
        nng_stream_listener_close(listener);
        EXPECT_EQ(second.wait(), NNG_ECLOSED);
        nng_stream_free(static_cast<nng_stream*>(nng_aio_get_output(first, 0)));
        nng_stream_listener_free(listener);
        ::close(ends[1]);
    });
}

}  // namespace
}  // namespace naio
