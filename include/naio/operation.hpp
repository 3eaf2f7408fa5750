// The concept `operation`, and the simple operations. See naio.hpp.
//
// An operation is an object with start(nng_aio*). Its rules:
//
//  1. start(aio) leads to exactly one completion on the aio, also if it fails: as every C function that
//     takes an nng_aio does. In a group it must not throw.
//  2. The object stays where it is and lives until that completion, but no longer: as soon as the operation
//     is submitted, the code that waits for it may resume on another thread and destroy the object. So start
//     submits last, and afterwards uses neither the object nor the aio.
//  3. Types with `static constexpr bool transient = true` are needed to start and for nothing else: they
//     may be moved first, and destroyed once start has returned. For them rule 2 does not hold.
//
// Where operations are taken, std::ref(operation) is taken too, and stands for the operation in its place.
#ifndef NAIO_OPERATION_HPP
#define NAIO_OPERATION_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <naio/result.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace naio {

// The base of the operations here. && and || take operations of which one has it.
struct operation_base {};

namespace detail {

template <class Op>
Op& target(Op& op) noexcept {
    return op;
}
template <class Op>
Op& target(std::reference_wrapper<Op>& op) noexcept {
    return op.get();
}
template <class Op>
Op& target(const std::reference_wrapper<Op>& op) noexcept {
    return op.get();
}

template <class Op>
inline constexpr bool is_transient = requires {
    requires Op::transient;
};
template <class Op>
inline constexpr bool is_transient<std::reference_wrapper<Op>> = true;

// Completes an operation that was never started.
inline void fail(nng_aio* aio, nng_err err) noexcept {
    nng_aio_reset(aio);
    naio_aio_finish(aio, err, 0);
}

// In milliseconds, rounded up, at least 0, at most what an nng_duration holds.
template <class Rep, class Period>
nng_duration milliseconds(std::chrono::duration<Rep, Period> duration) noexcept {
    constexpr auto most = std::numeric_limits<nng_duration>::max();
    const std::chrono::duration<double, std::milli> inexact = duration;
    if (!(inexact.count() > 0)) return 0;
    if (inexact.count() >= most) return most;
    return static_cast<nng_duration>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

}  // namespace detail

template <class Op>
concept operation = requires(std::remove_reference_t<Op>& op, nng_aio* aio) {
    detail::target(op).start(aio);
};

// See rule 3.
template <class Op>
concept transient_operation = operation<Op> && detail::is_transient<std::remove_cvref_t<Op>>;

// A function that takes these arguments, and an nng_aio* as the last one.
template <class F, class... Args>
concept aio_function = requires(std::decay_t<F>& function, std::decay_t<Args>&... arguments, nng_aio* aio) {
    std::invoke(function, arguments..., aio);
};

// ---- async -------------------------------------------------------------------------------------

// The operation that a call submits. See async.
template <class F, class... Args>
class async_op : public operation_base {
  public:
    static constexpr bool transient = true;

    explicit async_op(F submit, Args... arguments) : submit_(std::move(submit)), arguments_(std::move(arguments)...) {}

    void start(nng_aio* aio) {
        std::apply([&](Args&... arguments) { std::invoke(submit_, arguments..., aio); }, arguments_);
    }

