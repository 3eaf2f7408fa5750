// Sends data to an echo server, checks that the data comes back unchanged, and prints the durations of the exchanges.
//
//     echo_client URL [COUNT [SIZE]]      1000 times 64 bytes unless given
//
// The client sends and receives with two operations at the same time. While a client does not receive, the server does
// not receive from it either. So with large sizes a client that sends first and then receives would wait forever (a
// deadlock).
#include <errno.h>
#include <nng/nng.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

enum { COUNT = 1000, SIZE = 64, MOST = 10000000, LARGEST = 100000000, TIMEOUT = 10000 };

// Transfers a whole buffer, with as many operations as necessary.
struct transfer {
    nng_aio* aio;
    nng_stream* stream;
    void (*submit)(nng_stream*, nng_aio*);  // nng_stream_send or nng_stream_recv
    nng_iov rest;
};

static void submit_rest(struct transfer* transfer) {
    check(nng_aio_set_iov(transfer->aio, 1, &transfer->rest), "nng_aio_set_iov");
    transfer->submit(transfer->stream, transfer->aio);
}

// The callback. It submits the next operation until the whole buffer is transferred; nng_aio_wait returns after the
// last of these operations.
static void go_on(void* arg) {
    struct transfer* transfer = arg;
    size_t count = nng_aio_count(transfer->aio);

    if (nng_aio_result(transfer->aio) != NNG_OK) return;
    transfer->rest = (nng_iov){(char*)transfer->rest.iov_buf + count, transfer->rest.iov_len - count};
    if (transfer->rest.iov_len != 0) submit_rest(transfer);
}

static void transfer_start(struct transfer* transfer, void* data, size_t size) {
    transfer->rest = (nng_iov){data, size};
    submit_rest(transfer);
}

static void transfer_wait(struct transfer* transfer, const char* what) {
    nng_aio_wait(transfer->aio);
    check(nng_aio_result(transfer->aio), what);
}

static void prepare(struct transfer* transfer, nng_stream* stream, void (*submit)(nng_stream*, nng_aio*)) {
    transfer->stream = stream;
    transfer->submit = submit;
    check(nng_aio_alloc(&transfer->aio, go_on, transfer), "nng_aio_alloc");
    nng_aio_set_timeout(transfer->aio, TIMEOUT);
}

static nng_stream* dial(const char* url) {
    nng_stream_dialer* dialer;
    nng_aio* aio;

    check(nng_stream_dialer_alloc(&dialer, url), url);
    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");
    nng_aio_set_timeout(aio, TIMEOUT);
    nng_stream_dialer_dial(dialer, aio);
    nng_aio_wait(aio);
    check(nng_aio_result(aio), url);
    nng_stream* stream = nng_aio_get_output(aio, 0);
    nng_aio_free(aio);
    nng_stream_dialer_free(dialer);
    return stream;
}

static int64_t clock_ns(void) {
    struct timespec now;
    expect(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "there is a clock");
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// Writes the duration of each exchange to `times`.
static void exchange(nng_stream* stream, int64_t* times, size_t count, size_t size) {
    struct transfer out, in;
    unsigned char* sent = malloc(size);
    unsigned char* received = malloc(size);

    expect(sent != NULL && received != NULL, "there is memory");
    prepare(&out, stream, nng_stream_send);
    prepare(&in, stream, nng_stream_recv);
    for (size_t i = 0; i < count; i++) {
        memset(sent, (int)(i % 256), size);
        sent[i % size] ^= 0x55;
        int64_t start = clock_ns();
        transfer_start(&in, received, size);
        transfer_start(&out, sent, size);
        transfer_wait(&out, "send");
        transfer_wait(&in, "receive");
        times[i] = clock_ns() - start;
        expect(memcmp(sent, received, size) == 0, "what comes back is what was sent");
    }
    nng_aio_free(in.aio);
    nng_aio_free(out.aio);
    free(received);
    free(sent);
}

static int compare(const void* a, const void* b) {
    int64_t left = *(const int64_t*)a, right = *(const int64_t*)b;
    return (left > right) - (left < right);
}

static void report(int64_t* times, size_t count, size_t size) {
    qsort(times, count, sizeof(*times), compare);
    printf("%zu times %zu bytes, there and back: min %.1f us, p50 %.1f us, p99 %.1f us, max %.1f us\n", count, size,
           (double)times[0] / 1e3, (double)times[count / 2] / 1e3, (double)times[count - 1 - count / 100] / 1e3,
           (double)times[count - 1] / 1e3);
}

static size_t parse(const char* text, size_t max) {
    char* end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    expect(errno == 0 && end != text && *end == '\0' && value >= 1 && value <= max, "COUNT and SIZE are numbers");
    return value;
}

int main(int argc, char** argv) {
    usage(argc, argv, 1, 3, "URL [COUNT [SIZE]]",
          "Sends SIZE bytes to an echo server COUNT times, checks that they come back, and prints the durations.");
    size_t count = argc > 2 ? parse(argv[2], MOST) : COUNT;
    size_t size = argc > 3 ? parse(argv[3], LARGEST) : SIZE;
    int64_t* times = malloc(count * sizeof(*times));

    expect(times != NULL, "there is memory");
    check(nng_init(NULL), "nng_init");
    nng_stream* stream = dial(argv[1]);
    exchange(stream, times, count, size);
    report(times, count, size);
    nng_stream_free(stream);
    nng_fini();
    free(times);
    return 0;
}
