// The code that echo_server, httpd and proxy share: it accepts connections at a URL, keeps a list of the sessions, and
// ends all of them when a signal tells the program to end.
//
// Your own server defines a struct for a session, with a struct session as its first member:
//
//     struct echo { struct session session; nng_stream* stream; nng_aio* aio; ... };
//
// Callbacks run on many threads, but those of one nng_aio run one after the other. So a session that has only one
// nng_aio needs no lock: only its callbacks use it. To end a session, the server closes the stream, which any thread
// may do. The operation in flight then ends with NNG_ECLOSED, and its callback ends the session.
#ifndef SERVER_H
#define SERVER_H

#include <nng/nng.h>

#ifdef __cplusplus
extern "C" {
#endif

struct server;

struct session {
    void (*close)(struct session*);  // makes the session end soon; called by any thread; must not call session_end
    void (*free)(struct session*);   // frees the session; called by session_end

    struct server* server;  // these members belong to the server
    struct session* previous;
    struct session* next;
};

// Called for each client that has connected. The function takes over the stream: it begins a session, or frees the
// stream.
typedef void (*server_connected)(struct server* server, nng_stream* stream, void* arg);

// Runs the server: accepts connections at the URL, up to `max` at a time (further clients wait), until SIGINT or
// SIGTERM comes; then ends all sessions. First prints the URL with the real port, so that a caller may ask for port 0.
// `descriptors` is the number of descriptors that a session has open, including that of its stream. If the process's
// limit of descriptors is too low for all sessions, the function raises the limit; if the system refuses, the function
// allows fewer sessions. Returns main's result.
// REQUIRES: all other threads of the program block these signals, as the library's threads do.
int server_run(const char* url, unsigned max, unsigned descriptors, server_connected connected, void* arg);

// Returns the number in the argument; 0 if it is not a number from 1 to the milliseconds of a day.
nng_duration parse_milliseconds(const char* text);

// Adds the session to the list, after which the server may close it. Only a server_connected function may call this.
void session_begin(struct server* server, struct session* session);

// Removes the session from the list and frees it. The session's last callback calls this as its last step.
void session_end(struct session* session);

#ifdef __cplusplus
}
#endif

#endif
