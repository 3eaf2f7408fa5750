#include "socket_pair.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

static void tcp_pair(int ends[2]) {
    struct sockaddr_in address;
    socklen_t size = sizeof(address);
    int one = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr*)&address, size) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr*)&address, &size) != 0) {
        die("cannot listen");
    }
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(ends[0], (struct sockaddr*)&address, size) != 0) die("cannot connect");
    ends[1] = accept(listener, NULL, NULL);
    if (ends[1] < 0) die("cannot accept");
    close(listener);
    for (int i = 0; i < 2; i++) setsockopt(ends[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

void socket_pair(bool tcp, int ends[2]) {
    if (tcp) {
        tcp_pair(ends);
    } else if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        die("no socket pair");
    }
}
