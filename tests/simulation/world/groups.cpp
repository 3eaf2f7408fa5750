// The calls to groups. The members of groups have the last places in handles_.
#include <climits>

#include "must.h"
#include "world.h"

namespace simulation {

void World::make_group(unsigned which) {
    must(naio_group_alloc(&groups_[which], kMembers), "naio_group_alloc");
    for (unsigned m = 0; m < kMembers; ++m)
        handles_[kAios + which * kMembers + m].aio = naio_group_aio(groups_[which], m);
}

void World::make_on_group(const Call& call) {
    naio_group* const group = groups_[call.other];
    const auto need = static_cast<unsigned>(call.value % kFlag), flags = static_cast<unsigned>(call.value / kFlag);
    switch (call.what) {
        case Do::kGroupStart:
            remembered_[call.other] = 0;
            naio_group_start(group, handles_[call.aio].aio, need, flags, call.types);
            break;
        case Do::kGroupSeal:
            naio_group_seal(group);
            break;
        default:
            naio_group_free(group);
            make_group(call.other);
    }
}

// True if a start in the group would be refused because the group, or the operation that it runs on, was asked to end
// with one of the types. If the start of the probe is not refused, its operation permits nothing, so no request can
// reach it.
bool World::remembers(unsigned group, unsigned outer, Types types) {
    naio_aio_bind_slot(probe_, naio_aio_slot(handles_[outer].aio), types);
    const auto take_nothing = [](nng_aio*, void*, naio_cancel, nng_err) { return false; };
    const bool refused = !naio_aio_start(probe_, NAIO_CANCEL_NONE, take_nothing, nullptr, nullptr);
    if (!refused) nng_aio_finish(probe_, NNG_OK);
    naio_aio_bind_slot(probe_, nullptr, 0);
    if (refused) remembered_[group] |= types;
    return refused;
}

std::string World::wrong_group(const Model& model, unsigned g) {
    if (!model.is_used(g)) return {};
    std::vector<unsigned> seen;
    for (unsigned i = 0; i < kMembers; ++i)
        if (const unsigned member = naio_group_order(groups_[g], i); member != UINT_MAX) seen.push_back(member);
    model.sort_unordered(g, seen);
    if (seen != model.completed(g)) return "its members have completed in another order";
    if (!model.is_running(g)) return {};
    for (const Types type : {Types{1}, Types{2}, Types{4}})
        if ((model.remembered(g) & ~remembered_[g] & type) != 0 && !remembers(g, model.outer(g), type))
            return "it does not remember a request of type " + std::to_string(type);
    return {};
}

std::string World::wrong_order(const Model& model) {
    for (unsigned g = 0; g < kGroups; ++g)
        if (const std::string what = wrong_group(model, g); !what.empty())
            return "group " + std::to_string(g) + ": " + what;
    const std::scoped_lock lock(mutex_);
    return order_ == model.order() ? "" : "the queue has run its callbacks in another order";
}

}  // namespace simulation
