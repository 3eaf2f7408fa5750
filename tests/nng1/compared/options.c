// Options of streams, dialers and listeners, with the types that NNG 1 gives them.
#include <string.h>
#include <unistd.h>

#include "pair.h"

static const char* family_of(const nng_sockaddr* address) {
    static const char* const names[] = {"UNSPEC", "INPROC", "IPC", "INET", "INET6", "ZT", "ABSTRACT"};
    return address->s_family < 7 ? names[address->s_family] : "?";
}

static void compare_stream_addresses(void) {
    struct pair pair;
    nng_sockaddr local, remote;
    size_t size = sizeof local;
    connect_pair(&pair, true);
    say("option.tcp.locaddr", "%s", name_of(nng_stream_get_addr(pair.dialed, NNG_OPT_LOCADDR, &local)));
    say("option.tcp.remaddr", "%s", name_of(nng_stream_get_addr(pair.accepted, NNG_OPT_REMADDR, &remote)));
    say("option.tcp.families", "%s, %s", family_of(&local), family_of(&remote));
    say("option.tcp.same_port", "%d", local.s_in.sa_port == remote.s_in.sa_port);
    memset(&local, 0, sizeof local);
    say("option.tcp.locaddr.untyped", "%s", name_of(nng_stream_get(pair.accepted, NNG_OPT_LOCADDR, &local, &size)));
    say("option.tcp.locaddr.untyped.size", "%d, %s", size == sizeof local, family_of(&local));
    free_pair(&pair);
    connect_pair(&pair, false);
    say("option.ipc.locaddr", "%s", name_of(nng_stream_get_addr(pair.dialed, NNG_OPT_LOCADDR, &local)));
    say("option.ipc.remaddr", "%s", name_of(nng_stream_get_addr(pair.dialed, NNG_OPT_REMADDR, &remote)));
    say("option.ipc.paths", "%s, %d, %d", family_of(&local), strcmp(local.s_ipc.sa_path, pair.url + 6) == 0,
        strcmp(remote.s_ipc.sa_path, pair.url + 6) == 0);
    free_pair(&pair);
}

static void compare_stream_options(void) {
    struct pair pair;
    bool flag = false;
    int number = 0;
    size_t size = sizeof flag;
    nng_duration ms = 0;
    char* text = NULL;
    void* pointer = NULL;
    uint64_t id = 0;
    connect_pair(&pair, true);
    say("option.nodelay.set", "%s", name_of(nng_stream_set_bool(pair.dialed, NNG_OPT_TCP_NODELAY, true)));
    say("option.nodelay.get", "%s", name_of(nng_stream_get_bool(pair.dialed, NNG_OPT_TCP_NODELAY, &flag)));
    say("option.nodelay.value", "%d", flag);
    say("option.nodelay.off", "%s", name_of(nng_stream_set_bool(pair.dialed, NNG_OPT_TCP_NODELAY, false)));
    say("option.nodelay.get.untyped", "%s", name_of(nng_stream_get(pair.dialed, NNG_OPT_TCP_NODELAY, &flag, &size)));
    say("option.nodelay.value.untyped", "%d, %d", flag, (int)size);
    flag = true;
    say("option.keepalive.set.untyped", "%s",
        name_of(nng_stream_set(pair.dialed, NNG_OPT_TCP_KEEPALIVE, &flag, sizeof flag)));
    flag = false;
    nng_stream_get_bool(pair.dialed, NNG_OPT_TCP_KEEPALIVE, &flag);
    say("option.keepalive.value", "%d", flag);
    say("option.keepalive.set.size", "%s", name_of(nng_stream_set(pair.dialed, NNG_OPT_TCP_KEEPALIVE, &number, 4)));
    size = 0;
    say("option.keepalive.get.size", "%s", name_of(nng_stream_get(pair.dialed, NNG_OPT_TCP_KEEPALIVE, &flag, &size)));
    say("option.keepalive.get.size.needed", "%d", (int)size);
    size = 0;
    say("option.keepalive.get.null", "%s", name_of(nng_stream_get(pair.dialed, NNG_OPT_TCP_KEEPALIVE, NULL, &size)));
    say("option.keepalive.get.null.needed", "%d", (int)size);
    say("option.wrong_type.int", "%s", name_of(nng_stream_get_int(pair.dialed, NNG_OPT_TCP_NODELAY, &number)));
    say("option.wrong_type.ms", "%s", name_of(nng_stream_get_ms(pair.dialed, NNG_OPT_TCP_NODELAY, &ms)));
    say("option.wrong_type.size", "%s", name_of(nng_stream_get_size(pair.dialed, NNG_OPT_TCP_NODELAY, &size)));
    say("option.wrong_type.uint64", "%s", name_of(nng_stream_get_uint64(pair.dialed, NNG_OPT_TCP_NODELAY, &id)));
    say("option.wrong_type.string", "%s", name_of(nng_stream_get_string(pair.dialed, NNG_OPT_TCP_NODELAY, &text)));
    say("option.wrong_type.ptr", "%s", name_of(nng_stream_get_ptr(pair.dialed, NNG_OPT_TCP_NODELAY, &pointer)));
    say("option.wrong_type.set", "%s", name_of(nng_stream_set_int(pair.dialed, NNG_OPT_TCP_NODELAY, 1)));
    say("option.wrong_type.addr", "%s", name_of(nng_stream_get_bool(pair.dialed, NNG_OPT_LOCADDR, &flag)));
    say("option.read_only", "%s", name_of(nng_stream_set_bool(pair.dialed, NNG_OPT_LOCADDR, true)));
    say("option.unknown.get", "%s", name_of(nng_stream_get_int(pair.dialed, "no-such-option", &number)));
    say("option.unknown.set", "%s", name_of(nng_stream_set_string(pair.dialed, "no-such-option", "x")));
    say("option.tcp.peer_uid", "%s", name_of(nng_stream_get_uint64(pair.dialed, NNG_OPT_IPC_PEER_UID, &id)));
    free_pair(&pair);
}

