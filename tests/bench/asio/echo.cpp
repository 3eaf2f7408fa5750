// Measures connections that pass a message of 64 bytes back and forth.
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "scenario.h"
#include "scenarios.h"
#include "sockets.h"

namespace {

constexpr std::size_t message = 64;
constexpr std::size_t round_trips = 10000;

template <class Socket>
class End {
  public:
    End(asio::io_context& context, bool client) : socket(context), client_(client), sending_(client) {}

    void go_on() {
        auto moved = [this](std::error_code error, std::size_t size) { on_moved(error, size); };
        if (sending_) {
            if (!times.empty()) sent_ = now_ns();
            socket.async_write_some(asio::buffer(data_), moved);
        } else {
            socket.async_read_some(asio::buffer(data_), moved);
        }
    }

    Socket socket;
    std::atomic<uint64_t> messages = 0;
    std::vector<int64_t> times;  // the durations of a client's first round trips, up to the vector's size
    int64_t pause = 0;           // the time that a server's handler sleeps, in ns

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
        uint64_t n = messages.load(std::memory_order_relaxed);
        if (n < times.size()) times[n] = now_ns() - sent_;
        messages.store(n + 1, std::memory_order_relaxed);
    }

    bool client_;
    bool sending_;
    int64_t sent_ = 0;
    char data_[message] = {};
};

// The ends of all connections, clients and servers alternately, in one context.
template <class Socket>
class Crowd {
  public:
    Crowd(int threads, long connections) : context(threads), threads_(threads) {
        need_descriptors(2 * connections + 100);
        for (long i = 0; i < connections; i++) {
            ends.push_back(std::make_unique<End<Socket>>(context, true));
            ends.push_back(std::make_unique<End<Socket>>(context, false));
            connect((*(ends.end() - 2))->socket, ends.back()->socket);
        }
    }

    void run() {
        double cpu = cpu_ns();
        int64_t begin = now_ns();
        std::vector<std::thread> running;
        for (auto& end : ends) end->go_on();
        for (int i = 0; i < threads_; i++) running.emplace_back([this] { context.run(); });
        sleep_ns(time_to_run_many(static_cast<long>(ends.size() / 2)));
        for (auto& end : ends) messages += static_cast<double>(end->messages.load(std::memory_order_relaxed));
        time = static_cast<double>(now_ns() - begin);
        cpu_time = cpu_ns() - cpu;
        context.stop();
        for (std::thread& thread : running) thread.join();
    }

    asio::io_context context;
    std::vector<std::unique_ptr<End<Socket>>> ends;
    double messages = 0;
    double time = 0;
    double cpu_time = 0;

  private:
    int threads_;
};

template <class Socket>
void ping() {
    Crowd<Socket> crowd(1, 1);
    crowd.run();
    report("time", crowd.time / crowd.messages / 1e3, "us");
    report("cpu", crowd.cpu_time / crowd.messages / 1e3, "us");
}

template <class Socket>
void echo(long connections) {
    Crowd<Socket> crowd(1, connections);
    crowd.run();
    report("rate", crowd.messages / crowd.time * 1e6, "k/s");
    report("cpu", crowd.cpu_time / crowd.messages / 1e3, "us");
}

// Reports the round trips of all connections except the first, whose server sleeps for `pause` in each handler.
template <class Socket>
void with_pause(long connections, int64_t pause, const char* name) {
    Crowd<Socket> crowd(4, connections);
    for (std::size_t i = 2; i < crowd.ends.size(); i += 2) crowd.ends[i]->times.resize(round_trips);
    crowd.ends[1]->pause = pause;
    crowd.run();
    std::vector<int64_t> all;
    for (std::size_t i = 2; i < crowd.ends.size(); i += 2) {
        const End<Socket>& end = *crowd.ends[i];
        auto n = static_cast<std::ptrdiff_t>(std::min(end.messages.load(), uint64_t{round_trips}));
        all.insert(all.end(), end.times.begin(), end.times.begin() + n);
    }
    report_percentiles(name, all.data(), all.size());
}

// Four threads run the context here, so that three of them go on while a handler blocks one.
template <class Socket>
void blocked(long connections) {
    with_pause<Socket>(connections, 0, "free");
    with_pause<Socket>(connections, 10000000, "blocked");
}

}  // namespace

void tcp_ping(long) { ping<Tcp>(); }
void ipc_ping(long) { ping<Ipc>(); }
void tcp_echo(long size) { echo<Tcp>(size); }
void ipc_echo(long size) { echo<Ipc>(size); }
void tcp_blocked(long size) { blocked<Tcp>(size); }
void ipc_blocked(long size) { blocked<Ipc>(size); }
