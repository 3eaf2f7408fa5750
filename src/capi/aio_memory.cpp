// Defines naio_aio_init and naio_aio_fini: handles in memory of the program.
#include <naio/naio.h>

#include <cstddef>
#include <cstdint>

#include "aio/aio.h"
#include "aio/registry.h"
#include "aio/slab.h"
#include "base/notice.h"
#include "base/panic.h"
#include "capi/forked.h"
#include "runtime/runtime.h"

using naio::Notices;
using naio::Registry;

namespace {

// The handle may grow by one cache line before NAIO_AIO_SIZE has to change.
constexpr std::size_t kReserve = 64;

}  // namespace

extern "C" {

nng_err naio_aio_init(nng_aio** aio, void* memory, size_t size, void (*callback)(void*), void* argument) {
    naio::require(aio, __func__);
    naio::require(memory, __func__);
    if (reinterpret_cast<std::uintptr_t>(memory) % alignof(void*) != 0)
        naio::panic("%s(%p): the memory is not aligned to %zu bytes", __func__, memory, alignof(void*));
    const nng_err error = naio::runtime().ensure(__func__);
    if (error != NNG_OK) return error;
    static_assert(Registry::foreign_size() + kReserve <= NAIO_AIO_SIZE);
    if (size < Registry::foreign_size()) {
        Notices::post(
            NNG_LOG_ERR, "NAIO-AIO-SIZE",
            "naio_aio_init: an aio of this library needs %zu bytes, and the program has %zu: it was built with "
            "headers of another version",
            Registry::foreign_size(), size);
        return NNG_EINVAL;
    }
    *aio = &naio::runtime().registry().create_in(memory, callback, argument, __func__);
    return NNG_OK;
}

void naio_aio_fini(nng_aio* aio) {
    if (!naio::is_ours(aio)) return;
    aio->require_not_given_up(__func__);
    aio->require_foreign(__func__);
    aio->require_no_callback_here(__func__);
    aio->services().registry.expect_end(*aio);
    aio->free();
}

}  // extern "C"
