// Defines naio_compose and naio_op_*: operations that consist of other operations.
#include "aio/composed.h"

#include <naio/naio.h>

#include "capi/forked.h"
#include "capi/operation.h"

using naio::checked;
using naio::startable;

extern "C" {

nng_err naio_compose(nng_aio* aio, naio_cancel guarantee, naio_stepfn step, void (*release)(void*), void* argument) {
    naio::require(reinterpret_cast<void*>(step), __func__);
    return naio_op::compose(startable(aio, naio::Api::naio_compose), guarantee != 0 ? guarantee : NAIO_CANCEL_TERMINAL,
                            {.step = step, .release = release, .argument = argument});
}

nng_aio* naio_op_child(naio_op* op) { return &checked(op, __func__).child(); }

nng_aio* naio_op_aio(naio_op* op) { return &checked(op, __func__).outer(); }

void naio_op_finish(naio_op* op, nng_err result, size_t count) {
    naio_op& operation = checked(op, __func__);
    naio::require_not_forked(op, __func__);
    operation.require_idle_child(__func__);
    operation.finish({result, count});
}

}  // extern "C"
