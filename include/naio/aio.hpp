// The class aio, a handle that runs operations, and the function run. See naio.hpp.
#ifndef NAIO_AIO_HPP
#define NAIO_AIO_HPP

#include <atomic>
#include <chrono>
#include <concepts>
#include <naio/memory.hpp>
#include <naio/operation.hpp>
#include <thread>
#include <type_traits>
#include <utility>

namespace naio {

namespace detail {

// A callback, and the state that lets it be destroyed while it runs.
struct callback {
    using function = void (*)(callback*);

    explicit callback(function invoke) noexcept : call(invoke) {}

    // The callback that the C library calls.
    static void run(void* arg) noexcept {
        auto* const self = static_cast<callback*>(arg);
        self->runner.store(std::this_thread::get_id(), std::memory_order_relaxed);
        self->call(self);
        self->runner.store({}, std::memory_order_relaxed);
        if (self->dropped) any_box::deleter()(self->home);
    }

    // Destroys the function object, and the operation that the aio has kept, when the handle is gone.
    static void end(void* arg) noexcept {
        auto* const self = static_cast<callback*>(arg);
        const box_pointer kept(self->kept);
        any_box::deleter()(self->home);
    }

    // True if the calling thread runs the callback. The load is relaxed, because a thread only looks for the id that it
    // has stored itself.
    bool running_here() const noexcept { return runner.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

    const function call;
    any_box* home = nullptr;
    any_box* kept = nullptr;  // the operation to be destroyed by end; NULL: none
    nng_aio* aio = nullptr;
    std::atomic<std::thread::id> runner{};
    bool dropped = false;  // the callback has destroyed the aio; only the callback's thread uses this
};

template <class F>
struct callback_to : callback {
    template <class G>
    explicit callback_to(G&& target) : callback(&callback_to::invoke), function_object(std::forward<G>(target)) {}

    static void invoke(callback* self) { static_cast<callback_to*>(self)->function_object(self->aio); }

    F function_object;
};

}  // namespace detail

// An nng_aio that is freed with this object. It runs one operation after the other:
//
//     naio::aio aio;
//     aio.start(naio::sleep_for(1s));      // begins at once
//     aio.wait();
//     if (!aio.result()) ...
//
// An aio is a promise of the operation that it runs: a program can wait for the operation, and the destructor stops the
// operation.
// Threads: any, also several at once for one object, except start and assignment. While the object is moved from,
// assigned to, reaped or destroyed, no other call may use it.
class aio {
  public:
    // Creates a handle without a callback. If there is no memory, or nng_aio_alloc fails for another reason, the object
    // is false, and may only be destroyed or assigned to.
    aio() noexcept {
        if (nng_aio_alloc(&handle_, nullptr, nullptr) != NNG_OK) handle_ = nullptr;
    }

    // Creates a handle with a callback: a function object that takes the nng_aio* and is called as NNG's callbacks are,
    // after every operation. The callback may start the next operation, and must not throw. If there is no memory, or
    // nng_aio_alloc fails for another reason, the object is false.
    // Memory: function is moved or copied to the heap, and lives until its last call has returned and the handle is
    // free. Throws: what the constructor of the function object throws.
    template <aio_function F>
    explicit aio(F&& function) {
        using block = detail::box<detail::callback_to<std::decay_t<F>>>;
        block* const made = block::make(std::forward<F>(function));
        if (made == nullptr) return;
        detail::callback& callback = made->value;
        callback.home = made;
        if (nng_aio_alloc(&callback.aio, &detail::callback::run, &callback) == NNG_OK) {
            handle_ = callback.aio;
            callback_ = &callback;
        } else {
            detail::any_box::deleter()(made);
        }
    }

    // Takes over the handle of `other` with its callback, also while an operation is in flight. Afterwards `other` is
    // empty. An assignment first does what the destructor does.
    // Blocks: assignment until the former handle is idle. Callback: yes, as the destructor.
    aio(aio&& other) noexcept
        : handle_(std::exchange(other.handle_, nullptr)),
          callback_(std::exchange(other.callback_, nullptr)),
          operation_(std::move(other.operation_)) {}
    aio& operator=(aio&& other) noexcept {
        if (this == &other) return *this;
        destroy();
        handle_ = std::exchange(other.handle_, nullptr);
        callback_ = std::exchange(other.callback_, nullptr);
        operation_ = std::move(other.operation_);
        return *this;
    }

    // Ends the operation in flight with NNG_ESTOPPED, waits until its callback has returned, and frees the handle. In
    // the handle's own callback the destructor does not wait. In this case the handle and the function object are
    // destroyed when the callback has returned, and the callback must not start another operation.
    // Blocks: until idle. Callback: yes.
    ~aio() { destroy(); }

    // Gives the handle up without waiting for it: ends the operation in flight with NNG_ESTOPPED. The object is empty
    // afterwards. The function object, and an operation that the object has kept, are destroyed when the handle is
    // gone: on a thread that runs callbacks, or after the last nng_fini in this call.
    void reap() noexcept {
        nng_aio* const handle = std::exchange(handle_, nullptr);
        detail::callback* const callback = std::exchange(callback_, nullptr);
        detail::any_box* const kept = operation_.release();
        if (callback != nullptr) {
            callback->kept = kept;
            naio_aio_reap_then(handle, &detail::callback::end, callback);
        } else {
            naio_aio_reap_then(
                handle, [](void* box) { const detail::box_pointer end(static_cast<detail::any_box*>(box)); }, kept);
        }
    }

