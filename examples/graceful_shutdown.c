// Ending a server in three steps, each asking for less than the one before:
//
//   TOTAL      end what has not begun: nothing is lost
//              ... some time for the others to come to their own end ...
//   PARTIAL    end what can say how far it has got
//   TERMINAL   end the rest
//
// All operations are bound to the slot of one signal, a scope: an emission reaches all of them, and
// the scope remembers, so that whatever starts later is refused. Nobody keeps a list.
//
// The jobs are composed of many short sleeps, each a piece of work. One kind can stop between two
// pieces and count them (PARTIAL), the other cannot say where it was (TERMINAL).
#include <naio/naio.h>
#include <stdio.h>

#include "check.h"

enum { IDLE, SHORT, LONG, OPAQUE, KINDS, EACH = 3, PIECE = 10 };  // a piece takes 10 ms

static const char* const names[] = {"idle", "short job", "long job", "opaque job"};

struct job {
    size_t pieces;  // to do
    size_t done;
    bool begun;
};

static void next_piece(naio_op* op, void* arg, nng_err result, size_t count) {
    struct job* job = arg;
    (void)count;

    if (job->begun && result == NNG_OK) job->done++;
    job->begun = true;
    if (result != NNG_OK || job->done == job->pieces)
        naio_op_finish(op, result, job->done);
    else
        nng_sleep_aio(PIECE, naio_op_child(op));
}

static void start_operation(int kind, struct job* job, nng_aio* aio) {
    if (kind == IDLE) {
        nng_sleep_aio(NNG_DURATION_INFINITE, aio);  // stands for: accept, receive
        return;
    }
    *job = (struct job){kind == SHORT ? 5 : 100000, 0, false};
    naio_cancel guarantee = kind == OPAQUE ? NAIO_CANCEL_TERMINAL : NAIO_CANCEL_PARTIAL;
    check(naio_compose(aio, guarantee, next_piece, NULL, job), "naio_compose");
}

// Waits for all, each until the same moment, and says what each kind has come to.
static void report(nng_aio* aios[KINDS][EACH], nng_duration wait, const char* title) {
    nng_time deadline = nng_clock() + (nng_time)wait;

    printf("%s\n", title);
    for (int kind = 0; kind < KINDS; kind++) {
        unsigned busy = 0;
        for (int i = 0; i < EACH; i++)
            if (!naio_aio_wait_until(aios[kind][i], deadline)) busy++;
        nng_aio* first = aios[kind][0];
        if (busy != 0)
            printf("  %-12s goes on\n", names[kind]);
        else
            printf("  %-12s %s, count %u\n", names[kind], nng_strerror(nng_aio_result(first)),
                   (unsigned)nng_aio_count(first));
    }
}

static void expect_ended(nng_aio* aios[EACH], nng_err result, naio_cancel outcome) {
    for (int i = 0; i < EACH; i++) {
        nng_aio_wait(aios[i]);
        expect(nng_aio_result(aios[i]) == result, "with this result");
        expect(naio_aio_outcome(aios[i]) == outcome, "and with this outcome");
    }
}

int main(void) {
    static struct job jobs[KINDS][EACH];
    nng_aio* aios[KINDS][EACH];
    naio_signal* shutdown;

    check(nng_init(NULL), "nng_init");
    check(naio_signal_alloc(&shutdown, NAIO_SIGNAL_SCOPE), "naio_signal_alloc");
    for (int kind = 0; kind < KINDS; kind++) {
        for (int i = 0; i < EACH; i++) {
            check(nng_aio_alloc(&aios[kind][i], NULL, NULL), "nng_aio_alloc");
            naio_aio_bind_slot(aios[kind][i], naio_signal_slot(shutdown), NAIO_CANCEL_ALL);
            start_operation(kind, &jobs[kind][i], aios[kind][i]);
        }
    }

    naio_signal_emit(shutdown, NAIO_CANCEL_TOTAL);
    report(aios, 300, "total: what has not begun ends; the others have 300 ms");
    expect_ended(aios[IDLE], NNG_ECANCELED, NAIO_CANCEL_TOTAL);
    expect_ended(aios[SHORT], NNG_OK, NAIO_CANCEL_NONE);
    expect(nng_aio_busy(aios[LONG][0]) && nng_aio_busy(aios[OPAQUE][0]), "the others have not been disturbed");

    naio_signal_emit(shutdown, NAIO_CANCEL_PARTIAL);
    report(aios, 100, "partial: what knows how far it is ends, and says so");
    expect_ended(aios[LONG], NNG_ECANCELED, NAIO_CANCEL_PARTIAL);
    expect(nng_aio_count(aios[LONG][0]) == jobs[LONG][0].done, "the count is exact");
    expect(nng_aio_busy(aios[OPAQUE][0]), "that was too much to ask of the opaque jobs");

    naio_signal_emit(shutdown, NAIO_CANCEL_TERMINAL);
    report(aios, 100, "terminal: the rest ends");
    expect_ended(aios[OPAQUE], NNG_ECANCELED, NAIO_CANCEL_TERMINAL);

    printf("and what starts now is refused\n");
    for (int i = 0; i < EACH; i++) nng_sleep_aio(10, aios[IDLE][i]);
    expect_ended(aios[IDLE], NNG_ECANCELED, NAIO_CANCEL_TOTAL);

    for (int kind = 0; kind < KINDS; kind++)
        for (int i = 0; i < EACH; i++) nng_aio_free(aios[kind][i]);
    naio_signal_free(shutdown);
    nng_fini();
    return 0;
}
