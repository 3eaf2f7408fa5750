// Defines nng_id_*: maps from ids to pointers.
#include "base/id_map.h"

#include <nng/nng.h>

#include "base/panic.h"
#include "capi/handle.h"
#include "runtime/runtime.h"

using naio::checked;

extern "C" {

int nng_id_map_alloc(nng_id_map** out, uint64_t lo, uint64_t hi, int flags) {
    naio::require(out, __func__);
    if (lo == 0) lo = 1;
    if (hi == 0) hi = 0xffffffff;
    if (hi < lo) return NNG_EINVAL;
    const naio::Allocator& allocator = naio::runtime().allocator();
    auto* map = allocator.create<nng_id_map>(allocator, lo, hi, (flags & NNG_MAP_RANDOM) != 0);
    if (map == nullptr) return NNG_ENOMEM;
    *out = map;
    return NNG_OK;
}

void nng_id_map_free(nng_id_map* map) {
    if (map != nullptr) map->allocator().destroy(map);
}

void* nng_id_get(nng_id_map* map, uint64_t id) { return checked(map, __func__).get(id); }

int nng_id_set(nng_id_map* map, uint64_t id, void* value) { return checked(map, __func__).set(id, value); }

int nng_id_alloc(nng_id_map* map, uint64_t* id, void* value) { return checked(map, __func__).allocate(id, value); }

int nng_id_remove(nng_id_map* map, uint64_t id) { return checked(map, __func__).remove(id); }

bool nng_id_visit(nng_id_map* map, uint64_t* id, void** value, uint32_t* cursor) {
    return checked(map, __func__).visit(id, value, cursor);
}

}  // extern "C"
