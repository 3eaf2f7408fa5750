// The code that the servers here share: it takes connections at a URL, keeps a list of the sessions,
// and ends them all when the program is told to end.
//
// A server of your own has a struct for a session, with a struct session as its first member:
//
//     struct echo { struct session session; nng_stream* stream; nng_aio* aio; ... };
//
// Callbacks run on many threads, those of one nng_aio one after the other. So a session that has one
// nng_aio needs no lock: only its callbacks touch it. The server asks it to end by closing the stream,
// which any thread may do; the operation in flight ends with NNG_ECLOSED, and its callback ends the session.
#ifndef SERVER_H
#define SERVER_H

#include <nng/nng.h>

#ifdef __cplusplus
extern "C" {
#endif

struct server;

struct session {
    void (*close)(struct session*);  // makes it come to its end soon; any thread; must not call session_end
    void (*free)(struct session*);   // frees it; in session_end

    struct server* server;  // the server's
    struct session* previous;
    struct session* next;
};

// Called for each client that has connected. The stream belongs to this function: it begins a session, or frees it.
typedef void (*server_connected)(struct server* server, nng_stream* stream, void* arg);

// A program: takes connections at the URL, no more than `most` at a time (others wait to be accepted), until SIGINT or
// SIGTERM comes; then it ends all sessions. Prints the URL with the real port first, so that port 0 can be asked for.
// `descriptors` is how many a session has open, its stream's among them: the limit of the process is raised if it is
// too low for all of them, and there are fewer sessions if it cannot be. Returns main's result. On a thread of the
// program beside which there are only threads that block these signals, as the library's do.
int server_run(const char* url, unsigned most, unsigned descriptors, server_connected connected, void* arg);

// An argument that says how long; 0 if it is not a number from 1 to what a day has.
nng_duration parse_milliseconds(const char* text);

// The session is in the list from now on, and may be asked to end. Only in a server_connected function.
void session_begin(struct server* server, struct session* session);

// The session takes itself out of the list and is freed. To be called in its last callback, as the last thing.
void session_end(struct session* session);

#ifdef __cplusplus
}
#endif

#endif
