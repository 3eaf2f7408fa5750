#include "capi/with_vectors.h"

#include "base/atomic.h"
#include "base/notice.h"
#include "capi/operation.h"

namespace naio {

namespace {

// Logs the warning, unless it was logged before. A warning that no logger takes does not count as logged.
[[gnu::cold, gnu::noinline]] void warn(const Aio& aio, Api function) noexcept {
    static Atomic<bool> warned{false};
    if (!Notices::wanted(NNG_LOG_WARN) || warned.exchange(true, std::memory_order_relaxed)) return;
    Notices::post(NNG_LOG_WARN, "NAIO-NO-IOV",
                  "%s(%p): no iov is set, so the operation moves 0 bytes; was nng_aio_set_iov forgotten?",
                  name_of(function), static_cast<const void*>(&aio));
}

}  // namespace

Aio& with_vectors(nng_aio* handle, Api function) noexcept {
    Aio& aio = startable(handle, function);
    const nng_iov* vectors = nullptr;
    if (aio.vectors(&vectors) == 0) [[unlikely]]
        warn(aio, function);
    return aio;
}

}  // namespace naio
