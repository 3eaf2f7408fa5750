// Defines naio_group_*: groups of operations that run at the same time.
#include "aio/group.h"

#include <naio/naio.h>

#include "base/fault.h"
#include "base/panic.h"
#include "capi/forked.h"
#include "capi/operation.h"
#include "runtime/runtime.h"

using naio::checked;
using naio::startable;

extern "C" {

nng_err naio_group_alloc(naio_group** group, unsigned size) {
    naio::require(group, __func__);
    if (size == 0) return NNG_EINVAL;
    const nng_err error = naio::runtime().ensure(__func__);
    if (error != NNG_OK) return error;
    naio_group* created = naio_group::create(naio::runtime().services(), size);
    if (created == nullptr) return NNG_ENOMEM;
    *group = created;
    return NNG_OK;
}

void naio_group_free(naio_group* group) {
    if (!naio::is_ours(group)) return;
    group->require_not_running(__func__);
    group->destroy();
}

nng_aio* naio_group_aio(naio_group* group, unsigned i) {
    if (i >= checked(group, __func__).size())
        naio::panic("%s(%p): there is no member %u", __func__, static_cast<void*>(group), i);
    return &group->member(i).handle();
}

bool naio_group_start(naio_group* group, nng_aio* aio, unsigned need, unsigned flags, naio_cancel types) {
    const bool valid = need <= checked(group, __func__).size() && (flags & ~NAIO_GROUP_SUCCESS) == 0;
    const naio_group::Goal goal{
        .need = need, .success = (flags & NAIO_GROUP_SUCCESS) != 0, .types = types & naio::kAllTypes};
    naio::Aio& outer = startable(aio, naio::Api::naio_group_start);
    group->require_startable(outer, __func__);
    const bool takes = valid || !NAIO_FAULT(refused_group_keeps_the_deadline);
    return group->start(outer, takes ? outer.own_limit() : naio::Limit{}, goal, valid ? NNG_OK : NNG_EINVAL);
}

void naio_group_seal(naio_group* group) {
    naio::require_not_forked(group, __func__);
    checked(group, __func__).seal(__func__);
}

unsigned naio_group_order(naio_group* group, unsigned i) { return checked(group, __func__).order(i); }

}  // extern "C"
