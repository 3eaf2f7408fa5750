// Rounds with sockets, files and names: streams over each transport, datagrams, files, FIFOs, look-ups.
#include <naio/naio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "actor.h"

namespace soak {
namespace {

using Bytes = std::vector<unsigned char>;

Bytes pattern(Random& random, std::size_t size) {
    Bytes bytes(size);
    const unsigned first = random.below(256);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(first + i * 7);
    return bytes;
}

nng_aio* with(Handle& handle, Bytes& bytes) {
    const nng_iov iov{bytes.data(), bytes.size()};
    SOAK_CHECK(nng_aio_set_iov(handle.get(), 1, &iov) == NNG_OK);
    return handle.begin();
}

std::string own_path(const char* what) {
    static std::atomic<unsigned> next{0};
    return "/tmp/naio_soak_" + std::to_string(getpid()) + "_" + what + std::to_string(next++);
}

// Transfers bytes in one direction, then in the other, twice. Then cancels a receive, lets another receive time out,
// and shuts one direction down. In half of the rounds, also closes a stream during a receive.
void talk(Random& random, nng_stream* one, nng_stream* other) {
    Handle sender, receiver;
    for (unsigned i = 0; i < 4; ++i) {
        Bytes sent = pattern(random, 1 + random.below(200'000));
        Bytes got(sent.size());
        naio_stream_recv_all(other, with(receiver, got), NAIO_CANCEL_PARTIAL);
        naio_stream_send_all(one, with(sender, sent), NAIO_CANCEL_PARTIAL);
        SOAK_CHECK(sender.wait() == NNG_OK && receiver.wait() == NNG_OK && got == sent);
        std::swap(one, other);
    }
    Bytes none(10);
    nng_stream_recv(one, with(receiver, none));
    nng_aio_cancel(receiver.get());
    SOAK_CHECK(receiver.wait() == NNG_ECANCELED);
    nng_aio_set_timeout(receiver.get(), 1);
    nng_stream_recv(one, with(receiver, none));
    SOAK_CHECK(receiver.wait() == NNG_ETIMEDOUT);
    nng_aio_set_timeout(receiver.get(), NNG_DURATION_INFINITE);
    naio_stream_shutdown(other, sender.begin());
    SOAK_CHECK(sender.wait() == NNG_OK);
    nng_stream_recv(one, with(receiver, none));
    SOAK_CHECK(receiver.wait() == NNG_ECONNSHUT);
    if (random.below(2) == 0) {  // closes the stream during a receive
        nng_stream_recv(other, with(receiver, none));
        nng_stream_close(other);
        receiver.wait();
    }
}

void end(nng_stream* stream) {
    nng_stream_stop(stream);
    nng_stream_free(stream);
}

// Listens at the URL, dials the listener's port, and talks over the connection.
void connected(Random& random, const std::string& url) {
    nng_stream_listener* listener = nullptr;
    nng_stream_dialer* dialer = nullptr;
    SOAK_CHECK(nng_stream_listener_alloc(&listener, url.c_str()) == NNG_OK);
    SOAK_CHECK(nng_stream_listener_listen(listener) == NNG_OK);
    int port = 0;
    std::string to = url;
    if (nng_stream_listener_get_int(listener, NNG_OPT_BOUND_PORT, &port) == NNG_OK)
        to = url.substr(0, url.rfind(':') + 1) + std::to_string(port);
    SOAK_CHECK(nng_stream_dialer_alloc(&dialer, to.c_str()) == NNG_OK);
    {
        Handle accept, dial;
        nng_stream_listener_accept(listener, accept.begin());
        nng_stream_dialer_dial(dialer, dial.begin());
        SOAK_CHECK(dial.wait() == NNG_OK && accept.wait() == NNG_OK);
        auto* const one = static_cast<nng_stream*>(nng_aio_get_output(accept.get(), 0));
        auto* const other = static_cast<nng_stream*>(nng_aio_get_output(dial.get(), 0));
        talk(random, one, other);
        end(one);
        end(other);
        nng_stream_listener_accept(listener, accept.begin());  // the stop ends this accept
        nng_stream_listener_stop(listener);
        accept.wait();
    }
    nng_stream_dialer_free(dialer);
    nng_stream_listener_free(listener);
}

nng_stream* hand_over(nng_stream_listener* listener, int descriptor) {
    Handle accept;
    SOAK_CHECK(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, descriptor) == NNG_OK);
    nng_stream_listener_accept(listener, accept.begin());
    SOAK_CHECK(accept.wait() == NNG_OK);
    return static_cast<nng_stream*>(nng_aio_get_output(accept.get(), 0));
}

nng_aio* with_address(Handle& handle, Bytes& bytes, nng_sockaddr& address) {
    SOAK_CHECK(nng_aio_set_input(handle.get(), 0, &address) == NNG_OK);
    return with(handle, bytes);
}

}  // namespace

void tcp(Random& random) { connected(random, "tcp://127.0.0.1:0"); }

void local(Random& random) { connected(random, "ipc://" + own_path("ipc")); }

void socket_pair(Random& random) {
    nng_stream_listener* listener = nullptr;
    int ends[2];
    SOAK_CHECK(nng_stream_listener_alloc(&listener, "socket://") == NNG_OK && nng_socket_pair(ends) == NNG_OK);
    nng_stream* const one = hand_over(listener, ends[0]);
    nng_stream* const other = hand_over(listener, ends[1]);
    talk(random, one, other);
    end(one);
    end(other);
    nng_stream_listener_free(listener);
}

// On the loopback interface a datagram may be dropped, but not changed.
void udp(Random& random) {
    nng_udp* ends[2];
    nng_sockaddr addresses[2];
    for (unsigned i = 0; i < 2; ++i) {
        addresses[i] = {};
        addresses[i].s_in.sa_family = NNG_AF_INET;
        std::memcpy(&addresses[i].s_in.sa_addr, "\x7f\0\0\1", 4);
        SOAK_CHECK(nng_udp_open(&ends[i], &addresses[i]) == 0 && nng_udp_sockname(ends[i], &addresses[i]) == 0);
    }
    {
        Handle sender, receiver;
        nng_aio_set_timeout(receiver.get(), 1000);
        for (unsigned i = 0; i < 8; ++i) {
            Bytes sent = pattern(random, 1 + random.below(9000));
            Bytes got(sent.size());
            nng_sockaddr from{};
            nng_udp_recv(ends[1], with_address(receiver, got, from));
            nng_udp_send(ends[0], with_address(sender, sent, addresses[1]));
            SOAK_CHECK(sender.wait() == NNG_OK);
            if (receiver.wait() == NNG_OK) SOAK_CHECK(got == sent && nng_sockaddr_equal(&from, &addresses[0]));
        }
        nng_udp_stop(ends[0]);
    }
    for (nng_udp* const each : ends) nng_udp_close(each);
}

void file(Random& random) {
    const std::string path = own_path("file");
    Handle handle;
    naio_file_open(path.c_str(), NAIO_FILE_READ | NAIO_FILE_WRITE | NAIO_FILE_CREATE | NAIO_FILE_EXCLUSIVE, 0600,
                   handle.begin());
    SOAK_CHECK(handle.wait() == NNG_OK);
    auto* const opened = static_cast<naio_file*>(nng_aio_get_output(handle.get(), 0));
    Bytes sent = pattern(random, 1 + random.below(100'000));
    Bytes got(sent.size());
    naio_file_write(opened, with(handle, sent));
    SOAK_CHECK(handle.wait() == NNG_OK && nng_aio_count(handle.get()) == sent.size());
    naio_file_pread(opened, 0, with(handle, got));
    SOAK_CHECK(handle.wait() == NNG_OK && got == sent);
    naio_file_status status;
    naio_file_stat(opened, &status, handle.begin());
    SOAK_CHECK(handle.wait() == NNG_OK && status.size == sent.size());
    naio_file_close(opened, handle.begin());
    SOAK_CHECK(handle.wait() == NNG_OK);
    unlink(path.c_str());
}

// An open that hangs until it is cancelled or a peer comes, and a read of an empty pipe that times out.
void fifo(Random& random) {
    const std::string path = own_path("fifo");
    SOAK_CHECK(mkfifo(path.c_str(), 0600) == 0);
    Handle reads, writes;
    naio_file_open(path.c_str(), NAIO_FILE_READ, 0, reads.begin());
    if (random.below(2) == 0) {
        nng_aio_cancel(reads.get());
        const nng_err result = reads.wait();
        SOAK_CHECK(result == NNG_ECANCELED);
    }
    naio_file_open(path.c_str(), NAIO_FILE_READ | NAIO_FILE_WRITE, 0, writes.begin());  // the peer of a hanging open
    SOAK_CHECK(writes.wait() == NNG_OK);
    auto* const both = static_cast<naio_file*>(nng_aio_get_output(writes.get(), 0));
    if (reads.wait() == NNG_OK) naio_file_free(static_cast<naio_file*>(nng_aio_get_output(reads.get(), 0)));
    Bytes some = pattern(random, 10), got(10);
    naio_file_read(both, with(reads, got));
    naio_file_write(both, with(writes, some));
    SOAK_CHECK(writes.wait() == NNG_OK && reads.wait() == NNG_OK);
    nng_aio_set_timeout(reads.get(), 1);
    naio_file_read(both, with(reads, got));
    SOAK_CHECK(reads.wait() == NNG_ETIMEDOUT);
    naio_file_free(both);
    unlink(path.c_str());
}

void names(Random& random) {
    nng_sockaddr addresses[4];
    Handle handle;
    naio_resolve("127.0.0.1", "80", NNG_AF_INET, 0, addresses, 4, handle.begin());
    SOAK_CHECK(handle.wait() == NNG_OK && nng_aio_count(handle.get()) == 1);
    naio_resolve("localhost", "80", NNG_AF_UNSPEC, 0, addresses, 4, handle.begin());
    if (random.below(2) == 0) nng_aio_cancel(handle.get());
    handle.wait();
}

}  // namespace soak