static void compare_peer_ids(void) {
    struct pair pair;
    uint64_t id = 99;
    int number = 0;
    connect_pair(&pair, false);
    say("option.peer_uid", "%s", name_of(nng_stream_get_uint64(pair.accepted, NNG_OPT_IPC_PEER_UID, &id)));
    say("option.peer_uid.value", "%d", id == getuid());
    say("option.peer_gid", "%s", name_of(nng_stream_get_uint64(pair.accepted, NNG_OPT_IPC_PEER_GID, &id)));
    say("option.peer_gid.value", "%d", id == getgid());
    say("option.peer_pid", "%s", name_of(nng_stream_get_uint64(pair.accepted, NNG_OPT_IPC_PEER_PID, &id)));
    say("option.peer_pid.value", "%d", id == (uint64_t)getpid());
    say("option.peer_zone", "%s", name_of(nng_stream_get_uint64(pair.accepted, NNG_OPT_IPC_PEER_ZONEID, &id)));
    say("option.peer_zone.set", "%s", name_of(nng_stream_set_uint64(pair.accepted, NNG_OPT_IPC_PEER_ZONEID, 1)));
    say("option.peer_uid.int", "%s", name_of(nng_stream_get_int(pair.accepted, NNG_OPT_IPC_PEER_UID, &number)));
    say("option.peer_uid.set", "%s", name_of(nng_stream_set_uint64(pair.accepted, NNG_OPT_IPC_PEER_UID, 1)));
    say("option.ipc.nodelay", "%s", name_of(nng_stream_set_bool(pair.accepted, NNG_OPT_TCP_NODELAY, true)));
    nng_stream_close(pair.accepted);
    say("option.peer_uid.closed", "%s", name_of(nng_stream_get_uint64(pair.accepted, NNG_OPT_IPC_PEER_UID, &id)));
    free_pair(&pair);
}

static void compare_listener_options(void) {
    struct pair pair;
    nng_stream_listener* listener;
    nng_sockaddr address;
    bool flag = false;
    int number = 0;
    need(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"), "listener");
    say("option.listener.port.early", "%s",
        name_of(nng_stream_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &number)));
    memset(&address, 0, sizeof address);
    say("option.listener.address.early", "%s",
        name_of(nng_stream_listener_get_addr(listener, NNG_OPT_LOCADDR, &address)));
    say("option.listener.nodelay.get", "%s",
        name_of(nng_stream_listener_get_bool(listener, NNG_OPT_TCP_NODELAY, &flag)));
    say("option.listener.nodelay.default", "%d", flag);
    say("option.listener.nodelay.set", "%s",
        name_of(nng_stream_listener_set_bool(listener, NNG_OPT_TCP_NODELAY, true)));
    nng_stream_listener_get_bool(listener, NNG_OPT_TCP_KEEPALIVE, &flag);
    say("option.listener.keepalive.default", "%d", flag);
    say("option.listener.permissions.tcp", "%s",
        name_of(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0600)));
    nng_stream_listener_free(listener);
    connect_pair(&pair, true);
    need(nng_stream_listener_get_addr(pair.listener, NNG_OPT_LOCADDR, &address), "address");
    say("option.listener.address", "%s, %d", family_of(&address), address.s_in.sa_port != 0);
    say("option.listener.port.untyped", "%s",
        name_of(nng_stream_listener_set_int(pair.listener, NNG_OPT_TCP_BOUND_PORT, 1)));
    free_pair(&pair);
    name_path(&pair);
    need(nng_stream_listener_alloc(&listener, pair.url), "listener");
    say("option.permissions.bad", "%s",
        name_of(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0140600)));
    say("option.permissions", "%s", name_of(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0600)));
    say("option.permissions.get", "%s",
        name_of(nng_stream_listener_get_int(listener, NNG_OPT_IPC_PERMISSIONS, &number)));
    need(nng_stream_listener_listen(listener), "listen");
    say("option.permissions.late", "%s", name_of(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0600)));
    say("option.permissions.mode", "%d", access(pair.url + 6, R_OK | W_OK));
    need(nng_stream_listener_get_addr(listener, NNG_OPT_LOCADDR, &address), "address");
    say("option.listener.path", "%s, %d", family_of(&address), strcmp(address.s_ipc.sa_path, pair.url + 6) == 0);
    nng_stream_listener_free(listener);
    say("option.listener.path.removed", "%d", access(pair.url + 6, F_OK));
}

