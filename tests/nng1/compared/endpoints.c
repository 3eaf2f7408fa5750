// Dialers and listeners: what their URLs may be, and each way in which a dial or an accept ends.
#include <string.h>

#include "pair.h"

static void compare_dialer_url(const char* key, const char* url) {
    nng_stream_dialer* dialer = NULL;
    say(key, "%s", name_of(nng_stream_dialer_alloc(&dialer, url)));
    nng_stream_dialer_free(dialer);
}

static void compare_listener_url(const char* key, const char* url) {
    nng_stream_listener* listener = NULL;
    say(key, "%s", name_of(nng_stream_listener_alloc(&listener, url)));
    nng_stream_listener_free(listener);
}

static void compare_endpoint_urls(void) {
    compare_dialer_url("dialer.tcp", "tcp://127.0.0.1:1");
    compare_dialer_url("dialer.tcp4", "tcp4://127.0.0.1:1");
    compare_dialer_url("dialer.tcp6", "tcp6://[::1]:1");
    compare_dialer_url("dialer.tcp.no_port", "tcp://127.0.0.1");
    compare_dialer_url("dialer.tcp.no_host", "tcp://:80");
    compare_dialer_url("dialer.ipc", "ipc:///tmp/x");
    compare_dialer_url("dialer.unix", "unix:///tmp/x");
    compare_dialer_url("dialer.abstract", "abstract://x%20y");
    compare_dialer_url("dialer.abstract.bad_escape", "abstract://x%2");
    compare_dialer_url("dialer.ipc.empty", "ipc://");
    compare_dialer_url("dialer.inproc", "inproc://x");
    compare_dialer_url("dialer.unknown", "gopher://x:1");
    compare_dialer_url("dialer.unknown.no_host", "gopher://x y:z");
    compare_dialer_url("dialer.no_url", "x");
    compare_dialer_url("dialer.tcp.bad_port", "tcp://127.0.0.1:x");
    compare_dialer_url("dialer.tcp.port_0", "tcp://127.0.0.1:0");
    compare_listener_url("listener.tcp", "tcp://127.0.0.1:0");
    compare_listener_url("listener.tcp.any", "tcp://*:0");
    compare_listener_url("listener.tcp.no_host", "tcp://:0");
    compare_listener_url("listener.tcp.bad_port", "tcp://127.0.0.1:x");
    compare_listener_url("listener.tcp.nothing", "tcp://*");
    compare_listener_url("listener.ipc.empty", "ipc://");
    compare_listener_url("listener.unknown", "gopher://x:1");
    compare_listener_url("listener.no_url", "x");
}

static void compare_alloc_url(void) {
    nng_stream_dialer* dialer = NULL;
    nng_stream_listener* listener = NULL;
    nng_url* url;
    need(nng_url_parse(&url, "tcp://127.0.0.1:1"), "nng_url_parse");
    say("dialer.alloc_url", "%s", name_of(nng_stream_dialer_alloc_url(&dialer, url)));
    say("listener.alloc_url", "%s", name_of(nng_stream_listener_alloc_url(&listener, url)));
    nng_url_free(url);
    nng_stream_dialer_free(dialer);
    nng_stream_listener_free(listener);
}

// A listener without a host. Its streams have addresses of the listener's family.
static void compare_any(void) {
    nng_stream_listener* listener;
    nng_sockaddr address;
    memset(&address, 0, sizeof address);
    need(nng_stream_listener_alloc(&listener, "tcp://*:0"), "listener");
    need(nng_stream_listener_listen(listener), "listen");
    need(nng_stream_listener_get_addr(listener, NNG_OPT_LOCADDR, &address), "address");
    say("listen.any.ipv4", "%d", address.s_family == NNG_AF_INET);
    nng_stream_listener_free(listener);
}

static void compare_listens(void) {
    struct handle handle;
    struct pair first, second;
    make_handle(&handle);
    connect_pair(&first, true);
    say("listen.twice", "%s", name_of(nng_stream_listener_listen(first.listener)));
    need(nng_stream_listener_alloc(&second.listener, first.url), "listener");
    say("listen.in_use", "%s", name_of(nng_stream_listener_listen(second.listener)));
    nng_stream_listener_accept(second.listener, handle.aio);
    say_end("accept.not_listening", &handle);
    nng_stream_listener_free(second.listener);
    need(nng_stream_listener_alloc(&second.listener, "tcp://127.0.0.1:0"), "listener");
    nng_stream_listener_close(second.listener);
    say("listen.closed", "%s", name_of(nng_stream_listener_listen(second.listener)));
    nng_stream_listener_free(second.listener);
    nng_aio_set_timeout(handle.aio, 10);
    nng_stream_listener_accept(first.listener, handle.aio);
    say_end("accept.timeout", &handle);
    nng_aio_set_timeout(handle.aio, NNG_DURATION_INFINITE);
    nng_stream_listener_accept(first.listener, handle.aio);
    nng_aio_cancel(handle.aio);
    say_end("accept.cancel", &handle);
    nng_stream_listener_accept(first.listener, handle.aio);
    nng_stream_listener_close(first.listener);
    say_end("accept.close", &handle);
    nng_stream_listener_accept(first.listener, handle.aio);
    say_end("accept.closed", &handle);
    free_handle(&handle);
    free_pair(&first);
}

static void compare_dials(void) {
    struct handle handle;
    struct pair pair, other;
    make_handle(&handle);
    connect_pair(&pair, true);
    nng_stream_listener_close(pair.listener);
    nng_stream_dialer_dial(pair.dialer, handle.aio);
    say_end("dial.tcp.refused", &handle);
    say("dial.tcp.refused.output", "%d", nng_aio_get_output(handle.aio, 0) != NULL);
    nng_stream_dialer_close(pair.dialer);
    nng_stream_dialer_dial(pair.dialer, handle.aio);
    say_end("dial.closed", &handle);
    name_path(&other);
    need(nng_stream_dialer_alloc(&other.dialer, other.url), "dialer");
    nng_stream_dialer_dial(other.dialer, handle.aio);
    say_end("dial.ipc.no_path", &handle);
    nng_aio_stop(handle.aio);
    nng_stream_dialer_dial(other.dialer, handle.aio);
    nng_msleep(20);
    say_end("dial.stopped", &handle);
    nng_stream_dialer_free(other.dialer);
    free_handle(&handle);
    free_pair(&pair);
}

void compare_dialers_and_listeners(void) {
    compare_endpoint_urls();
    compare_alloc_url();
    compare_any();
    compare_listens();
    compare_dials();
}
