// Signals and scopes: requests to end, for many operations at once. See naio.hpp and naio.h.
#ifndef NAIO_SIGNAL_HPP
#define NAIO_SIGNAL_HPP

#include <naio/aio.hpp>
#include <utility>

namespace naio {

// A naio_signal that is freed with this object. Plain: it reaches what was started last on an aio that is
// bound to it, or a function, and nothing that starts later. For all operations that are bound, also those
// that start later, use a scope.
class signal {
  public:
    // False afterwards: there was no memory; then only destroy it or assign to it.
    signal() noexcept : signal(0u) {}

    signal(signal&& other) noexcept : signal_(std::exchange(other.signal_, nullptr)) {}
    signal& operator=(signal&& other) noexcept {
        naio_signal* const old = std::exchange(signal_, std::exchange(other.signal_, nullptr));
        naio_signal_free(old);
        return *this;
    }

    // Cancels nothing. Aios that are bound to the slot stay bound, but nothing reaches them any more.
    ~signal() { naio_signal_free(signal_); }

    explicit operator bool() const noexcept { return signal_ != nullptr; }
    naio_signal* get() const noexcept { return signal_; }
    naio_slot* slot() const noexcept { return naio_signal_slot(signal_); }

    // Asks what is bound to end. False: certainly no effect. Cancel functions may run in this call. Any
    // thread, also while others emit. See naio_signal_emit.
    bool emit(cancel types = cancel::all) noexcept { return naio_signal_emit(signal_, bits(types)); }

    // Binds this and the following operations on the aio; only types in filter get through. Not with an
    // operation in flight. See naio_aio_bind_slot, also for how to unbind.
    void bind(nng_aio* aio, cancel filter = cancel::all) noexcept { naio_aio_bind_slot(aio, slot(), bits(filter)); }
    void bind(aio& aio, cancel filter = cancel::all) noexcept { bind(aio.get(), filter); }

  protected:
    explicit signal(unsigned flags) noexcept {
        if (naio_signal_alloc(&signal_, flags) != NNG_OK) signal_ = nullptr;
    }

  private:
    naio_signal* signal_ = nullptr;
};

// A signal that reaches all operations that are bound to it and remembers: one that starts later is refused
// with NNG_ECANCELED.
class scope : public signal {
  public:
    scope() noexcept : signal(NAIO_SIGNAL_SCOPE) {}
};

}  // namespace naio

#endif
