// Measures sends in one direction, as fast as possible. The sender is in one context, the receiver in another.
#include <atomic>
#include <vector>

#include "scenarios.h"
#include "sockets.h"

namespace {

constexpr std::size_t block = 65536;

template <class Socket>
class Sender {
  public:
    explicit Sender(Socket& socket) : socket_(socket) {}

    void go_on() {
        socket_.async_write_some(asio::buffer(data_), [this](std::error_code error, std::size_t) {
            if (!error) go_on();
        });
    }

  private:
    Socket& socket_;
    std::vector<char> data_ = std::vector<char>(block);
};

template <class Socket>
class Receiver {
  public:
    explicit Receiver(Socket& socket) : socket_(socket) {}

    void go_on() {
        socket_.async_read_some(asio::buffer(data_), [this](std::error_code error, std::size_t size) {
            bytes.store(bytes.load(std::memory_order_relaxed) + size, std::memory_order_relaxed);
            if (!error) go_on();
        });
    }

    std::atomic<uint64_t> bytes = 0;

  private:
    Socket& socket_;
    std::vector<char> data_ = std::vector<char>(block);
};

template <class Socket>
void flood() {
    asio::io_context contexts[2];
    Socket one(contexts[0]);
    Socket other(contexts[1]);
    connect(one, other);
    Sender sender(one);
    Receiver receiver(other);
    sender.go_on();
    receiver.go_on();
    double cpu = cpu_ns();
    int64_t begin = now_ns();
    std::thread sending([&] { contexts[0].run(); });
    std::thread receiving([&] { contexts[1].run(); });
    sleep_ns(time_to_run());
    auto bytes = static_cast<double>(receiver.bytes.load());
    auto ns = static_cast<double>(now_ns() - begin);
    cpu = cpu_ns() - cpu;
    for (asio::io_context& context : contexts) context.stop();
    sending.join();
    receiving.join();
    report("rate", bytes / ns * 1e3, "MB/s");
    report("cpu", cpu / (bytes / 1024), "ns/KiB");
}

}  // namespace

void tcp_flood(long) { flood<Tcp>(); }
void ipc_flood(long) { flood<Ipc>(); }
