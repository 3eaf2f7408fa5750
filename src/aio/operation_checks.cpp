#include "aio/operation_checks.h"

#include "aio/registry.h"
#include "aio/state_text.h"
#include "base/error.h"
#include "base/notice.h"
#include "base/panic.h"

namespace naio {

void CheckedOperation::require_none_in_flight(const char* call) const noexcept {
    if (state_.load(std::memory_order_relaxed).in_flight()) [[unlikely]]
        misused(call, "an operation is in flight already");
}

void CheckedOperation::require_typed(const char* call) const noexcept {
    const State state = state_.load(std::memory_order_relaxed);
    if (state.pending() && !state.typed()) [[unlikely]]
        misused(call, "the operation was not started with naio_aio_start");
}

void CheckedOperation::require_word(const char* call, unsigned index) const noexcept {
    if (index >= kWords) [[unlikely]]
        misused(call, "the index is neither 0 nor 1");
}

void CheckedOperation::require_not_given_up(const char* call) const noexcept {
    if (!is_forked_child() && state_.load(std::memory_order_relaxed).given_up()) [[unlikely]]
        misused(call, "it was freed or reaped already");
}

void CheckedOperation::require_foreign(const char* call) const noexcept {
    if (!Registry::is_foreign(static_cast<const Operation&>(*this)))
        misused(call, "naio_aio_init has not made it: call nng_aio_free");
}

void CheckedOperation::require_no_callback_here(const char* call) const noexcept {
    if (busy() && on_this_stack()) misused(call, "its own callback, which runs, needs the memory");
}

void CheckedOperation::require_not_busy(const char* call) const noexcept {
    if (busy()) misused(call, "it is busy");
}

void CheckedOperation::misused(const char* call, const char* what) const noexcept {
    const State state = state_.load(std::memory_order_relaxed);
    Notices::post(NNG_LOG_ERR, "NAIO-MISUSE", "%s(%p): %s; state %s", call, static_cast<const void*>(this), what,
                  describe(state).data());
    fail(call, what, state);
}

void CheckedOperation::misused(const char* what) const noexcept { fail("nng_aio", what); }

void CheckedOperation::fail(const char* call, const char* what) const noexcept {
    fail(call, what, state_.load(std::memory_order_relaxed));
}

void CheckedOperation::fail(const char* call, const char* what, State state) const noexcept {
    panic("%s(%p): %s; state %s, last result %d (%s)", call, static_cast<const void*>(this), what,
          describe(state).data(), static_cast<int>(result_), error_text(result_));
}

void CheckedOperation::misused_start(const char* call) const noexcept {
    if (state_.load(std::memory_order_relaxed).in_flight()) misused(call, "an operation is in flight already");
    misused_library(call);
}

void CheckedOperation::misused_finish(const char* call) const noexcept {
    if (!is_up()) misused_library(call);
    misused(call, "it is finished already");
}

void CheckedOperation::misused_library(const char* call) const noexcept {
    misused(call,
            is_forked_child() ? "the library cannot be used in a forked child" : "the library is not initialised");
}

}  // namespace naio
