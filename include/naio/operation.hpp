// The concept `operation`, and the simple operations. See naio.hpp.
//
// An operation is an object with start(nng_aio*). Its rules:
//
//  1. start(aio) leads to exactly one completion on the aio, even if the operation cannot be started, as every C
//     function that takes an nng_aio does. If start throws, it has started nothing, and there is no completion. In a
//     group or a task the program ends if start throws.
//  2. The caller keeps the object alive, and does not move it, until that completion. start must not rely on a longer
//     life of the object: as soon as the operation is submitted, the code that waits for it may resume on another
//     thread and destroy the object. So start submits last, and afterwards uses neither the object nor the aio.
//  3. Rule 2 does not hold for types with `static constexpr bool transient = true`. Their objects are used only to
//     start: they may be moved before the start, and destroyed as soon as start has returned.
//
// A function that takes an operation also takes std::ref(operation), and then uses the operation where it is.
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

// The base class of the operations in these headers. && and || need it in one of their operands.
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

// Returns the time in milliseconds, rounded up, at least 0 and at most the largest nng_duration.
template <class Rep, class Period>
nng_duration milliseconds(std::chrono::duration<Rep, Period> duration) noexcept {
    constexpr auto most = (std::numeric_limits<nng_duration>::max)();
    const std::chrono::duration<double, std::milli> inexact = duration;
    if (!(inexact.count() > 0)) return 0;
    if (inexact.count() >= most) return most;
    return static_cast<nng_duration>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

}  // namespace detail

// A type with a member function start(nng_aio*), or a std::reference_wrapper of one.
template <class Op>
concept operation = requires(std::remove_reference_t<Op>& op, nng_aio* aio) {
    detail::target(op).start(aio);
};

// True for the types of rule 3.
template <class Op>
concept transient_operation = operation<Op> && detail::is_transient<std::remove_cvref_t<Op>>;

// A function that takes these arguments, and an nng_aio* as the last one.
template <class F, class... Args>
concept aio_function = requires(std::decay_t<F>& function, std::decay_t<Args>&... arguments, nng_aio* aio) {
    std::invoke(function, arguments..., aio);
};

// ---- async -------------------------------------------------------------------------------------

// The operation that a call submits. See async.
// NULL: as for the submitted function. Memory: a copy of the function and of its arguments lives in the object, and is
// used by start only. Throws: what the moves and the function throw.
template <class F, class... Args>
class async_op : public operation_base {
  public:
    static constexpr bool transient = true;

    // Makes an operation that calls `submit` with the `arguments`.
    explicit async_op(F submit, Args... arguments) : submit_(std::move(submit)), arguments_(std::move(arguments)...) {}

    // Calls the function with the arguments and `aio`.
    void start(nng_aio* aio) {
        std::apply([&](Args&... arguments) { std::invoke(submit_, arguments..., aio); }, arguments_);
    }

  private:
    F submit_;
    std::tuple<Args...> arguments_;
};

// Makes an operation of a function, `submit`, and its arguments. The function gets an nng_aio* as its last argument,
// and submits one operation on that aio:
//
//     co_await naio::async(nng_stream_recv, stream);  // nng_stream_recv(stream, aio)
//     co_await naio::async([](std::shared_ptr<my_device>& device, nng_aio* aio) { my_read(device.get(), aio); },
//                          device);
//
// The function is called on the thread that starts the operation. If it throws, it must not have submitted anything
// (rule 1). It gets copies of the arguments as lvalues.
//
// Pass objects as arguments instead of capturing them in a lambda. g++ before 13 destroys twice the objects that a
// lambda in an expression with co_await captures by value, unless the destructor of the captured object is trivial, as
// that of a pointer or a number is. With such a compiler, awaiting an operation with such captures does not compile.
//
// Memory: the function and the arguments are copied or moved into the operation. The copies live until the call has
// returned, unless the operation has a name and is awaited by that name: then rule 2 holds for them. Objects that the
// arguments refer to may be gone as soon as the function has submitted the operation. Throws: what the copies and moves
// throw.
template <class F, class... Args>
requires aio_function<F, Args...>
[[nodiscard]] async_op<std::decay_t<F>, std::decay_t<Args>...> async(F&& submit, Args&&... arguments) {
    return async_op<std::decay_t<F>, std::decay_t<Args>...>(std::forward<F>(submit), std::forward<Args>(arguments)...);
}