    // operator bool returns true if there is a handle. get returns the handle; NULL if there is none.
    // Memory: the handle stays the object's.
    explicit operator bool() const noexcept { return handle_ != nullptr; }
    nng_aio* get() const noexcept { return handle_; }

    // Starts the operation `op`. If there is no memory to keep `op`, the operation ends with NNG_ENOMEM.
    // Threads: one at a time for an aio. Memory: an lvalue, also one in a std::ref, must live until the operation is
    // over. An rvalue is moved to the heap and kept until the next start, unless its type is transient (rule 3 of
    // operation.hpp). Throws: what the move and the start of op throw.
    template <operation Op>
    void start(Op&& op) {
        operation_.reset();
        if constexpr (std::is_lvalue_reference_v<Op> || transient_operation<Op>)
            detail::target(op).start(handle_);
        else
            start_kept(std::move(op));
    }

    // Waits until the handle is idle. Blocks: until idle. Callback: as nng_aio_wait.
    void wait() noexcept { nng_aio_wait(handle_); }

    // Waits until the handle is idle or `time` has passed. True: the handle is idle. False: the time has passed;
    // wait_for does not ask the operation to end.
    // Blocks: until idle or the time has passed. Callback: as naio_aio_wait_until.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> time) noexcept {
        const nng_duration rounded_up = detail::milliseconds(time);
        // nng_clock rounds down, so one more millisecond has to pass. A time of 0 only asks whether the handle is idle.
        const nng_time left = rounded_up == 0 ? 0 : static_cast<nng_time>(rounded_up) + 1;
        return naio_aio_wait_until(handle_, nng_clock() + left);
    }

    // Returns the result of the last operation. Valid in the callback and while the handle is idle.
    naio::result result() const noexcept { return result_of(handle_); }

    // Makes the callback run once more, on a thread that runs callbacks. True: a callback begins after this call.
    // False: an operation is in flight, whose callback begins after this call; or the handle has no callback or is
    // stopped. See naio_aio_post. posted returns true in the handle's callback if that runs for a post alone.
    bool post() noexcept { return naio_aio_post(handle_); }
    bool posted() const noexcept { return naio_aio_posted(handle_); }

    // Asks the operation in flight to end with one of the guarantees in `types`. If a request ends the operation, its
    // result is `reason`. False: the request has no effect. See naio_aio_cancel.
    bool cancel(naio::cancel types = naio::cancel::all, nng_err reason = NNG_ECANCELED) noexcept {
        return naio_aio_cancel(handle_, bits(types), reason);
    }

    // Ask the operation in flight to end with NNG_ESTOPPED, and refuse all later operations with this error. close does
    // not wait.
    // Blocks: stop until idle. Callback: as nng_aio_stop.
    void stop() noexcept { nng_aio_stop(handle_); }
    void close() noexcept { naio_aio_close(handle_); }

    // Set or clear the `timeout` of each operation from the next one on, rounded as in sleep_for. use_default_timeout
    // leaves the time to the provider of the operation (default_timeout).
    // Threads: any, one at a time for an aio.
    template <class Rep, class Period>
    void set_timeout(std::chrono::duration<Rep, Period> timeout) noexcept {
        nng_aio_set_timeout(handle_, detail::milliseconds(timeout));
    }
    void clear_timeout() noexcept { nng_aio_set_timeout(handle_, NNG_DURATION_INFINITE); }
    void use_default_timeout() noexcept { nng_aio_set_timeout(handle_, NNG_DURATION_DEFAULT); }

    // Sets the `types` that an expired timeout requests, from the next operation on.
    void set_timeout_types(naio::cancel types) noexcept { naio_aio_set_timeout_types(handle_, bits(types)); }

    // Returns the handle's own slot, to bind inner operations to; a null pointer if there is no memory. See
    // naio_aio_slot.
    // Memory: the slot lives as long as the handle.
    naio_slot* slot() const noexcept { return naio_aio_slot(handle_); }

  private:
    template <class Op>
    void start_kept(Op&& op) {
        auto* const kept = detail::box<std::remove_cvref_t<Op>>::make(std::forward<Op>(op));
        if (kept == nullptr) return detail::fail(handle_, NNG_ENOMEM);
        operation_.reset(kept);
        kept->value.start(handle_);
    }

    void destroy() noexcept {
        // If this thread runs the callback, callback::run destroys the function object after the callback has returned.
        const bool inside = callback_ != nullptr && callback_->running_here();
        if (inside) callback_->dropped = true;
        nng_aio_free(handle_);
        if (callback_ != nullptr && !inside) detail::any_box::deleter()(callback_->home);
        operation_.reset();
    }

    nng_aio* handle_ = nullptr;
    detail::callback* callback_ = nullptr;
    detail::box_pointer operation_;
};

// Runs the operation `op` to its end, and returns its result; NNG_ENOMEM if no handle can be made for it, whatever the
// reason.
// Blocks: until it is over. Callback: yes, at the cost of a thread. Memory: op is used where it is, during the call
// only. Throws: what the start of op throws.
template <operation Op>
[[nodiscard]] result run(Op&& op) {
    aio aio;
    if (!aio) return {NNG_ENOMEM};
    detail::target(op).start(aio.get());  // op lives until wait has returned
    aio.wait();
    return aio.result();
}

}  // namespace naio

#endif
