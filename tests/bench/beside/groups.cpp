// Groups with naio. The callback of a group starts the next one, on a thread of the library, or on the calling thread,
// which runs a queue.
#include <naio/naio.h>
#include <unistd.h>

#include "common/measure.h"
#include "common/socket_pair.h"
#include "rows.h"

namespace {

enum class Event { kByteComes, kOneReady, kAllReady, kCancelled };

class Groups {
  public:
    Groups(Event event, bool on_queue, long size, long events)
        : event_(event), size_(static_cast<unsigned>(size)), left_(events) {
        require(naio_group_alloc(&group_, size_) == NNG_OK, "naio_group_alloc");
        require(nng_aio_alloc(
                    &outer_, [](void* self) { static_cast<Groups*>(self)->done(); }, this) == NNG_OK,
                "nng_aio_alloc");
        if (on_queue) {
            require(naio_queue_alloc(&queue_) == NNG_OK, "naio_queue_alloc");
            naio_aio_set_queue(outer_, queue_);
        }
        if (event == Event::kByteComes) connect();
    }
    ~Groups() {
        nng_aio_free(outer_);
        naio_group_free(group_);
        if (queue_ != nullptr) naio_queue_free(queue_);
        if (stream_ == nullptr) return;
        nng_stream_free(stream_);
        close(peer_);
    }
    Groups(const Groups&) = delete;
    Groups& operator=(const Groups&) = delete;

    double run() {
        const double events = static_cast<double>(left_);
        const int64_t begin = now_ns();
        launch();
        if (queue_ != nullptr)
            while (left_ != 0) naio_queue_run(queue_, NNG_DURATION_INFINITE);
        nng_aio_wait(outer_);
        return static_cast<double>(now_ns() - begin) / events;
    }

  private:
    void connect();
    void launch() {
        const bool byte = event_ == Event::kByteComes;
        const bool first = byte || event_ == Event::kOneReady;
        require(naio_group_start(group_, outer_, first ? 1 : size_, 0, NAIO_CANCEL_ALL), "naio_group_start");
        const nng_duration sleep = event_ == Event::kAllReady ? 0 : 60000;
        for (unsigned i = first ? 1 : 0; i < size_; ++i) nng_sleep_aio(sleep, naio_group_aio(group_, i));
        if (byte) nng_stream_recv(stream_, naio_group_aio(group_, 0));
        if (event_ == Event::kOneReady) nng_sleep_aio(0, naio_group_aio(group_, 0));
        const int peer = peer_;
        nng_aio* const outer = outer_;
        const Event event = event_;
        naio_group_seal(group_);
        if (event == Event::kByteComes) require(write(peer, "x", 1) == 1, "write");
        if (event == Event::kCancelled) nng_aio_cancel(outer);
    }
    void done() {
        if (--left_ != 0) launch();
    }

    const Event event_;
    const unsigned size_;
    long left_;
    naio_group* group_ = nullptr;
    nng_aio* outer_ = nullptr;
    naio_queue* queue_ = nullptr;
    nng_stream* stream_ = nullptr;
    int peer_ = -1;
    char byte_ = 0;
};

// Makes the stream of member 0, and the descriptor from which the byte comes.
void Groups::connect() {
    int fds[2];
    socket_pair(false, fds);
    peer_ = fds[1];
    nng_stream_listener* listener;
    nng_aio* accept;
    require(nng_stream_listener_alloc(&listener, "socket://") == NNG_OK, "nng_stream_listener_alloc");
    require(nng_stream_listener_listen(listener) == NNG_OK, "nng_stream_listener_listen");
    require(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, fds[0]) == NNG_OK, "NNG_OPT_SOCKET_FD");
    require(nng_aio_alloc(&accept, nullptr, nullptr) == NNG_OK, "nng_aio_alloc");
    nng_stream_listener_accept(listener, accept);
    nng_aio_wait(accept);
    stream_ = static_cast<nng_stream*>(nng_aio_get_output(accept, 0));
    nng_aio_free(accept);
    nng_stream_listener_free(listener);
    const nng_iov iov{&byte_, 1};
    require(nng_aio_set_iov(naio_group_aio(group_, 0), 1, &iov) == NNG_OK, "nng_aio_set_iov");
}

template <Event event, bool on_queue>
double measure(long size, long events) {
    return Groups(event, on_queue, size, events).run();
}

}  // namespace

std::vector<Row> group_rows() {
    std::vector<Row> rows;
    for (const long size : {2L, 10L, 1000L}) {
        const long events = 40000 / (size + 8);
        using E = Event;
        const auto add = [&](const char* name, Measure here, Measure of_asio) {
            rows.push_back({std::string("group, ") + name, size, here, of_asio, events});
        };
        add("workers: a byte comes", measure<E::kByteComes, false>, peer::byte_comes<false>);
        add("queue: a byte comes", measure<E::kByteComes, true>, peer::byte_comes<true>);
        add("workers: one is ready", measure<E::kOneReady, false>, peer::one_ready<false>);
        add("queue: one is ready", measure<E::kOneReady, true>, peer::one_ready<true>);
        add("workers: all are ready", measure<E::kAllReady, false>, peer::all_ready<false>);
        add("queue: all are ready", measure<E::kAllReady, true>, peer::all_ready<true>);
        add("workers: cancelled", measure<E::kCancelled, false>, peer::cancelled<false>);
        add("queue: cancelled", measure<E::kCancelled, true>, peer::cancelled<true>);
    }
    return rows;
}
