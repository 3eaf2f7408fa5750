// Checks that the program keeps the contract of naio.h. If the program breaks the contract, the checks panic with a
// line that names the public function `call`, the handle and its state. The members of Operation rely on these checks.
#pragma once

#include "aio/operation_fields.h"
#include "base/order.h"

namespace naio {

class CheckedOperation : public OperationFields {
  public:
    void require_startable(const char* call) const noexcept {
        if (state_.load(std::memory_order_relaxed).in_flight() || !is_up()) [[unlikely]]
            misused_start(call);
    }
    void require_finishable(const char* call) const noexcept {
        if (state_.load(std::memory_order_relaxed).done() || !is_up()) [[unlikely]]
            misused_finish(call);
    }
    void require_typed(const char* call) const noexcept;
    // Panics if a handle has no word `index` for its provider.
    void require_word(const char* call, unsigned index) const noexcept;
    void require_none_in_flight(const char* call) const noexcept;
    void require_not_busy(const char* call) const noexcept;
    void require_not_given_up(const char* call) const noexcept;
    // Panics if the library owns the handle's memory.
    void require_foreign(const char* call) const noexcept;
    // Panics if the calling thread runs the handle's callback.
    void require_no_callback_here(const char* call) const noexcept;
    void require_not_forked(const char* call) const noexcept {
        if (is_forked_child()) [[unlikely]]
            misused_library(call);
    }
    // Panics. Does not log, because the caller may hold a lock.
    [[noreturn]] void fail(const char* call, const char* what) const noexcept;

    // The acquires pair with the exchanges that finish the operation and make the handle idle; otherwise the caller
    // could find the operation finished or the handle idle, but miss what the provider or the callback has written.
    [[nodiscard]] bool busy() const noexcept { return state_.load(NAIO_ORDER(busy, acquire)).busy(); }
    [[nodiscard]] bool in_flight() const noexcept { return state_.load(NAIO_ORDER(in_flight, acquire)).in_flight(); }
    // Returns the generation of the latest operation.
    [[nodiscard]] std::uint32_t generation() const noexcept {
        return state_.load(std::memory_order_relaxed).generation();
    }
    // True if the thread that makes the handle idle destroys it.
    [[nodiscard]] bool destroy_when_idle() const noexcept {
        return state_.load(std::memory_order_relaxed).destroy_when_idle();
    }

  protected:
    using OperationFields::OperationFields;

    [[nodiscard]] bool is_up() const noexcept {
        return services_.state.load(std::memory_order_relaxed) == LibraryState::kUp;
    }
    [[nodiscard]] bool is_forked_child() const noexcept {
        return services_.state.load(std::memory_order_relaxed) == LibraryState::kForked;
    }
    // Finds misuse by two threads at once, which the check in the public function can miss.
    void require_none_in_flight(State state) const noexcept {
        if (state.in_flight()) [[unlikely]]
            misused("an operation is in flight already");
    }
    [[noreturn]] void misused(const char* call, const char* what) const noexcept;
    // The panic line names "nng_aio" instead of the public function, which is not known here.
    [[noreturn]] void misused(const char* what) const noexcept;
    [[noreturn]] void misused_start(const char* call) const noexcept;
    [[noreturn]] void misused_finish(const char* call) const noexcept;
    [[noreturn]] void misused_library(const char* call) const noexcept;

  private:
    [[noreturn]] void fail(const char* call, const char* what, State state) const noexcept;
};

}  // namespace naio
