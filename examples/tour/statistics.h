// The tour's counters: operations by kind and outcome, lateness, broken promises.
//
// Each submitting thread has its own counters, under its own lock. The counters of all threads are added up at the end.
#ifndef TOUR_STATISTICS_H
#define TOUR_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kind {
    SLEEP,           // ends by itself
    SLEEP_CUT,       // the timeout of the handle is shorter than the sleep
    SLEEP_AGAIN,     // the callback starts the next sleep
    SLEEP_REAPED,    // the callback reaps the handle
    STREAM_SEND,     // over a connection; may time out, because the other end does not keep up
    STREAM_RECEIVE,  // may time out
    DATAGRAM_SEND,
    DATAGRAM_RECEIVE,  // may time out
    LOOK_UP,           // look-up of a name; may time out
    FILE_WRITE,
    FILE_READ,
    QUEUE_PUT,       // into a queue that all submitters use; may time out
    QUEUE_GET,       // from such a queue; may time out
    QUEUE_POLL,      // a get with a timeout of zero from a queue that is always empty
    WAIT_TIMED_OUT,  // a get from an empty queue, ended by its timeout
    WAIT_CANCELLED,  // a get or an infinite sleep, ended by nng_aio_cancel
    WAIT_ABORTED,    // a get or an infinite sleep, ended by nng_aio_abort with an error code of the tour
    WAIT_RACED,      // a get or an infinite sleep, ended by a timeout or a cancel, whichever comes first
    WAIT_STOPPED,    // a get from an empty queue, ended by nng_aio_stop
    WAIT_REAPED,     // a get from an empty queue, ended by nng_aio_reap
    KINDS
};

enum outcome { SUCCESS, TIMED_OUT, CANCELLED, ABORTED, STOPPED, OTHER, OUTCOMES };

enum promise {
    CALLBACK_MISSING,
    CALLBACK_DOUBLED,
    TOO_EARLY,
    BYTES_WRONG,
    WRONG_RESULT,
    ITEM_LOST,
    ITEM_DUPLICATED,
    ITEM_FROM_NOWHERE,
    PROMISES
};

// Times in ns, in the order in which they were recorded until samples_sort. statistics_init allocates the memory for
// all of them.
struct samples {
    int64_t* values;
    size_t count;
    size_t room;
};

struct statistics {
    uint64_t submitted[KINDS];
    uint64_t outcomes[KINDS][OUTCOMES];  // one per callback
    uint64_t broken[PROMISES];
    uint64_t bytes_sent;  // over connections
    uint64_t bytes_received;
    struct samples sleeps;    // the lateness of each sleep that ended by itself
    struct samples timeouts;  // the lateness of each timeout
};

bool statistics_init(struct statistics* statistics, size_t operations);
void statistics_free(struct statistics* statistics);
void statistics_add(struct statistics* total, const struct statistics* part);

uint64_t statistics_submitted(const struct statistics* statistics);
uint64_t statistics_callbacks(const struct statistics* statistics);
bool statistics_all_kept(const struct statistics* statistics);

void samples_add(struct samples* samples, int64_t value);
void samples_sort(struct samples* samples);
// Returns the smallest sample that at least `percent` percent of the samples do not exceed.
// REQUIRES: the samples are sorted, and there is at least one.
int64_t samples_percentile(const struct samples* samples, unsigned percent);

#endif