namespace detail {

// g++ before 13 moves a temporary of an expression with co_await to the coroutine's frame. It then destroys the
// temporary's members twice, once with the temporary and once separately, if the members were initialised one by one:
// these are the members of a lambda and of an aggregate, but not members that a constructor or a function has made.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
inline constexpr bool compiler_destroys_twice = true;
#else
inline constexpr bool compiler_destroys_twice = false;
#endif

// True if g++ before 13 destroys members of the operation twice when the operation is a temporary. True for every
// function object with a destructor that is not trivial, because the function object may be a lambda.
template <class Op>
struct destroyed_twice : std::bool_constant<std::is_aggregate_v<Op> && !std::is_trivially_destructible_v<Op>> {};
template <class F, class... Args>
struct destroyed_twice<async_op<F, Args...>>
    : std::bool_constant<std::is_class_v<F> && !std::is_trivially_destructible_v<F>> {};

}  // namespace detail

// ---- sleep_for ---------------------------------------------------------------------------------

// nng_sleep_aio as an operation. See sleep_for.
// NULL: fatal.
class sleep_op : public operation_base {
  public:
    static constexpr bool transient = true;

    // Makes a sleep of `duration`.
    explicit sleep_op(nng_duration duration) noexcept : duration_(duration) {}

    // Starts the sleep on `aio`.
    void start(nng_aio* aio) noexcept { nng_sleep_aio(duration_, aio); }

  private:
    nng_duration duration_;
};

// Makes an operation that ends with NNG_OK when the `duration` has passed, never early. The time is rounded up to
// milliseconds, and is at most INT32_MAX of them, 24 days. The operation's guarantee is total.
template <class Rep, class Period>
[[nodiscard]] sleep_op sleep_for(std::chrono::duration<Rep, Period> duration) noexcept {
    return sleep_op(detail::milliseconds(duration));
}

// Makes a sleep that never ends by itself.
[[nodiscard]] inline sleep_op sleep_forever() noexcept { return sleep_op(NNG_DURATION_INFINITE); }

// ---- with_timeout ------------------------------------------------------------------------------

// An operation and its timeout. See with_timeout.
// NULL: fatal. Memory: the object must live until the operation is over, unless it is transient. Throws: what the move
// and the start of the operation throw.
template <operation Op>
class timeout_op : public operation_base {
  public:
    static constexpr bool transient = transient_operation<Op>;

    // Makes an operation of `op` and its `timeout`.
    timeout_op(Op op, nng_duration timeout) : op_(std::move(op)), timeout_(timeout) {}

    // Sets the limit, and starts the operation on `aio`.
    void start(nng_aio* aio) {
        // nng_clock rounds down. One more millisecond makes sure that the limit is not early. A timeout of zero has
        // passed at once.
        const nng_time now = nng_clock();
        naio_aio_limit(aio, timeout_ == 0 ? now : now + static_cast<nng_time>(timeout_) + 1);
        detail::target(op_).start(aio);
    }

    // Returns the operation itself, so that its members can be read when it is over.
    // Memory: the operation stays this object's, unless it is a std::ref.
    auto& inner() noexcept { return detail::target(op_); }

  private:
    Op op_;
    nng_duration timeout_;
};

// Limits `op` to the time `timeout`: it ends with NNG_ETIMEDOUT if it takes longer, never early. A limit can only
// shorten the time of an operation.
// The earliest deadline ends the operation: that of this limit, of limits around it, of the aio's own timeout, or of
// the limits of the tasks and groups that the operation is part of. A timeout of zero ends an operation that cannot be
// done at once. The time is rounded and capped as in sleep_for. In a task, NNG_ETIMEDOUT comes from a limit around the
// task if (co_await this_op).reason() is NNG_ETIMEDOUT. In this case every further co_await of an operation yields the
// error at once.
// Memory: an rvalue is moved into the result, an lvalue is copied, and an operation in a std::ref stays where it is,
// and must live until it is over. Throws: what the move or copy of op throws.
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
