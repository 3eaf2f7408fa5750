// Signals for tests. The destructor frees the signal.
#pragma once

#include <naio/naio.h>

#include <cstdlib>

namespace cancellation {

template <unsigned kFlags>
class AnySignal {
  public:
    AnySignal() {
        if (naio_signal_alloc(&signal_, kFlags) != NNG_OK) std::abort();
    }
    AnySignal(const AnySignal&) = delete;
    AnySignal& operator=(const AnySignal&) = delete;
    ~AnySignal() { naio_signal_free(signal_); }

    void bind(nng_aio* aio, naio_cancel filter = NAIO_CANCEL_ALL) { naio_aio_bind_slot(aio, slot(), filter); }
    bool emit(naio_cancel types) { return naio_signal_emit(signal_, types); }
    [[nodiscard]] naio_slot* slot() { return naio_signal_slot(signal_); }

  private:
    naio_signal* signal_ = nullptr;
};

using Signal = AnySignal<0>;
using Scope = AnySignal<NAIO_SIGNAL_SCOPE>;

}  // namespace cancellation
