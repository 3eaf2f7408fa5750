// Defines naio_queue_* and naio_aio_set_queue: queues of callbacks that the program runs itself.
#include <naio/naio.h>

#include "aio/aio.h"
#include "base/clock.h"
#include "base/panic.h"
#include "capi/forked.h"
#include "capi/handle.h"
#include "exec/completion_queue.h"
#include "runtime/runtime.h"

using naio::checked;

extern "C" {

nng_err naio_queue_alloc(naio_queue** queue) {
    naio::require(queue, __func__);
    *queue = naio_queue::create(naio::runtime().allocator());
    return *queue != nullptr ? NNG_OK : NNG_ENOMEM;
}

void naio_queue_free(naio_queue* queue) {
    if (!naio::is_ours(queue)) return;
    if (!queue->empty()) naio::panic("%s(%p): callbacks are waiting", __func__, static_cast<void*>(queue));
    queue->free();
}

size_t naio_queue_run(naio_queue* queue, nng_duration timeout) {
    naio::require_not_forked(queue, __func__);
    return checked(queue, __func__).run(naio::deadline_after(timeout));
}

int naio_queue_fd(naio_queue* queue) { return checked(queue, __func__).descriptor(); }

void naio_aio_set_queue(nng_aio* aio, naio_queue* queue) {
    checked(aio, __func__).require_not_busy(__func__);
    aio->set_queue(queue);
}

}  // extern "C"
