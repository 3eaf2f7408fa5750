// Tests the functions of the library that wait (naio.h lists them). The callers are threads that the awaited operation
// may need: a thread that runs a completion queue, and all workers at once, in callbacks. The tests of nng_fini are in
// last_fini_test.cpp and queue_test.cpp.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <barrier>
#include <cstdlib>
#include <functional>
#include <ostream>
#include <string>
#include <thread>

#include "fake_names.h"
#include "io/system_calls.h"
#include "runtime/runtime.h"
#include "support/event.h"
#include "support/library.h"
#include "support/stream_pair.h"
#include "support/typed_operation.h"

namespace naio {
namespace {

using namespace support;

// A handle in `queue`, or in no queue if `queue` is nullptr, with a callback or without.
class InQueue {
  public:
    explicit InQueue(naio_queue* queue, void (*callback)(void*) = nullptr, void* argument = nullptr) {
        EXPECT_EQ(nng_aio_alloc(&aio_, callback, argument), NNG_OK);
        if (queue != nullptr) naio_aio_set_queue(aio_, queue);
        const nng_iov vector{&byte_, 1};
        EXPECT_EQ(nng_aio_set_iov(aio_, 1, &vector), NNG_OK);
    }
    ~InQueue() { nng_aio_free(aio_); }
    InQueue(const InQueue&) = delete;
    InQueue& operator=(const InQueue&) = delete;
    operator nng_aio*() const { return aio_; }

