// Tries again after a request has ended an operation. The outcome of the operation tells whether to retry, to continue
// or to reopen:
//
//   TOTAL      nothing has happened: retry as if it were the first time
//   PARTIAL    nng_aio_count returns how much has happened: continue from there
//   TERMINAL   it is unknown what has happened: close the device, open it again, and start over
//
// The device in this program stores data, four bytes at a time, and then commits it. While a store waits in line, the
// device can end it without any effect. Between two pieces the device knows how much it has stored. When the device has
// begun to commit, ending the store destroys the device's data. The device passes these guarantees to naio_aio_start
// and naio_aio_permit, and the library refuses requests that the device cannot fulfil at the moment.
//
// The device takes one step each time that main asks for one, so that each request comes after a known step.
#include <naio/naio.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { PIECE = 4, ROOM = 16 };

struct device {
    pthread_mutex_t lock;  // guards the members below
    nng_aio* aio;          // the store in flight; the thread that sets this to NULL finishes the store
    enum { QUEUED, STORING, COMMITTING } stage;
    size_t moved;  // bytes that this store has put into the memory
    size_t used;   // bytes of the memory that are in use
    bool broken;
    char memory[ROOM + 1];
};

// ---- The device

// The cancel function. It only gets types that the device permits at the moment, so it can always end the store.
static bool give_up(nng_aio* aio, void* arg, naio_cancel types, nng_err reason) {
    struct device* device = arg;
    (void)types;

    pthread_mutex_lock(&device->lock);
    bool ours = device->aio == aio;
    size_t moved = device->moved;
    if (ours) {
        device->aio = NULL;
        if (device->stage == COMMITTING) device->broken = true;
    }
    pthread_mutex_unlock(&device->lock);

    if (ours) naio_aio_finish(aio, reason, moved);
    return true;
}

static void device_store(struct device* device, nng_aio* aio) {
    pthread_mutex_lock(&device->lock);
    if (naio_aio_start(aio, NAIO_CANCEL_TOTAL, give_up, NULL, device)) {
        device->aio = aio;
        device->stage = QUEUED;
        device->moved = 0;
    }
    pthread_mutex_unlock(&device->lock);
}

// Asks the library whether the device may take a step after which it can only give `guarantee`. If the store has
// already accepted a request, the function ends the store with `guarantee_before`, which is stronger, and returns
// false. The call of give_up for that request may be waiting for the lock at this moment; it will find no store.
static bool may_advance(struct device* device, naio_cancel guarantee, naio_cancel guarantee_before) {
    if (naio_aio_permit(device->aio, guarantee) == NAIO_CANCEL_NONE) return true;
    nng_aio* aio = device->aio;
    device->aio = NULL;
    naio_aio_permit(aio, guarantee_before);
    naio_aio_finish(aio, naio_aio_reason(aio), device->moved);
    return false;
}

static void move_piece(struct device* device) {
    const nng_iov* iov;
    naio_aio_get_iov(device->aio, &iov);
    size_t n = iov->iov_len < PIECE ? iov->iov_len : PIECE;
    memcpy(device->memory + device->used, iov->iov_buf, n);
    device->used += n;
    device->moved += n;
    naio_aio_iov_advance(device->aio, n);
}

static void take_step(struct device* device) {
    const nng_iov* iov;

    switch (device->stage) {
        case QUEUED:
            if (!may_advance(device, NAIO_CANCEL_PARTIAL, NAIO_CANCEL_TOTAL)) break;
            device->stage = STORING;
            move_piece(device);
            break;
        case STORING:
            if (naio_aio_get_iov(device->aio, &iov) != 0)
                move_piece(device);
            else if (may_advance(device, NAIO_CANCEL_TERMINAL, NAIO_CANCEL_PARTIAL))
                device->stage = COMMITTING;
            break;
        case COMMITTING:
            naio_aio_finish(device->aio, NNG_OK, device->moved);
            device->aio = NULL;
            break;
    }
}

static void device_step(struct device* device) {
    pthread_mutex_lock(&device->lock);
    if (device->aio != NULL) take_step(device);
    pthread_mutex_unlock(&device->lock);
}

static void device_open(struct device* device) {
    memset(device->memory, 0, sizeof(device->memory));
    device->used = 0;
    device->broken = false;
}

// ---- The user of the device

static const char text[] = "once and only 1x";  // 16 bytes, 4 pieces

static void store_from(struct device* device, nng_aio* aio, size_t done) {
    nng_iov rest = {(char*)text + done, strlen(text) - done};
    check(nng_aio_set_iov(aio, 1, &rest), "nng_aio_set_iov");
    device_store(device, aio);
}

// Continues after a store that was asked to end. The next step depends on the outcome alone.
static void store_again(struct device* device, nng_aio* aio) {
    size_t count = nng_aio_count(aio);

    switch (naio_aio_outcome(aio)) {
        case NAIO_CANCEL_TOTAL:
            printf("  outcome total: the same again\n");
            store_from(device, aio, 0);
            break;
        case NAIO_CANCEL_PARTIAL:
            printf("  outcome partial: %u bytes are there, go on with the others\n", (unsigned)count);
            store_from(device, aio, count);
            break;
        case NAIO_CANCEL_TERMINAL:
            printf("  outcome terminal: reopen, and all of it again\n");
            expect(device->broken, "the device is broken");
            device_open(device);
            store_from(device, aio, 0);
            break;
        default:
            expect(false, "a request has ended it");
    }
}

// Starts a store, interrupts it after the device has taken `steps` steps, and recovers.
static void scene(struct device* device, nng_aio* aio, unsigned steps, naio_cancel too_much, naio_cancel outcome) {
    device_open(device);
    store_from(device, aio, 0);
    for (unsigned i = 0; i < steps; i++) device_step(device);

    if (too_much != NAIO_CANCEL_NONE)
        expect(!naio_aio_cancel(aio, too_much, 0), "a request for more than it can guarantee is refused");
    expect(naio_aio_cancel(aio, outcome, 0), "a request for what it can guarantee is accepted");
    nng_aio_wait(aio);
    printf("cancelled after %u steps: %s\n", steps, nng_strerror(nng_aio_result(aio)));
    expect(naio_aio_outcome(aio) == outcome, "the outcome is the guarantee of the moment");

    store_again(device, aio);
    while (nng_aio_busy(aio)) device_step(device);
    check(nng_aio_result(aio), "store");
    printf("  stored: \"%s\"\n", device->memory);
    expect(strcmp(device->memory, text) == 0, "each byte is there once");
}

int main(int argc, char** argv) {
    static struct device device = {PTHREAD_MUTEX_INITIALIZER, NULL, QUEUED, 0, 0, false, ""};
    nng_aio* aio;

    usage(argc, argv, 0, 0, "", "Shows what to do after a request to end: retry, continue, or open the object again.");
    check(nng_init(NULL), "nng_init");
    check(nng_aio_alloc(&aio, NULL, NULL), "nng_aio_alloc");

    scene(&device, aio, 0, NAIO_CANCEL_NONE, NAIO_CANCEL_TOTAL);
    scene(&device, aio, 2, NAIO_CANCEL_TOTAL, NAIO_CANCEL_PARTIAL);
    scene(&device, aio, 5, NAIO_CANCEL_PARTIAL, NAIO_CANCEL_TERMINAL);

    nng_aio_free(aio);
    nng_fini();
    return 0;
}
