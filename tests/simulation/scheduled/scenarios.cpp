// Scenarios of streams, listeners and dialers over the simulated system. They are written as the scenarios of
// tests/schedules are (schedules/scenario.h says how). Each has a fault of its own in faults.txt. The random programs
// do not find these faults, because two threads must meet in certain steps.
#include <naio/naio.h>

#include <array>
#include <utility>

#include "scenario.h"
#include "simulated_uv.h"

using schedules::Count;
using schedules::Handle;
using schedules::Library;
using schedules::require;
using schedules::Thread;
using schedules::yield;

namespace {

// Two streams that are connected with each other.
class Streams {
  public:
    Streams() {
        int descriptors[2];
        require(nng_socket_pair(descriptors) == NNG_OK, "nng_socket_pair fails");
        nng_stream_listener* listener = nullptr;
        require(nng_stream_listener_alloc(&listener, "socket://") == NNG_OK, "nng_stream_listener_alloc fails");
        require(nng_stream_listener_listen(listener) == NNG_OK, "nng_stream_listener_listen fails");
        const Handle accepted;
        for (int i : {0, 1}) {
            require(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, descriptors[i]) == NNG_OK,
                    "NNG_OPT_SOCKET_FD is refused");
            nng_stream_listener_accept(listener, accepted.aio);
            nng_aio_wait(accepted.aio);
            streams_[i] = static_cast<nng_stream*>(nng_aio_get_output(accepted.aio, 0));
        }
        nng_stream_listener_free(listener);
    }
    ~Streams() {
        for (int i : {0, 1}) nng_stream_free(take(i));
    }
    Streams(const Streams&) = delete;
    Streams& operator=(const Streams&) = delete;

    nng_stream* operator[](int i) { return streams_[i]; }
    nng_stream* take(int i) { return std::exchange(streams_[i], nullptr); }

  private:
    nng_stream* streams_[2];
};

// A handle for transfers of two bytes at most.
class Transfer : public Handle {
  public:
    Transfer() { set_memory(); }
    explicit Transfer(Count& count) : Handle(count) { set_memory(); }
    ~Transfer() { free(); }

  private:
    void set_memory() {
        const nng_iov vector{memory_.data(), memory_.size()};
        require(nng_aio_set_iov(aio, 1, &vector) == NNG_OK, "nng_aio_set_iov fails");
    }
    std::array<char, 2> memory_{};
};

constexpr const char* kUrl = "tcp://127.0.0.1:4000";

}  // namespace

SCENARIO(stream_order, "a receive is submitted while the poller finishes the one before") {
    const Library library;
    Streams streams;
    const Transfer first, second, sent[2];
    bool ready = false;
    nng_stream_recv(streams[0], first.aio);
    const Thread sender([&] {
        for (const Transfer& each : sent) {
            nng_stream_send(streams[1], each.aio);
            nng_aio_wait(each.aio);
            ready = true;
        }
    });
    while (!ready) yield();
    nng_stream_recv(streams[0], second.aio);
    nng_aio_wait(second.aio);
    require(!nng_aio_busy(first.aio), "the second receive is complete before the first");
}

SCENARIO(own_wait, "a thread waits for a receive by itself, and another one cancels the receive") {
    const Library library;
    Streams streams;
    const Transfer receive;
    nng_stream_recv(streams[0], receive.aio);
    const Thread canceler([&] { nng_aio_cancel(receive.aio); });
    nng_aio_wait(receive.aio);
    require(nng_aio_result(receive.aio) == NNG_ECANCELED, "the cancel has not ended the receive");
}

SCENARIO(own_wait_order, "a receive with a callback is submitted while a thread waits for the one before by itself") {
    const Library library;
    Streams streams;
    Count count;
    const Transfer first, second(count), sent[2];
    count.also = [&] { require(!nng_aio_busy(first.aio), "the second receive is complete before the first"); };
    nng_stream_recv(streams[0], first.aio);
    const Thread sender([&] {
        for (const Transfer& each : sent) {
            nng_stream_send(streams[1], each.aio);
            nng_aio_wait(each.aio);
        }
    });
    Thread receiver([&] { nng_stream_recv(streams[0], second.aio); });
    nng_aio_wait(first.aio);
    receiver.join();
    nng_aio_wait(second.aio);
    require(count.calls == 1, "the second receive has not called its callback");
}

