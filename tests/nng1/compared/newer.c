// Functions that NNG 1.5.2 does not have. The program prints these lines only if it is compiled against NNG 1.11.
// `nng-1.11.txt` has the lines that it prints then.
#include "compared.h"

#if NNG_MINOR_VERSION < 11
void compare_newer(void) {}
#else
#include <stdio.h>
#include <string.h>

#include "pair.h"

static void compare_busy_and_expire(void) {
    struct handle handle;
    struct provider provider;
    make_handle(&handle);
    make_provider(&provider);
    say("newer.busy.new", "%d", nng_aio_busy(handle.aio));
    nng_aio_begin(handle.aio);
    say("newer.busy.begun", "%d", nng_aio_busy(handle.aio));
    nng_aio_finish(handle.aio, 0);
    nng_aio_wait(handle.aio);
    say("newer.busy.finished", "%d", nng_aio_busy(handle.aio));
    defer(&provider, handle.aio);
    say("newer.busy.deferred_without_begin", "%d", nng_aio_busy(handle.aio));
    finish(&provider, 0);
    nng_aio_wait(handle.aio);
    const nng_time begin = nng_clock();
    nng_aio_set_expire(handle.aio, begin + 20);
    provide(&provider, handle.aio);
    say_end("newer.expire", &handle);
    say("newer.expire.not_early", "%d", nng_clock() >= begin + 20);
    provide(&provider, handle.aio);
    nng_msleep(40);
    finish(&provider, 0);
    say_end("newer.expire.once", &handle);
    free_handle(&handle);
    free_provider(&provider);
}

static void compare_address(const char* key, const nng_sockaddr* address) {
    char text[NNG_MAXADDRSTRLEN];
    say(key, "%s", nng_str_sockaddr(address, text, sizeof text));
}

