// Turns requests of a std::stop_token into cancellation, and back. See naio.hpp. This header is empty where the
// standard library has no std::stop_token, such as libc++ before version 20.
#ifndef NAIO_STOP_TOKEN_HPP
#define NAIO_STOP_TOKEN_HPP

#include <naio/signal.hpp>
#include <utility>
#include <version>

#ifdef __cpp_lib_jthread
#include <stop_token>

namespace naio {

namespace detail {

struct cancel_aio {
    nng_aio* aio;
    cancel types;
    void operator()() const noexcept { naio_aio_cancel(aio, bits(types), NNG_ECANCELED); }
};

struct emit_signal {
    naio_signal* signal;
    cancel types;
    void operator()() const noexcept { naio_signal_emit(signal, bits(types)); }
};

}  // namespace detail

// Makes a stop that is requested of `token` ask the operation on `aio` to end with one of the guarantees in `types`,
// for as long as the returned object lives:
//
//     const auto link = naio::on_stop(token, aio);
//
// The request reaches the operation that is in flight at that moment, as naio_aio_cancel does. A stop that was
// requested before the operation, or between two operations, is lost. If that matters, link a scope and bind the aio to
// it. The cancel functions run on the thread that requests the stop, or in this call if the stop was requested already.
// Destroying the link blocks while another thread delivers the request.
// NULL: has no effect. Memory: the aio must outlive the link. Throws: nothing.
[[nodiscard]] inline std::stop_callback<detail::cancel_aio> on_stop(const std::stop_token& token, nng_aio* aio,
                                                                    cancel types = cancel::all) {
    return std::stop_callback<detail::cancel_aio>(token, detail::cancel_aio{aio, types});
}
[[nodiscard]] inline std::stop_callback<detail::cancel_aio> on_stop(const std::stop_token& token, const aio& aio,
                                                                    cancel types = cancel::all) {
    return on_stop(token, aio.get(), types);
}

// Makes `signal`, which may be a scope, emit a request for `types` when a stop is requested of `token`. Destroying the
// returned object blocks while another thread delivers the request.
// Memory: the C object of the signal must outlive the returned object. Throws: nothing.
[[nodiscard]] inline std::stop_callback<detail::emit_signal> on_stop(const std::stop_token& token, const signal& signal,
                                                                     cancel types = cancel::all) {
    return std::stop_callback<detail::emit_signal>(token, detail::emit_signal{signal.get(), types});
}

// A std::stop_source that a slot's requests stop, whatever their types, for as long as this object lives. It is for
// work that uses stop tokens and no aios. The object sets the function of the slot (naio_slot_assign).
//
//     naio::stop_source_of source(signal.slot());
//     std::jthread worker(work, source.get_token());
//
// The slot of a plain signal has no other target at the same time. Stop callbacks run on the thread that emits the
// request.
class stop_source_of {
  public:
    // Makes the requests that `slot` receives stop the source.
    // Blocks: until the former function of the slot has returned, unless it makes this call. NULL: fatal. Memory:
    // the slot must outlive the object. Throws: std::bad_alloc, by std::stop_source.
    explicit stop_source_of(naio_slot* slot) : slot_(slot) { naio_slot_assign(slot_, &request, this); }
    stop_source_of(const stop_source_of&) = delete;
    stop_source_of& operator=(const stop_source_of&) = delete;

    // Removes the object's function from the slot.
    // Blocks: while another thread delivers a request.
    ~stop_source_of() { naio_slot_clear(slot_); }

    // get_token returns a token of the source; the token may outlive this object. get_source returns the source.
    // Memory: the source stays the object's.
    std::stop_token get_token() const noexcept { return source_.get_token(); }
    std::stop_source& get_source() noexcept { return source_; }

  private:
    static bool request(void* arg, naio_cancel /*types*/) {
        // Uses a copy, because a stop callback may destroy this object.
        std::stop_source source = static_cast<stop_source_of*>(arg)->source_;
        source.request_stop();
        return source.stop_requested();
    }

    naio_slot* slot_;
    std::stop_source source_;
};

}  // namespace naio

#endif  // __cpp_lib_jthread

#endif