SCENARIO(own_wait_shared, "two threads wait for a receive, one of them only for some time") {
    const Library library;
    Streams streams;
    const Transfer receive, sent;
    nng_stream_recv(streams[0], receive.aio);
    Thread other([&] { nng_aio_wait(receive.aio); });
    require(!naio_aio_wait_until(receive.aio, nng_clock() + 50), "a receive without bytes ends");
    nng_stream_send(streams[1], sent.aio);
    nng_aio_wait(sent.aio);
    other.join();
    require(!nng_aio_busy(receive.aio), "the wait has not waited");
}

SCENARIO(own_wait_left, "no thread waits for a receive") {
    const Library library;
    Streams streams;
    const Transfer receive, sent;
    nng_stream_recv(streams[0], receive.aio);
    nng_stream_send(streams[1], sent.aio);
    nng_aio_wait(sent.aio);
    const Handle sleep;
    for (int i = 0; nng_aio_busy(receive.aio); i++) {
        require(i < 10, "no thread has received");
        nng_sleep_aio(10, sleep.aio);
        nng_aio_wait(sleep.aio);
    }
}

SCENARIO(own_wait_stopped, "a stream is stopped while a thread waits for a receive by itself") {
    const Library library;
    Streams streams;
    const Transfer receive;
    nng_stream_recv(streams[0], receive.aio);
    {
        const Thread stopper([&] { nng_stream_stop(streams[0]); });
        nng_aio_wait(receive.aio);
    }
    require(nng_aio_result(receive.aio) == NNG_ECLOSED, "the close has not ended the receive");
}

SCENARIO(runner_polls, "a thread polls for the receive of a queue that it runs, and other threads end its sleep") {
    const Library library;
    Streams streams;
    naio_queue* const queue = schedules::make_queue();
    naio_queue_run(queue, 0);
    {
        Count received, slept;
        const Transfer receive(received);
        const Handle sleep(slept);
        for (nng_aio* const each : {receive.aio, sleep.aio}) naio_aio_set_queue(each, queue);
        nng_sleep_aio(1, sleep.aio);
        nng_stream_recv(streams[0], receive.aio);
        require(naio_queue_run(queue, NNG_DURATION_INFINITE) == 1, "the queue has run no callback");
        require(slept.calls == 1, "the sleep has not ended the runner's sleep");
        const Thread stopper([&] { nng_stream_stop(streams[0]); });
        while (received.calls == 0) naio_queue_run(queue, NNG_DURATION_INFINITE);
        require(received.result == NNG_ECLOSED, "the close has not ended the receive");
    }
    naio_queue_free(queue);
}

SCENARIO(stream_freed, "the callback of a receive frees the stream, which another thread closes") {
    const Library library;
    Streams streams;
    Count count;
    const Transfer receive(count);
    nng_stream* const stream = streams.take(0);
    count.also = [&] { nng_stream_free(stream); };
    const Thread closer([&] { nng_stream_close(stream); });
    nng_stream_recv(stream, receive.aio);
    nng_aio_wait(receive.aio);
    require(count.result == NNG_ECLOSED, "the close has not ended the receive");
}

SCENARIO(stream_let_in, "a receive on a closed stream begins while its scope forgets a request") {
    const Library library;
    Streams streams;
    const Handle outer;
    const Transfer receive;
    require(naio_aio_start(outer.aio, NAIO_CANCEL_TERMINAL, nullptr, nullptr, nullptr), "naio_aio_start fails");
    naio_aio_bind_slot(receive.aio, naio_aio_slot(outer.aio), NAIO_CANCEL_ALL);
    naio_aio_cancel(outer.aio, NAIO_CANCEL_TERMINAL, NNG_ECANCELED);
    nng_stream_close(streams[0]);
    {
        const Thread provider([&] { naio_aio_acknowledge(outer.aio, NAIO_CANCEL_TERMINAL); });
        nng_stream_recv(streams[0], receive.aio);
    }
    nng_aio_wait(receive.aio);
    const nng_err result = nng_aio_result(receive.aio);
    require(result == NNG_ECLOSED || result == NNG_ECANCELED, "a receive on a closed stream succeeds");
    nng_aio_finish(outer.aio, NNG_OK);
}

