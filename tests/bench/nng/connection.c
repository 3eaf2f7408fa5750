#include "connection.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Returns a port that is free now. On a machine that is quiet enough to measure on, no other process
// takes the port before its use.
static unsigned free_port(void) {
    struct sockaddr_in address;
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr*)&address, size) != 0 || getsockname(fd, (struct sockaddr*)&address, &size) != 0) {
        die("no free port");
    }
    close(fd);
    return ntohs(address.sin_port);
}

struct connector open_connector(const char* scheme) {
    struct connector connector;
    char url[64];
    bool tcp = strcmp(scheme, "tcp") == 0;

    if (tcp) {
        snprintf(url, sizeof(url), "tcp://127.0.0.1:%u", free_port());
    } else {
        snprintf(url, sizeof(url), "abstract://naio.bench.%ld", (long)getpid());
    }
    check(nng_stream_listener_alloc(&connector.listener, url), "nng_stream_listener_alloc");
    check(nng_stream_dialer_alloc(&connector.dialer, url), "nng_stream_dialer_alloc");
    if (tcp) {
        check(nng_stream_listener_set_bool(connector.listener, NNG_OPT_TCP_NODELAY, true), "no delay");
        check(nng_stream_dialer_set_bool(connector.dialer, NNG_OPT_TCP_NODELAY, true), "no delay");
    }
    check(nng_stream_listener_listen(connector.listener), "nng_stream_listener_listen");
    return connector;
}

static nng_stream* wait_for_stream(nng_aio* aio, const char* what) {
    nng_stream* stream;
    nng_aio_wait(aio);
    check(nng_aio_result(aio), what);
    stream = nng_aio_get_output(aio, 0);
    nng_aio_free(aio);
    return stream;
}

struct connection connect_one(struct connector* connector) {
    struct connection connection;
    nng_aio* accepting = new_aio(NULL, NULL);
    nng_aio* dialing = new_aio(NULL, NULL);
    nng_stream_listener_accept(connector->listener, accepting);
    nng_stream_dialer_dial(connector->dialer, dialing);
    connection.server = wait_for_stream(accepting, "accept");
    connection.client = wait_for_stream(dialing, "dial");
    return connection;
}

void close_connector(struct connector* connector) {
    nng_stream_listener_close(connector->listener);
    nng_stream_dialer_close(connector->dialer);
    nng_stream_listener_free(connector->listener);
    nng_stream_dialer_free(connector->dialer);
}

static void set_buffer(nng_aio* aio, void* data, size_t size) {
    nng_iov iov = {data, size};
    check(nng_aio_set_iov(aio, 1, &iov), "nng_aio_set_iov");
}

void start_send(nng_stream* stream, nng_aio* aio, void* data, size_t size) {
    set_buffer(aio, data, size);
    nng_stream_send(stream, aio);
}

void start_receive(nng_stream* stream, nng_aio* aio, void* data, size_t size) {
    set_buffer(aio, data, size);
    nng_stream_recv(stream, aio);
}