static void compare_address_texts(void) {
    nng_sockaddr address;
    memset(&address, 0, sizeof address);
    address.s_in.sa_family = NNG_AF_INET;
    memcpy(&address.s_in.sa_addr, "\x7f\x00\x00\x01", 4);
    memcpy(&address.s_in.sa_port, "\x01\xbb", 2);
    compare_address("newer.str_sockaddr.inet", &address);
    memset(&address, 0, sizeof address);
    address.s_in6.sa_family = NNG_AF_INET6;
    memcpy(&address.s_in6.sa_port, "\x01\xbb", 2);
    memcpy(address.s_in6.sa_addr, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
    compare_address("newer.str_sockaddr.inet6", &address);
    address.s_in6.sa_scope = 7;
    compare_address("newer.str_sockaddr.inet6.scope", &address);
    memset(&address, 0, sizeof address);
    address.s_ipc.sa_family = NNG_AF_IPC;
    strcpy(address.s_ipc.sa_path, "/tmp/x");
    compare_address("newer.str_sockaddr.ipc", &address);
    memset(&address, 0, sizeof address);
    address.s_abstract.sa_family = NNG_AF_ABSTRACT;
    address.s_abstract.sa_len = 4;
    memcpy(address.s_abstract.sa_name, "name", 4);
    compare_address("newer.str_sockaddr.abstract", &address);
    memset(&address, 0, sizeof address);
    compare_address("newer.str_sockaddr.unspec", &address);
}

// Sends a datagram from a socket to itself.
static void compare_datagrams(nng_sockaddr* address, const char* key, const char* close_key) {
    char sent[] = "datagram", received[64] = "";
    nng_iov out = {sent, 8}, in = {received, sizeof received - 1};
    struct handle send, recv;
    nng_sockaddr to, from;
    nng_udp* socket;
    memset(&from, 255, sizeof from);
    need(nng_udp_open(&socket, address), "nng_udp_open");
    need(nng_udp_sockname(socket, &to), "nng_udp_sockname");
    make_handle(&send);
    make_handle(&recv);
    need(nng_aio_set_input(send.aio, 0, &to), "nng_aio_set_input");
    need(nng_aio_set_iov(send.aio, 1, &out), "nng_aio_set_iov");
    need(nng_aio_set_input(recv.aio, 0, &from), "nng_aio_set_input");
    need(nng_aio_set_iov(recv.aio, 1, &in), "nng_aio_set_iov");
    nng_udp_recv(socket, recv.aio);
    nng_udp_send(socket, send.aio);
    nng_aio_wait(send.aio);
    nng_aio_wait(recv.aio);
    say(key, "%s, %d, %s, %d, %s, family %d, %d", name_of(nng_aio_result(send.aio)), (int)nng_aio_count(send.aio),
        name_of(nng_aio_result(recv.aio)), (int)nng_aio_count(recv.aio), received, to.s_family,
        memcmp(&to, &from, to.s_family == NNG_AF_INET ? sizeof to.s_in : sizeof to.s_in6) == 0);
    nng_udp_recv(socket, recv.aio);
    nng_udp_close(socket);
    nng_aio_wait(recv.aio);
    say(close_key, "%s", name_of(nng_aio_result(recv.aio)));
    free_handle(&send);
    free_handle(&recv);
}

static void compare_udp(void) {
    nng_sockaddr address;
    nng_udp* socket;
    memset(&address, 0, sizeof address);
    address.s_in.sa_family = NNG_AF_INET;
    memcpy(&address.s_in.sa_addr, "\x7f\x00\x00\x01", 4);
    compare_datagrams(&address, "newer.udp", "newer.udp.close");
    memset(&address, 0, sizeof address);
    address.s_in6.sa_family = NNG_AF_INET6;
    address.s_in6.sa_addr[15] = 1;
    if (nng_udp_open(&socket, &address) == 0) {
        nng_udp_close(socket);
        compare_datagrams(&address, "newer.udp6", "newer.udp6.close");
    } else {  // this machine has no IPv6
        say("newer.udp6", "OK, 8, OK, 8, datagram, family 4, 1");
        say("newer.udp6.close", "ECLOSED");
    }
    address.s_family = NNG_AF_IPC;
    say("newer.udp.family", "%s", nng_udp_open(&socket, &address) == 0 ? "OK" : "fails");
}

static void compare_socket_listener(void) {
    int descriptors[2];
    nng_stream_listener* listener;
    nng_sockaddr address;
    struct handle handle;
    make_handle(&handle);
    say("newer.socket_pair", "%s", name_of(nng_socket_pair(descriptors)));
    need(nng_stream_listener_alloc(&listener, "socket://"), "listener");
    need(nng_stream_listener_listen(listener), "listen");
    say("newer.socket_fd.get", "%s", name_of(nng_stream_listener_get_int(listener, NNG_OPT_SOCKET_FD, descriptors)));
    for (int i = 0; i < 2; ++i) {
        say(i == 0 ? "newer.socket_fd.0" : "newer.socket_fd.1", "%s",
            name_of(nng_stream_listener_set_int(listener, NNG_OPT_SOCKET_FD, descriptors[i])));
        nng_stream_listener_accept(listener, handle.aio);
        nng_aio_wait(handle.aio);
        need(nng_aio_result(handle.aio), "accept");
        nng_stream* const stream = nng_aio_get_output(handle.aio, 0);
        say(i == 0 ? "newer.socket_fd.address.0" : "newer.socket_fd.address.1", "%s",
            name_of(nng_stream_get_addr(stream, NNG_OPT_REMADDR, &address)));
        nng_stream_close(stream);
        nng_stream_free(stream);
    }
    nng_stream_listener_close(listener);
    nng_stream_listener_free(listener);
    free_handle(&handle);
}

static void print_log(nng_log_level level, nng_log_facility facility, const char* id, const char* text) {
    static int messages;
    char key[32];
    snprintf(key, sizeof key, "newer.log.%d", ++messages);
    say(key, "%d, %d, %s, %s", level, facility, id, text);
}

static void compare_log(void) {
    nng_log_set_level(NNG_LOG_INFO);
    say("newer.log.level", "%d", nng_log_get_level());
    nng_log_set_logger(print_log);
    nng_log_info("ID", "info %d", 1);
    nng_log_debug("ID", "debug");
    nng_log_set_facility(NNG_LOG_LOCAL0);
    nng_log_err("ID", "err %s", "2");
    nng_log_auth(NNG_LOG_WARN, "ID", "auth");
    nng_log_set_logger(nng_null_logger);
}

void compare_newer(void) {
    say("newer.version", "%s, %d.%d.%d%s", nng_version(), NNG_MAJOR_VERSION, NNG_MINOR_VERSION, NNG_PATCH_VERSION,
        NNG_RELEASE_SUFFIX);
    compare_busy_and_expire();
    compare_address_texts();
    compare_udp();
    compare_socket_listener();
    compare_log();
}
#endif