SCENARIO(stream_given_up, "a thread stops a stream that the system does not let the poller watch") {
    const Library library;
    Streams streams;
    const Transfer receive;
    schedules::set_watch_refusal([] { return true; });
    const Thread stopper([&] { nng_stream_stop(streams[0]); });
    nng_stream_recv(streams[0], receive.aio);
    nng_aio_wait(receive.aio);
    const nng_err result = nng_aio_result(receive.aio);
    require(result == NNG_ECLOSED || result == NNG_ENOMEM, "a receive from a stream that cannot be watched succeeds");
}

SCENARIO(listener_closed, "a thread closes a listener while another thread makes it listen") {
    const Library library;
    const Handle accept;
    nng_stream_listener* listener = nullptr;
    require(nng_stream_listener_alloc(&listener, kUrl) == NNG_OK, "nng_stream_listener_alloc fails");
    {
        const Thread closer([&] { nng_stream_listener_close(listener); });
        nng_stream_listener_listen(listener);
    }
    nng_stream_listener_accept(listener, accept.aio);
    nng_aio_wait(accept.aio);
    require(nng_aio_result(accept.aio) == NNG_ECLOSED, "a closed listener accepts");
    nng_stream_listener_free(listener);
}

SCENARIO(listener_freed,
         "the callback of an accept frees the listener, which does not listen and another thread closes") {
    const Library library;
    nng_stream_listener* listener = nullptr;
    require(nng_stream_listener_alloc(&listener, kUrl) == NNG_OK, "nng_stream_listener_alloc fails");
    Count count;
    count.also = [&] {
        if (count.result == NNG_ECLOSED) nng_stream_listener_free(listener);
    };
    const Handle accept(count);
    {
        const Thread closer([&] { nng_stream_listener_close(listener); });
        nng_stream_listener_accept(listener, accept.aio);
        nng_aio_wait(accept.aio);
    }
    require(count.result == NNG_ECLOSED || count.result == NNG_ESTATE, "a listener accepts that does not listen");
    if (count.result == NNG_ESTATE) nng_stream_listener_free(listener);
}

// The fourth dial waits for room in the listener's queue.
SCENARIO(dialer_freed, "the callback of a dial frees the dialer, which another thread closes") {
    const Library library;
    nng_stream_listener* listener = nullptr;
    require(nng_stream_listener_alloc(&listener, kUrl) == NNG_OK, "nng_stream_listener_alloc fails");
    require(nng_stream_listener_listen(listener) == NNG_OK, "nng_stream_listener_listen fails");
    nng_stream_dialer* dialer = nullptr;
    require(nng_stream_dialer_alloc(&dialer, kUrl) == NNG_OK, "nng_stream_dialer_alloc fails");
    const Handle dials[3];
    for (const Handle& each : dials) {
        nng_stream_dialer_dial(dialer, each.aio);
        nng_aio_wait(each.aio);
        require(nng_aio_result(each.aio) == NNG_OK, "a dial fails");
    }
    Count count;
    count.also = [&] { nng_stream_dialer_free(dialer); };
    const Handle last(count);
    nng_stream_dialer_dial(dialer, last.aio);
    const Thread closer([&] { nng_stream_dialer_close(dialer); });
    nng_aio_wait(last.aio);
    require(count.result == NNG_ECLOSED, "the close has not ended the dial");
    for (const Handle& each : dials) nng_stream_free(static_cast<nng_stream*>(nng_aio_get_output(each.aio, 0)));
    nng_stream_listener_free(listener);
}