  private:
    F submit_;
    std::tuple<Args...> arguments_;
};

// Makes an operation of a function that submits one on the nng_aio* that is its last argument, and of its
// other arguments:
//
//     co_await naio::async(nng_stream_recv, stream);  // nng_stream_recv(stream, aio)
//     co_await naio::async([](std::shared_ptr<my_device>& device, nng_aio* aio) { my_read(device.get(), aio); }, device);
//
// The function is called on the thread that starts the operation. It must not throw. It and the arguments
// are copied or moved into the operation; the function is given the copies as lvalues. They live until the
// call has returned, unless the operation has a name and is awaited by it: then rule 2 holds for them. What
// they refer to may be gone as soon as the function has submitted.
//
// Pass as arguments what a lambda would capture. g++ before 13 destroys twice what a lambda in an
// expression with co_await captures by value, unless its destructor is trivial, as those of pointers and
// numbers are. With such a compiler, awaiting an operation with such captures does not compile.
template <class F, class... Args>
requires aio_function<F, Args...>
[[nodiscard]] async_op<std::decay_t<F>, std::decay_t<Args>...> async(F&& submit, Args&&... arguments) {
    return async_op<std::decay_t<F>, std::decay_t<Args>...>(std::forward<F>(submit), std::forward<Args>(arguments)...);
}

namespace detail {

// g++ before 13 promotes a temporary of an expression with co_await to the coroutine's frame, and then
// destroys its members once with it and once by themselves, if they were initialised one by one: those of
// a lambda and of an aggregate, but not those that a constructor or a function has made.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
inline constexpr bool compiler_destroys_twice = true;
#else
inline constexpr bool compiler_destroys_twice = false;
#endif

// True if such a compiler destroys members of the operation twice when it is a temporary. True for every
// function object with a destructor that is not trivial, because it may be a lambda.
template <class Op>
struct destroyed_twice : std::bool_constant<std::is_aggregate_v<Op> && !std::is_trivially_destructible_v<Op>> {};
template <class F, class... Args>
struct destroyed_twice<async_op<F, Args...>>
    : std::bool_constant<std::is_class_v<F> && !std::is_trivially_destructible_v<F>> {};

}  // namespace detail

// ---- sleep_for ---------------------------------------------------------------------------------

// nng_sleep_aio as an operation. See sleep_for.
class sleep_op : public operation_base {
  public:
    static constexpr bool transient = true;

    explicit sleep_op(nng_duration duration) noexcept : duration_(duration) {}
    void start(nng_aio* aio) noexcept { nng_sleep_aio(duration_, aio); }

  private:
    nng_duration duration_;
};

// Ends with NNG_OK when the time has passed, never early. Rounded up to milliseconds; no more than
// INT32_MAX of them, 24 days. Can be cancelled with the guarantee total.
template <class Rep, class Period>
[[nodiscard]] sleep_op sleep_for(std::chrono::duration<Rep, Period> duration) noexcept {
    return sleep_op(detail::milliseconds(duration));
}

// Never ends by itself.
[[nodiscard]] inline sleep_op sleep_forever() noexcept { return sleep_op(NNG_DURATION_INFINITE); }

// ---- with_timeout ------------------------------------------------------------------------------

// An operation and how long it may take. See with_timeout.
template <operation Op>
class timeout_op : public operation_base {
  public:
    static constexpr bool transient = transient_operation<Op>;

    timeout_op(Op op, nng_duration timeout) : op_(std::move(op)), timeout_(timeout) {}

    void start(nng_aio* aio) {
        // The clock's milliseconds are cut off: one more, so as not to be early. Zero is past at once.
        const nng_time now = nng_clock();
        naio_aio_limit(aio, timeout_ == 0 ? now : now + static_cast<nng_time>(timeout_) + 1);
        detail::target(op_).start(aio);
    }

    // The operation itself, to read its members when it is over.
    auto& inner() noexcept { return detail::target(op_); }

  private:
    Op op_;
    nng_duration timeout_;
};

// The operation, limited to a time: it ends with NNG_ETIMEDOUT if it takes longer, never early. A limit
// only ever shortens. Of limits around limits, of the timeout that the aio has, and of the limits of
// the tasks and groups that this is part of, the earliest ends the operation. Zero: what cannot be done
// at once. Rounded and limited as sleep_for. In a task, NNG_ETIMEDOUT comes from a limit around the task
// if (co_await this_op).reason() says so; then every further co_await yields it at once.
template <operation Op, class Rep, class Period>
[[nodiscard]] timeout_op<std::decay_t<Op>> with_timeout(Op&& op, std::chrono::duration<Rep, Period> timeout) {
    return timeout_op<std::decay_t<Op>>(std::forward<Op>(op), detail::milliseconds(timeout));
}

namespace detail {
template <class Op>
struct destroyed_twice<timeout_op<Op>> : destroyed_twice<Op> {};
}  // namespace detail

}  // namespace naio

#endif
