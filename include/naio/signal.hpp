// Signals and scopes, which emit requests to end operations. See naio.hpp and naio.h.
//
// Qt's headers define a macro `emit`. The two pragmas below let a source include this header after them. Such a source
// calls naio_signal_emit(signal.get(), ...) in place of signal.emit(...), or defines QT_NO_KEYWORDS.
#ifndef NAIO_SIGNAL_HPP
#define NAIO_SIGNAL_HPP

#include <naio/aio.hpp>
#include <utility>

#pragma push_macro("emit")
#undef emit

namespace naio {

// Owns a plain naio_signal. A request reaches the one target of the signal: the operation that was started last on an
// aio bound to its slot, or a function. A request reaches no operation that starts later. To reach all bound
// operations, also those that start later, use a scope.
// Threads: any, also several at once for one object, except bind and assignment. While the object is moved from,
// assigned to or destroyed, no other call may use it.
class signal {
  public:
    // Creates a signal. If there is no memory, the object is false, and may only be destroyed or assigned to.
    signal() noexcept : signal(0u) {}

    // Takes over the signal of `other`, which is empty afterwards. An assignment destroys the former signal.
    signal(signal&& other) noexcept : signal_(std::exchange(other.signal_, nullptr)) {}
    signal& operator=(signal&& other) noexcept {
        naio_signal* const old = std::exchange(signal_, std::exchange(other.signal_, nullptr));
        naio_signal_free(old);
        return *this;
    }

    // Destroys the signal, and cancels no operation. Aios that are bound to the slot stay bound, but no request reaches
    // them through it any more.
    ~signal() { naio_signal_free(signal_); }

    // operator bool returns true if there is a signal. get returns the signal, and slot returns its slot.
    // Memory: the signal and the slot stay the object's. The slot may be used as long as the signal exists.
    explicit operator bool() const noexcept { return signal_ != nullptr; }
    naio_signal* get() const noexcept { return signal_; }
    naio_slot* slot() const noexcept { return naio_signal_slot(signal_); }

    // Asks the targets of the signal to end with one of the guarantees in `types`. False: the request has no effect.
    // Cancel functions may run in this call. See naio_signal_emit.
    bool emit(cancel types = cancel::all) noexcept { return naio_signal_emit(signal_, bits(types)); }

    // Binds `aio`, so that its later operations receive the requests, restricted to the types in `filter`. No operation
    // may be in flight on the aio. See naio_aio_bind_slot, also for how to unbind.
    // Threads: one at a time for an aio. NULL: fatal. Memory: aio may outlive the signal, and the signal the aio.
    void bind(nng_aio* aio, cancel filter = cancel::all) noexcept { naio_aio_bind_slot(aio, slot(), bits(filter)); }
    void bind(aio& aio, cancel filter = cancel::all) noexcept { bind(aio.get(), filter); }

  protected:
    explicit signal(unsigned flags) noexcept {
        if (naio_signal_alloc(&signal_, flags) != NNG_OK) signal_ = nullptr;
    }

  private:
    naio_signal* signal_ = nullptr;
};

// A signal that reaches all operations that are bound to it and remembers the request: an operation that starts later
// is refused with NNG_ECANCELED.
class scope : public signal {
  public:
    // Creates a scope. If there is no memory, the object is false, and may only be destroyed or assigned to.
    scope() noexcept : signal(NAIO_SIGNAL_SCOPE) {}
};

}  // namespace naio

#pragma pop_macro("emit")

#endif
