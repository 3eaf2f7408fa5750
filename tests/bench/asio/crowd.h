// Connections that pass a message of 64 bytes back and forth, all at the same time, on a pool of threads.
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include <atomic>
#include <memory>
#include <vector>

#include "scenario.h"
#include "sockets.h"
#include "trip_times.h"
#include "window.h"

constexpr std::size_t message = 64;

template <class Socket>
class End {
  public:
    End(asio::io_context& context, bool client) : socket(context), client_(client), sending_(client) {}

    void go_on() {
        auto moved = [this](std::error_code error, std::size_t size) { on_moved(error, size); };
        if (sending_) {
            if (times != nullptr) trip_begins(times.get());
            socket.async_write_some(asio::buffer(data_), moved);
        } else {
            socket.async_read_some(asio::buffer(data_), moved);
        }
    }

    struct Free {
        void operator()(trip_times* all) const { free_trip_times(all); }
    };

    Socket socket;
    std::atomic<uint64_t> messages = 0;       // the number of messages that a client has got back
    std::unique_ptr<trip_times, Free> times;  // of a client, or nullptr
    int64_t pause = 0;                        // the time that a server's handler sleeps, in ns

  private:
    void on_moved(std::error_code error, std::size_t size) {
        if (error) return;
        if (size != message) die("a message is not whole");
        if (!sending_ && client_) got_back();
        if (!sending_ && pause > 0) sleep_ns(pause);
        sending_ = !sending_;
        go_on();
    }

    void got_back() {
        if (times != nullptr) trip_ends(times.get());
        messages.store(messages.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    bool client_;
    bool sending_;
    char data_[message] = {};
};

struct Pool {
    int contexts;
    int threads;  // the number of threads that run each context
};

// Returns the pool that BENCH_CONTEXTS and BENCH_THREADS name, one context and `threads` threads if they are not set.
Pool wanted_pool(int threads);

// Both ends of a connection are in the same context, and the connections are spread evenly over the contexts.
template <class Socket>
class Crowd {
  public:
    Crowd(Pool pool, long connections) : pool_(pool) {
        need_descriptors(2 * connections + 100);
        for (int i = 0; i < pool.contexts; i++) contexts_.push_back(std::make_unique<asio::io_context>(pool.threads));
        for (long i = 0; i < connections; i++) {
            asio::io_context& context = *contexts_[static_cast<std::size_t>(i) % contexts_.size()];
            clients.push_back(std::make_unique<End<Socket>>(context, true));
            servers.push_back(std::make_unique<End<Socket>>(context, false));
            connect(clients.back()->socket, servers.back()->socket);
        }
    }

    round_trips run() {
        std::vector<std::thread> running;
        for (auto& end : servers) end->go_on();
        for (auto& end : clients) end->go_on();
        for (auto& context : contexts_)
            for (int i = 0; i < pool_.threads; i++) running.emplace_back([&context] { context->run(); });
        const round_trips done = count_round_trips(count, this, static_cast<long>(clients.size()));
        for (auto& context : contexts_) context->stop();
        for (std::thread& thread : running) thread.join();
        return done;
    }

  private:
    static double count(const void* self) {
        double messages = 0;
        for (const auto& end : static_cast<const Crowd*>(self)->clients)
            messages += static_cast<double>(end->messages.load(std::memory_order_relaxed));
        return messages;
    }

    const Pool pool_;
    std::vector<std::unique_ptr<asio::io_context>> contexts_;

  public:
    std::vector<std::unique_ptr<End<Socket>>> clients;
    std::vector<std::unique_ptr<End<Socket>>> servers;
};

#endif
