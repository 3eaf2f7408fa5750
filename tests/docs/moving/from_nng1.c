// Runs one side of docs/moving/from-nng1.md: SIDE is the file that has the side's pieces.
#include SIDE

#include "peers.h"

// Returns the URL of a server that sends `text` to the client that connects, and reads until the program ends.
static const char* server_that_sends(const char* text);

int main(void) {
    char path[64], text[] = "everything";
    (void)snprintf(path, sizeof(path), "/tmp/from-nng1-%d", (int)getpid());
    ticks();
    receive_what_is_there(server_that_sends("here"));
    print_peer(server_that_sends(""));
    accept_one(path);
    print_url("http://example.org:8080/a");
    own_operation();
    read_frame(server_that_sends("\005hello"));
    send_everything(server_that_sends(""), text);
    first_of_two();
    wait_a_while();
    stop_and_start();
    end_everything();
    nng_fini();
}

struct sending {
    int listener;
    const char* text;
};

static void* send_text(void* arg) {
    struct sending sending = *(struct sending*)arg;
    free(arg);
    int fd = checked(accept(sending.listener, NULL, NULL));
    char byte;
    checked((int)write(fd, sending.text, strlen(sending.text)));
    while (read(fd, &byte, 1) > 0) continue;
    close(fd);
    close(sending.listener);
    return NULL;
}

static const char* server_that_sends(const char* text) {
    static char url[64];
    struct sockaddr_in address = {0};
    socklen_t length = sizeof(address);
    pthread_t thread;
    struct sending* sending = malloc(sizeof(*sending));
    if (sending == NULL) exit(1);
    sending->text = text;
    sending->listener = checked(socket(AF_INET, SOCK_STREAM, 0));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    checked(bind(sending->listener, (struct sockaddr*)&address, length));
    checked(listen(sending->listener, 1));
    checked(getsockname(sending->listener, (struct sockaddr*)&address, &length));
    if (pthread_create(&thread, NULL, send_text, sending) != 0 || pthread_detach(thread) != 0) exit(1);
    (void)snprintf(url, sizeof(url), "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    return url;
}
