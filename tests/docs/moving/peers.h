// The other sides of the connections of the pieces of code in docs/moving. Each program includes this header once, and
// uses most of it.
#ifndef PEERS_H
#define PEERS_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Ends the program if a call of the system has failed.
static inline int checked(int result) {
    if (result < 0) {
        perror("peers.h");
        exit(1);
    }
    return result;
}

// Returns one end of a connected pair. The other end stays open until the program ends, and has sent `text` only.
static inline int peer_that_sends(const char* text) {
    int ends[2];
    checked(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    checked((int)write(ends[1], text, strlen(text)));
    return ends[0];
}

// ---- A file -------------------------------------------------------------------------------------

static char text_path[64];

// Makes a file with a line of text, and returns its path.
static inline const char* text_file(void) {
    (void)snprintf(text_path, sizeof(text_path), "text.%d", (int)getpid());
    FILE* file = fopen(text_path, "w");
    if (file == NULL || fputs("the text of the file\n", file) < 0 || fclose(file) != 0) exit(1);
    return text_path;
}

static inline void remove_text_file(void) { checked(remove(text_path)); }

// ---- A client of an echo server ----------------------------------------------------------------

static pthread_t client_thread;

static inline void* client_talk(void* arg) {
    struct sockaddr_in address;
    char back[6] = "";
    size_t have = 0;
    ssize_t count = 1;
    int fd = checked(socket(AF_INET, SOCK_STREAM, 0));
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)(intptr_t)arg);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    checked(connect(fd, (struct sockaddr*)&address, sizeof(address)));
    checked((int)write(fd, "hello", 5));
    for (; have < 5 && count > 0; have += (size_t)count) count = checked((int)read(fd, back + have, 5 - have));
    printf("the client got: %s\n", back);
    checked(shutdown(fd, SHUT_WR));
    checked((int)read(fd, back, 1));  // until the server has closed its end
    checked(close(fd));
    return NULL;
}

// Starts a thread that connects to the port, sends a word, and prints what comes back.
static inline void client_of(int port) {
    if (pthread_create(&client_thread, NULL, client_talk, (void*)(intptr_t)port) != 0) exit(1);
}

static inline void client_join(void) {
    if (pthread_join(client_thread, NULL) != 0) exit(1);
}

#endif
