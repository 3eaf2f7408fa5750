// Copies a file, with a progress bar.
//
//     copy_file SOURCE TARGET      the target must not exist; the source may be a FIFO, or /dev/stdin in a pipe
//
// There are two buffers, and up to two operations are in flight: while one piece is written, the next one is read. The
// program waits for the disk only in nng_aio_wait; a program with more to do would use callbacks instead.
#include <inttypes.h>
#include <naio/naio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

enum { PIECE = 1 << 20, BAR = 40, BETWEEN_BARS = 50 };  // bytes, characters, milliseconds

struct copy {
    naio_file* source;
    naio_file* target;
    nng_aio* read;
    nng_aio* write;
    uint64_t size;
    uint64_t copied;
    nng_time drawn;
    char* pieces[2];
};

static nng_err wait_for(nng_aio* aio) {
    nng_aio_wait(aio);
    return nng_aio_result(aio);
}

static void draw(struct copy* copy) {
    nng_time now = nng_clock();
    // A file may grow while it is copied, and the size of some files, such as a FIFO, is reported as 0.
    int filled = copy->copied >= copy->size ? BAR : (int)(copy->copied * BAR / copy->size);
    const char* full = "########################################";

    if (!isatty(STDERR_FILENO) || now < copy->drawn + BETWEEN_BARS) return;
    copy->drawn = now;
    fprintf(stderr, "\r[%-*.*s] %" PRIu64 " of %" PRIu64 " MiB", BAR, filled, full, copy->copied >> 20,
            copy->size >> 20);
}

static void draw_nothing(void) {
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
}

static void start_read(struct copy* copy, int piece) {
    nng_iov iov = {copy->pieces[piece], PIECE};
    (void)nng_aio_set_iov(copy->read, 1, &iov);  // fails only for more than eight vectors
    naio_file_read(copy->source, copy->read);
}

static void start_write(struct copy* copy, int piece, size_t size) {
    nng_iov iov = {copy->pieces[piece], size};
    (void)nng_aio_set_iov(copy->write, 1, &iov);
    naio_file_write(copy->target, copy->write);
}

static nng_err copy_pieces(struct copy* copy) {
    nng_err err = NNG_OK;
    size_t size;

    start_read(copy, 0);
    for (int piece = 0;; piece = 1 - piece) {
        nng_err read = wait_for(copy->read);
        if (err == NNG_OK) err = read;
        size = nng_aio_count(copy->read);
        if (err != NNG_OK || size == 0) return err;
        start_write(copy, piece, size);
        start_read(copy, 1 - piece);
        err = wait_for(copy->write);
        copy->copied += nng_aio_count(copy->write);
        draw(copy);
    }
}

static nng_err open_source(struct copy* copy, const char* path, naio_file_status* status) {
    naio_file_open(path, NAIO_FILE_READ, 0, copy->read);
    nng_err err = wait_for(copy->read);
    if (err != NNG_OK) return err;
    copy->source = nng_aio_get_output(copy->read, 0);
    naio_file_stat(copy->source, status, copy->read);
    err = wait_for(copy->read);
    copy->size = status->size;
    return err;
}

static nng_err open_target(struct copy* copy, const char* path, unsigned mode) {
    naio_file_open(path, NAIO_FILE_WRITE | NAIO_FILE_CREATE | NAIO_FILE_EXCLUSIVE, mode, copy->write);
    nng_err err = wait_for(copy->write);
    if (err == NNG_OK) copy->target = nng_aio_get_output(copy->write, 0);
    return err;
}

// Syncs the target, and then closes it. The copy is on the disk only after the sync, and the system may report an error
// at the close.
static nng_err close_target(struct copy* copy) {
    naio_file_sync(copy->target, copy->write);
    nng_err err = wait_for(copy->write);
    naio_file_close(copy->target, copy->write);
    nng_err closed = wait_for(copy->write);
    return err != NNG_OK ? err : closed;
}

// Copies the file. If a step fails, prints the error, and removes the target if the target was created before.
static nng_err copy_file(struct copy* copy, const char* from, const char* to) {
    naio_file_status status;
    const char* at = from;
    nng_err err = open_source(copy, from, &status);

    if (err == NNG_OK) {
        at = to;
        err = open_target(copy, to, status.mode & 0777);
    }
    if (err == NNG_OK) {
        err = copy_pieces(copy);
        nng_err closed = close_target(copy);
        draw_nothing();
        if (err == NNG_OK) err = closed;
        if (err != NNG_OK && unlink(to) != 0) perror(to);
    }
    if (err != NNG_OK) fprintf(stderr, "%s: %s\n", at, nng_strerror(err));
    naio_file_free(copy->source);
    return err;
}

static nng_err prepare(struct copy* copy) {
    nng_err err = nng_init(NULL);
    if (err == NNG_OK) err = nng_aio_alloc(&copy->read, NULL, NULL);
    if (err == NNG_OK) err = nng_aio_alloc(&copy->write, NULL, NULL);
    for (int i = 0; err == NNG_OK && i < 2; i++)
        if ((copy->pieces[i] = malloc(PIECE)) == NULL) err = NNG_ENOMEM;
    return err;
}

int main(int argc, char** argv) {
    struct copy copy = {0};

    usage(argc, argv, 2, 2, "SOURCE TARGET", "Copies a file, with a progress bar. The target must not exist.");
    nng_err err = prepare(&copy);
    if (err != NNG_OK) {
        fprintf(stderr, "%s: %s\n", argv[0], nng_strerror(err));
        return 1;
    }
    nng_time start = nng_clock();
    err = copy_file(&copy, argv[1], argv[2]);
    if (err == NNG_OK) printf("%" PRIu64 " bytes in %u ms\n", copy.copied, (unsigned)(nng_clock() - start));
    nng_aio_free(copy.read);
    nng_aio_free(copy.write);
    free(copy.pieces[0]);
    free(copy.pieces[1]);
    nng_fini();
    return err == NNG_OK ? 0 : 1;
}