static void compare_dialer_options(void) {
    nng_stream_dialer* dialer;
    nng_sockaddr address;
    bool flag = false;
    need(nng_stream_dialer_alloc(&dialer, "tcp://127.0.0.1:1"), "dialer");
    nng_stream_dialer_get_bool(dialer, NNG_OPT_TCP_NODELAY, &flag);
    say("option.dialer.nodelay.default", "%d", flag);
    flag = true;
    nng_stream_dialer_get_bool(dialer, NNG_OPT_TCP_KEEPALIVE, &flag);
    say("option.dialer.keepalive.default", "%d", flag);
    say("option.dialer.address.early", "%s", name_of(nng_stream_dialer_get_addr(dialer, NNG_OPT_LOCADDR, &address)));
    say("option.dialer.address.early.family", "%s", family_of(&address));
    memset(&address, 0, sizeof address);
    address.s_in.sa_family = NNG_AF_INET;
    ((unsigned char*)&address.s_in.sa_addr)[0] = 127;
    ((unsigned char*)&address.s_in.sa_addr)[3] = 1;
    say("option.dialer.address.set", "%s", name_of(nng_stream_dialer_set_addr(dialer, NNG_OPT_LOCADDR, &address)));
    memset(&address, 0, sizeof address);
    nng_stream_dialer_get_addr(dialer, NNG_OPT_LOCADDR, &address);
    say("option.dialer.address.get", "%s", family_of(&address));
    address.s_in.sa_port = 1;
    say("option.dialer.address.port", "%s", name_of(nng_stream_dialer_set_addr(dialer, NNG_OPT_LOCADDR, &address)));
    memset(&address, 0, sizeof address);
    address.s_family = NNG_AF_IPC;
    say("option.dialer.address.family", "%s", name_of(nng_stream_dialer_set_addr(dialer, NNG_OPT_LOCADDR, &address)));
    nng_stream_dialer_free(dialer);
}

// An IPv6 address has the layout of NNG 1: the bytes of the address before the scope.
static void compare_ipv6(void) {
    static const unsigned char loopback[16] = {[15] = 1};
    nng_stream_listener* listener;
    nng_sockaddr address;
    memset(&address, 255, sizeof address);
    need(nng_stream_listener_alloc(&listener, "tcp6://[::1]:0"), "listener");
    if (nng_stream_listener_listen(listener) != 0) {
        say("option.ipv6", "INET6, 1, 1, 0");  // this machine has no IPv6
    } else {
        need(nng_stream_listener_get_addr(listener, NNG_OPT_LOCADDR, &address), "address");
        say("option.ipv6", "%s, %d, %d, %d", family_of(&address), memcmp(address.s_in6.sa_addr, loopback, 16) == 0,
            address.s_in6.sa_port != 0, (int)address.s_in6.sa_scope);
    }
    nng_stream_listener_free(listener);
}

static void compare_abstract(void) {
    nng_stream_listener* listener;
    nng_sockaddr address;
    memset(&address, 0, sizeof address);
    need(nng_stream_listener_alloc(&listener, "abstract://"), "listener");
    say("option.abstract.permissions.bad", "%s",
        name_of(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0140600)));
    need(nng_stream_listener_listen(listener), "listen");
    say("option.abstract.permissions.late", "%s",
        name_of(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0600)));
    need(nng_stream_listener_get_addr(listener, NNG_OPT_LOCADDR, &address), "address");
    say("option.abstract", "%s, %d", family_of(&address), address.s_abstract.sa_len > 0);
    nng_stream_listener_free(listener);
}

void compare_options(void) {
    compare_stream_addresses();
    compare_stream_options();
    compare_peer_ids();
    compare_listener_options();
    compare_dialer_options();
    compare_ipv6();
    compare_abstract();
}
