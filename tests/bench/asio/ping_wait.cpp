// Measures two threads that pass a message of 64 bytes back and forth. Each thread waits for each of its operations.
#include "scenarios.h"
#include "sockets.h"

namespace {

constexpr std::size_t message = 64;

template <class Socket>
void send(Socket& socket, char* data) {
    if (socket.async_write_some(asio::buffer(data, message), asio::use_future).get() != message) die("not whole");
}

template <class Socket>
void receive(Socket& socket, char* data) {
    if (socket.async_read_some(asio::buffer(data, message), asio::use_future).get() != message) die("not whole");
}

template <class Socket>
void answer(Socket& socket) {
    char data[message];
    try {
        for (;;) {
            receive(socket, data);
            send(socket, data);
        }
    } catch (const std::system_error&) {  // the other end is closed
    }
}

template <class Socket>
void ping_wait() {
    Running running;
    Socket client(running.context);
    Socket server(running.context);
    connect(client, server);
    std::thread answering([&] { answer(server); });
    char data[message] = {};
    double n = 0;
    double cpu = cpu_ns();
    int64_t begin = now_ns();
    int64_t end;
    do {
        send(client, data);
        receive(client, data);
        n++;
        end = now_ns();
    } while (end - begin < time_to_run());
    report("time", static_cast<double>(end - begin) / n / 1e3, "us");
    report("cpu", (cpu_ns() - cpu) / n / 1e3, "us");
    client.close();
    answering.join();
}

}  // namespace

void tcp_ping_wait(long) { ping_wait<Tcp>(); }
void ipc_ping_wait(long) { ping_wait<Ipc>(); }