  private:
    nng_aio* aio_ = nullptr;
    char byte_ = 0;
};

// A call of a function that waits, with an object to wait for. The handles that it uses are in the queue that is the
// argument of `call`, or in no queue if the argument is nullptr.
struct Wait {
    const char* name;
    std::function<void(naio_queue*)> call;
    friend std::ostream& operator<<(std::ostream& out, const Wait& wait) { return out << wait.name; }
};

// ---- functions that end the operations in flight on an object

void end_dial(naio_queue* queue, void (*end)(nng_stream_dialer*)) {
    nng_stream_dialer* dialer = nullptr;
    ASSERT_EQ(nng_stream_dialer_alloc(&dialer, "tcp://hang:1"), NNG_OK);
    // Outside of a queue the handle has no callback, because a callback would need a worker.
    const InQueue dial(queue, queue != nullptr ? [](void*) {} : static_cast<void (*)(void*)>(nullptr));
    nng_stream_dialer_dial(dialer, dial);
    end(dialer);
    nng_aio_wait(dial);
    EXPECT_EQ(nng_aio_result(dial), NNG_ECLOSED);
}

void end_accept(naio_queue* queue, void (*end)(nng_stream_listener*)) {
    nng_stream_listener* listener = nullptr;
    ASSERT_EQ(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"), NNG_OK);
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    const InQueue accept(queue);
    nng_stream_listener_accept(listener, accept);
    end(listener);
    nng_aio_wait(accept);
    EXPECT_EQ(nng_aio_result(accept), NNG_ECLOSED);
}

void end_datagram(naio_queue* queue, void (*end)(nng_udp*)) {
    nng_sockaddr address{};
    address.s_in.sa_family = NNG_AF_INET;
    nng_udp* udp = nullptr;
    ASSERT_EQ(nng_udp_open(&udp, &address), NNG_OK);
    const InQueue receive(queue);
    nng_udp_recv(udp, receive);
    end(udp);
    nng_aio_wait(receive);
    EXPECT_EQ(nng_aio_result(receive), NNG_ECLOSED);
}

void end_receive(naio_queue* queue) {
    std::array<int, 2> ends{};
    ASSERT_EQ(nng_socket_pair(ends.data()), NNG_OK);
    nng_stream_listener* listener = nullptr;
    ASSERT_EQ(nng_stream_listener_alloc(&listener, "socket://"), NNG_OK);
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, ends[0]), NNG_OK);
    const OneByte accept;
    nng_stream_listener_accept(listener, accept);
    ASSERT_EQ(accept.wait(), NNG_OK);
    auto* const stream = static_cast<nng_stream*>(nng_aio_get_output(accept, 0));
    const InQueue receive(queue);
    nng_stream_recv(stream, receive);
    nng_stream_stop(stream);
    nng_aio_wait(receive);
    EXPECT_EQ(nng_aio_result(receive), NNG_ECLOSED);
    nng_stream_free(stream);
    nng_stream_listener_free(listener);
    ::close(ends[1]);
}

void listen_at_a_name(naio_queue*) {
    nng_stream_listener* listener = nullptr;
    ASSERT_EQ(nng_stream_listener_alloc(&listener, "tcp://one:0"), NNG_OK);
    EXPECT_NE(nng_stream_listener_listen(listener), NNG_OK);  // 10.0.0.1 is not this machine's
    nng_stream_listener_free(listener);
}

// ---- functions that end the operation of a handle

void end_dial_by_handle(naio_queue* queue, void (*end)(nng_aio*)) {
    nng_stream_dialer* dialer = nullptr;
    ASSERT_EQ(nng_stream_dialer_alloc(&dialer, "tcp://hang:1"), NNG_OK);
    const InQueue dial(queue);
    nng_stream_dialer_dial(dialer, dial);
    end(dial);
    EXPECT_EQ(nng_aio_result(dial), NNG_ESTOPPED);
    nng_stream_dialer_free(dialer);
}

void stop_and_wait(nng_aio* aio) {
    naio_aio_close(aio);
    EXPECT_TRUE(naio_aio_wait_until(aio, UINT64_MAX));
}

const Wait kWaits[] = {
    {"aio_stop", [](naio_queue* queue) { end_dial_by_handle(queue, nng_aio_stop); }},
    {"aio_wait_until", [](naio_queue* queue) { end_dial_by_handle(queue, stop_and_wait); }},
    {"dialer_stop",
     [](naio_queue* queue) {
         end_dial(queue, [](nng_stream_dialer* dialer) {
             nng_stream_dialer_stop(dialer);
             nng_stream_dialer_free(dialer);
         });
     }},
    {"dialer_free", [](naio_queue* queue) { end_dial(queue, nng_stream_dialer_free); }},
    {"listener_stop",
     [](naio_queue* queue) {
         end_accept(queue, [](nng_stream_listener* listener) {
             nng_stream_listener_stop(listener);
             nng_stream_listener_free(listener);
         });
     }},
    {"listener_free", [](naio_queue* queue) { end_accept(queue, nng_stream_listener_free); }},
    {"listener_listen", listen_at_a_name},
    {"stream_stop", end_receive},
    {"udp_stop",
     [](naio_queue* queue) {
         end_datagram(queue, [](nng_udp* udp) {
             nng_udp_stop(udp);
             nng_udp_close(udp);
         });
     }},
    {"udp_close", [](naio_queue* queue) { end_datagram(queue, nng_udp_close); }},
};

// Runs `what` on a new thread. Ends the program if `what` hangs.
void in_time(const std::function<void()>& what) {
    Event done;
    std::thread thread([&] {
        what();
        done.set();
    });
    if (!done.wait()) {
        ADD_FAILURE() << "a function that waits hangs";
        std::abort();
    }
    thread.join();
}

class Waits : public testing::TestWithParam<Wait> {
  protected:
    Waits() { system_calls.getaddrinfo = FakeNames::look_up; }
    ~Waits() override { FakeNames::let_go(1'000); }

    const Restarted library_{two_workers()};
    const FakeNames names_;
};

TEST_P(Waits, ReturnsOnAThreadThatRunsTheQueue) {
    in_time([] {
        naio_queue* queue = nullptr;
        ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
        naio_queue_run(queue, NNG_DURATION_ZERO);
        GetParam().call(queue);
        naio_queue_free(queue);
    });
}

TEST_P(Waits, ReturnsOnTheThreadThatHasCreatedTheQueue) {
    in_time([] {
        naio_queue* queue = nullptr;
        ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
        GetParam().call(queue);
        naio_queue_free(queue);
    });
}

TEST_P(Waits, ReturnsInACallbackOfTheQueue) {
    in_time([] {
        naio_queue* queue = nullptr;
        ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
        {
            static naio_queue* own = nullptr;
            own = queue;
            const InQueue handle(queue, [](void*) { GetParam().call(own); });
            nng_sleep_aio(0, handle);
            EXPECT_EQ(naio_queue_run(queue, NNG_DURATION_INFINITE), 1u);
        }
        naio_queue_free(queue);
    });
}

TEST_P(Waits, ReturnsInAsManyCallbacksAsThereAreWorkers) {
    static constexpr int kWorkers = 2;
    struct Callbacks {
        std::barrier<> all_are_busy{kWorkers};
        Event ended;
    };
    in_time([] {
        Callbacks callbacks;
        const auto run = [](void* argument) {
            auto& self = *static_cast<Callbacks*>(argument);
            self.all_are_busy.arrive_and_wait();
            GetParam().call(nullptr);
            self.ended.set();
        };
        std::array<nng_aio*, kWorkers> handles{};
        for (nng_aio*& each : handles) {
            ASSERT_EQ(nng_aio_alloc(&each, run, &callbacks), NNG_OK);
            nng_aio_finish(each, NNG_OK);
        }
        EXPECT_TRUE(callbacks.ended.wait(kWorkers));
        for (nng_aio* const each : handles) nng_aio_free(each);
    });
}

INSTANTIATE_TEST_SUITE_P(, Waits, testing::ValuesIn(kWaits),
                         [](const auto& each) { return std::string(each.param.name); });

// ---- an outer operation in no queue. The callback of an inner operation, whose handle is in a queue, finishes the
// outer operation. A wait for the outer operation has to run the queue

struct Nested {
    explicit Nested(naio_queue* queue) : inner(queue, finish_outer, this) {
        EXPECT_EQ(nng_aio_alloc(&outer, nullptr, nullptr), NNG_OK);
        const auto cancel = [](nng_aio*, void* self, naio_cancel, nng_err) {
            return naio_aio_cancel(static_cast<Nested*>(self)->inner, NAIO_CANCEL_ALL, NNG_OK);
        };
        EXPECT_TRUE(naio_aio_start(outer, NAIO_CANCEL_TOTAL, cancel, nullptr, this));
    }
    static void finish_outer(void* self) {
        const auto& nested = *static_cast<Nested*>(self);
        naio_aio_finish(nested.outer, nng_aio_result(nested.inner), 0);
    }

    nng_aio* outer = nullptr;  // in no queue
    const InQueue inner;
};

void with_a_runner(const std::function<void(Nested&)>& what) {
    in_time([&] {
        naio_queue* queue = nullptr;
        ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
        naio_queue_run(queue, NNG_DURATION_ZERO);
        {
            Nested nested(queue);
            what(nested);
        }
        naio_queue_free(queue);
    });
}

TEST(WaitsOfARunner, RunTheQueueForAHandleThatIsInNone) {
    with_a_runner([](Nested& nested) {
        nng_sleep_aio(1, nested.inner);
        nng_aio_wait(nested.outer);
        nng_aio_free(nested.outer);
    });
    with_a_runner([](Nested& nested) {
        nng_sleep_aio(1, nested.inner);
        EXPECT_TRUE(naio_aio_wait_until(nested.outer, UINT64_MAX));
        nng_aio_free(nested.outer);
    });
    with_a_runner([](Nested& nested) {
        nng_sleep_aio(NNG_DURATION_INFINITE, nested.inner);
        nng_aio_stop(nested.outer);
        nng_aio_free(nested.outer);
    });
    with_a_runner([](Nested& nested) {
        nng_sleep_aio(NNG_DURATION_INFINITE, nested.inner);
        nng_aio_free(nested.outer);
    });
}

TEST(WaitsOfARunner, RunAllQueuesOfTheThread) {
    in_time([] {
        std::array<naio_queue*, 3> queues{};
        for (naio_queue*& each : queues) {
            ASSERT_EQ(naio_queue_alloc(&each), NNG_OK);
            naio_queue_run(each, NNG_DURATION_ZERO);
        }
        {
            Nested first(queues[0]), second(queues[1]);
            nng_sleep_aio(1, first.inner);
            nng_sleep_aio(1, second.inner);
            nng_aio_wait(first.outer);
            nng_aio_wait(second.outer);
            const InQueue own(queues[2], [](void*) {});
            nng_sleep_aio(0, own);
            nng_aio_wait(own);
            nng_aio_free(first.outer);
            nng_aio_free(second.outer);
        }
        for (naio_queue* const each : queues) naio_queue_free(each);
    });
}

// nng_fini waits for the callback in the runner's queue, and the runner's nng_init waits for nng_fini. So nng_init has
// to run the queue while it waits.
TEST(WaitsOfARunner, RunTheQueueInACallThatWaitsForFini) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    Event runs;
    std::thread runner([&] {
        in_time([&] {
            naio_queue* queue = nullptr;
            ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
            naio_queue_run(queue, NNG_DURATION_ZERO);
            {
                TypedOperation operation;
                const InQueue handle(queue, [](void*) {});
                EXPECT_TRUE(operation.start(handle, NAIO_CANCEL_TOTAL));
                runs.set();
                EXPECT_TRUE(operation.asked());  // nng_fini has begun
                EXPECT_EQ(nng_init(nullptr), NNG_OK);
                EXPECT_FALSE(nng_aio_busy(handle));
            }
            naio_queue_free(queue);
        });
    });
    EXPECT_TRUE(runs.wait());
    bring_library_down();
    runner.join();
}

}  // namespace
}  // namespace naio
