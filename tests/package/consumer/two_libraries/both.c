// A program that uses both flavours of naio at once, in one file. Prints "slept" when callbacks of each flavour have
// started operations of the other one, and the flavours have not mixed.
#include <naio/naio.h>
#include <naio_naio.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kRounds = 100 };

static nng_aio* plain;
static naio_nng_aio* prefixed;
static naio_nng_aio* done;
static int rounds;

static void plain_awake(void* unused) {
    (void)unused;
    naio_nng_sleep_aio(0, prefixed);
}

static void prefixed_awake(void* unused) {
    (void)unused;
    if (++rounds < kRounds)
        nng_sleep_aio(0, plain);
    else
        naio_nng_aio_finish(done, NAIO_NNG_OK);
}

static void first_line(void* argument, const char* line) {
    char* text = argument;
    if (text[0] == '\0') strncpy(text, line, 31);
}

int main(void) {
    if (nng_aio_alloc(&plain, plain_awake, NULL) != NNG_OK) return 1;
    if (naio_nng_aio_alloc(&prefixed, prefixed_awake, NULL) != NAIO_NNG_OK) return 2;
    if (naio_nng_aio_alloc(&done, NULL, NULL) != NAIO_NNG_OK || !naio_nng_aio_start(done, NULL, NULL)) return 3;
    nng_sleep_aio(0, plain);
    naio_nng_aio_wait(done);
    naio_nng_aio_wait(prefixed);
    nng_aio_wait(plain);

    char dump[2][32] = {"", ""};
    naio_dump(first_line, dump[0]);
    naio_naio_dump(first_line, dump[1]);
    if (strncmp(dump[0], "naio ", 5) != 0 || strncmp(dump[1], "naio_naio ", 10) != 0) return 4;

    struct naio_statistics of_plain = {sizeof of_plain, 0};
    struct naio_naio_statistics of_prefixed = {sizeof of_prefixed, 0};
    naio_stats(&of_plain);
    naio_naio_stats(&of_prefixed);
    if (of_plain.handles_made < 1 || of_prefixed.handles_made < 2) return 5;

    const pid_t child = fork();
    if (child == 0) _exit(nng_aio_busy(plain) || naio_nng_aio_busy(prefixed));
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) return 6;

    nng_aio_free(plain);
    nng_fini();
    naio_nng_sleep_aio(1, done);
    naio_nng_aio_wait(done);
    if (naio_nng_aio_result(done) != NAIO_NNG_OK) return 7;
    naio_nng_aio_free(prefixed);
    naio_nng_aio_free(done);
    naio_nng_fini();
    puts("slept");
    return 0;
}
