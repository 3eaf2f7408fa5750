#include "server.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum {
    PAUSE = 100,   // milliseconds until the next attempt after a failure, such as a lack of descriptors
    RESERVE = 64,  // descriptors for other uses than sessions: the library's, and those that a callback opens briefly
};

struct server {
    nng_stream_listener* listener;
    server_connected connected;
    void* arg;
    unsigned max;

    nng_aio* accept;  // accepts, or pauses
    bool pausing;     // true: `accept` pauses; only the callback of `accept` uses this member

    nng_mtx* lock;  // guards the members below
    nng_cv* left;
    struct session* sessions;
    unsigned count;
    bool waiting;  // the number of sessions is at its max; session_end accepts again
    bool ending;
};

// ---- Sessions ----------------------------------------------------------------------------------

void session_begin(struct server* server, struct session* session) {
    nng_mtx_lock(server->lock);
    session->server = server;
    session->previous = NULL;
    session->next = server->sessions;
    if (session->next != NULL) session->next->previous = session;
    server->sessions = session;
    server->count++;
    nng_mtx_unlock(server->lock);
}

// Removes the session from the list. After that, no other thread closes it.
static void unlink_session(struct server* server, struct session* session) {
    nng_mtx_lock(server->lock);
    if (session->previous != NULL)
        session->previous->next = session->next;
    else
        server->sessions = session->next;
    if (session->next != NULL) session->next->previous = session->previous;
    nng_mtx_unlock(server->lock);
}

void session_end(struct session* session) {
    struct server* server = session->server;

    unlink_session(server, session);
    session->free(session);
    nng_mtx_lock(server->lock);
    server->count--;
    if (server->waiting && !server->ending) {
        server->waiting = false;
        nng_stream_listener_accept(server->listener, server->accept);  // runs no callback in this call
    }
    nng_cv_wake(server->left);
    nng_mtx_unlock(server->lock);
}

static void end_sessions(struct server* server) {
    nng_mtx_lock(server->lock);
    for (struct session* session = server->sessions; session != NULL; session = session->next) session->close(session);
    while (server->count != 0) nng_cv_wait(server->left);
    nng_mtx_unlock(server->lock);
}

// ---- Accepting ---------------------------------------------------------------------------------

static void accept_next(struct server* server) {
    nng_mtx_lock(server->lock);
    server->waiting = server->count >= server->max;
    bool accept = !server->waiting;
    nng_mtx_unlock(server->lock);
    if (accept) nng_stream_listener_accept(server->listener, server->accept);
}

static void accepted(void* arg) {
    struct server* server = arg;

    switch (nng_aio_result(server->accept)) {
        case NNG_OK:
            if (!server->pausing) server->connected(server, nng_aio_get_output(server->accept, 0), server->arg);
            server->pausing = false;
            accept_next(server);
            break;
        case NNG_ECLOSED:  // the server is ending
        case NNG_ESTOPPED:
            break;
        default:  // accepting may work later, but would probably fail again at once
            server->pausing = true;
            nng_sleep_aio(PAUSE, server->accept);
            break;
    }
}

// ---- The program -------------------------------------------------------------------------------

static void print_url(struct server* server, const char* text) {
    char buffer[256];
    nng_url* url;
    int port;

    if (nng_stream_listener_get_int(server->listener, NNG_OPT_BOUND_PORT, &port) == NNG_OK &&
        nng_url_parse(&url, text) == NNG_OK) {
        nng_url_resolve_port(url, (uint32_t)port);
        (void)nng_url_sprintf(buffer, sizeof(buffer), url);
        text = buffer;
        nng_url_free(url);
    }
    printf("listening on %s\n", text);
    fflush(stdout);
}

// Returns the number of sessions, at most `max`, that the limit of descriptors allows if each session needs
// `descriptors` of them. Many systems start a process with a limit of 1024, which the process may raise, so this
// function raises the limit if necessary.
static unsigned possible_sessions(unsigned max, unsigned descriptors) {
    rlim_t wanted = (rlim_t)max * descriptors + RESERVE;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return max;
    struct rlimit raised = {limit.rlim_max < wanted ? limit.rlim_max : wanted, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    if (limit.rlim_cur >= wanted) return max;
    return limit.rlim_cur < RESERVE + descriptors ? 1 : (unsigned)((limit.rlim_cur - RESERVE) / descriptors);
}

static nng_err prepare(struct server* server, const char* url) {
    nng_err err = (nng_err)nng_mtx_alloc(&server->lock);
    if (err == NNG_OK) err = (nng_err)nng_cv_alloc(&server->left, server->lock);
    if (err == NNG_OK) err = nng_aio_alloc(&server->accept, accepted, server);
    if (err == NNG_OK) err = nng_stream_listener_alloc(&server->listener, url);
    if (err == NNG_OK) err = nng_stream_listener_listen(server->listener);
    return err;
}

// Ends all sessions. No session begins after the stop of `accept`.
static void end(struct server* server) {
    nng_mtx_lock(server->lock);
    server->ending = true;
    nng_mtx_unlock(server->lock);
    nng_stream_listener_close(server->listener);
    nng_aio_stop(server->accept);
    end_sessions(server);
}

// Frees everything that prepare has allocated, even if prepare has failed.
static void clean_up(struct server* server) {
    if (server->listener != NULL) nng_stream_listener_free(server->listener);
    nng_aio_free(server->accept);
    if (server->left != NULL) nng_cv_free(server->left);
    if (server->lock != NULL) nng_mtx_free(server->lock);
}

static void wait_for(const sigset_t* signals) {
    int signal;
    while (sigwait(signals, &signal) != 0) continue;
}

nng_duration parse_milliseconds(const char* text) {
    const long day = 24L * 3600 * 1000;
    char* end;

    errno = 0;
    long value = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && value >= 1 && value <= day ? (nng_duration)value : 0;
}

int server_run(const char* url, unsigned max, unsigned descriptors, server_connected connected, void* arg) {
    struct server server = {.connected = connected, .arg = arg, .max = possible_sessions(max, descriptors)};
    sigset_t signals;

    // The signals are blocked, so that only sigwait receives them.
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &signals, NULL) != 0) return 1;

    nng_err err = nng_init(NULL);
    if (err == NNG_OK) err = prepare(&server, url);
    if (err == NNG_OK) {
        print_url(&server, url);
        accept_next(&server);
        wait_for(&signals);
        end(&server);
    } else {
        fprintf(stderr, "%s: %s\n", url, nng_strerror(err));
    }
    clean_up(&server);
    nng_fini();
    return err == NNG_OK ? 0 : 1;
}
