// The class task, a coroutine that awaits operations, and this_op. See naio.hpp, and promise.hpp for how coroutines
// run.
#ifndef NAIO_TASK_HPP
#define NAIO_TASK_HPP

#include <cxxabi.h>

#include <concepts>
#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <naio/promise.hpp>
#include <new>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace naio {

// ---- task --------------------------------------------------------------------------------------

// A task is an operation if it returns a result, an nng_err, or nothing, which is success.
template <class T>
concept task_result = std::same_as<T, result> || std::same_as<T, nng_err> || std::is_void_v<T>;

// A coroutine. It begins to run when it is started or awaited, which is possible once.
//
//     naio::task<naio::result> twice(my_device* device) {
//         auto read = naio::async(my_read, device);  // my_read(device, aio)
//         if (const auto first = co_await read; !first) co_return first;
//         co_return co_await read;
//     }
//
// In a task, co_await takes
//  - an operation, starts it, and yields its naio::result. The operation runs on the composed operation's child aio
//    (see this_op), which then has the operation's outputs;
//  - a task, std::move'd if it has a name, runs that task as part of this one, and yields its value;
//  - this_op.
//
// After each co_await of an operation the coroutine goes on where the library would run a callback. After a request to
// end was accepted, every co_await of an operation yields the error at once, so that the coroutine comes to its end.
// See this_op for how to clean up with operations nevertheless.
//
// A coroutine that was not started is destroyed with this object. A started one always runs to its end, and is
// destroyed before the callback of its aio: parameters and locals are gone when the callback runs.
//
// A coroutine takes one block of memory from nng_alloc, and a composed operation takes another one. A started task
// keeps up to two blocks of coroutines that it has awaited, for the next coroutines, until it ends. Without memory for
// the coroutine the task is not valid: starting or awaiting it then reports NNG_ENOMEM, or NNG_ESTATE if it was started
// or awaited before. An await reports the error as the value if that is a result or an nng_err. Otherwise it throws a
// std::system_error or, where exceptions are switched off, ends the program.
//
// An exception that leaves a coroutine goes to the coroutine that awaits it. An exception that leaves a started task
// becomes the result if it is a std::bad_alloc, or a std::system_error of any module's naio::category. Any other
// exception ends the program: a line on stderr has its type and what(), then std::terminate is called, whose handler
// finds the exception as the current one.
template <class T>
class [[nodiscard]] task : public operation_base {
  public:
    using promise_type = detail::promise<T>;
    static constexpr bool transient = true;

    // Takes over the coroutine of `other`, which is not valid afterwards. An assignment destroys the former coroutine.
    task(task&& other) noexcept
        : frame_(std::exchange(other.frame_, nullptr)), missing_(std::exchange(other.missing_, NNG_ESTATE)) {}
    task& operator=(task&& other) noexcept {
        task taken(std::move(other));
        std::swap(frame_, taken.frame_);
        std::swap(missing_, taken.missing_);
        return *this;
    }
    // Destroys a coroutine that was not started.
    ~task() {
        if (frame_) frame_.destroy();
    }

    // True if the object has a coroutine. False if there was no memory for the coroutine, or if it was started, awaited
    // or moved to another task.
    bool valid() const noexcept { return static_cast<bool>(frame_); }

    // Runs the coroutine as an operation on `aio`. This call runs it up to its first co_await of an operation.
    // guarantee says, as in naio_compose, which requests are permitted; see this_operation::permit. The operation's
    // result is the result that the coroutine returns. Without a coroutine the result is NNG_ENOMEM, or NNG_ESTATE if
    // the task was started before.
    // Blocks: as the coroutine does. NULL: fatal. Memory: the object may be destroyed at once.
    void start(nng_aio* aio, cancel guarantee = cancel::terminal) noexcept requires task_result<T>;

  private:
    friend promise_type;
    friend detail::task_awaiter<T>;
    using handle = std::coroutine_handle<promise_type>;

    explicit task(handle frame) noexcept : frame_(frame) {}
    explicit task(nng_err missing) noexcept : missing_(missing) {}

    static void step(naio_op* op, void* arg, nng_err err, std::size_t count) noexcept;
    static void release(void* arg) noexcept { handle::from_promise(*static_cast<promise_type*>(arg)).destroy(); }

    handle frame_;
    nng_err missing_ = NNG_ESTATE;  // the reason why there is no frame
};

// ---- this_op -----------------------------------------------------------------------------------

// The composed operation that a coroutine is part of. Valid while the coroutine runs.
// Threads: any, also several at once for one object. NULL: fatal. Memory: what the functions return lives until the
// coroutine has come to its end.
class this_operation {
  public:
    // Makes an object of `op`. Coroutines get one by co_await this_op.
    explicit this_operation(naio_op* op) noexcept : op_(op) {}

    // Returns the aio that the task was started on. The aio has the task's inputs, and the outputs that the task sets.
    nng_aio* aio() const noexcept { return naio_op_aio(op_); }

    // Returns the aio that awaited operations run on, one after the other, with their inputs, timeouts and outputs. It
    // also has a message that was received: take_msg(op.child()).
    nng_aio* child() const noexcept { return naio_op_child(op_); }

    // Sets the `guarantee` from now on; with cancel::none all requests are refused. Returns the types accepted so far:
    // if there are any, do not take the step that the new guarantee was to protect. The guarantee at the end is the
    // outcome. See naio_aio_permit.
    cancel permit(cancel guarantee) const noexcept { return cancel{naio_aio_permit(aio(), bits(guarantee))}; }

    // Returns the types accepted so far, and changes nothing. See naio_aio_cancelled.
    cancel cancelled() const noexcept { return cancel{naio_aio_cancelled(aio())}; }

    // Returns the types accepted so far and acknowledges them: the coroutine has to honour them. Forgets the types in
    // `clear`, so that operations can be awaited again:
    //
    //     if (any(op.acknowledge(naio::cancel::all))) co_await say_goodbye();
    //
    // Stopping the handle waits for these operations, too. See naio_aio_acknowledge.
    cancel acknowledge(cancel clear = cancel::none) const noexcept {
        return cancel{naio_aio_acknowledge(aio(), bits(clear))};
    }

    // Returns the reason of the first accepted request, which is the error to end with; NNG_OK if there was no request.
    nng_err reason() const noexcept { return naio_aio_reason(aio()); }

  private:
    naio_op* op_;
};

// An object to await: co_await this_op yields the this_operation at once, without suspending.
struct this_op_tag {};
inline constexpr this_op_tag this_op{};

// ---- How it works ------------------------------------------------------------------------------

namespace detail {

struct this_op_awaiter {
    naio_op* op;
    bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<> /*awaiting*/) const noexcept {}
    this_operation await_resume() const noexcept { return this_operation(op); }
};

inline auto promise_base::await_transform(const this_op_tag&) noexcept { return this_op_awaiter{running->op}; }

// The awaiter of a task. Owns the task until the value is taken.
template <class T>
struct task_awaiter {
    flow& running;
    task<T> awaited;

    bool await_ready() const noexcept { return !awaited.valid(); }
    void await_suspend(std::coroutine_handle<> awaiting) noexcept {
        promise<T>& inner = awaited.frame_.promise();
        inner.running = &running;
        inner.continuation = awaiting;
        running.next = awaited.frame_;
    }
    T await_resume() {
        if (!awaited.valid()) return no_value<T>(awaited.missing_);
        return awaited.frame_.promise().take();
    }
};

template <class T>
task_awaiter<T> promise_base::await_transform(task<T>&& awaited) noexcept {
    return {*running, std::move(awaited)};
}

template <class T>
task<T> promise<T>::get_return_object() noexcept {
    return task<T>(std::coroutine_handle<promise>::from_promise(*this));
}
template <class T>
task<T> promise<T>::get_return_object_on_allocation_failure() noexcept {
    return task<T>(NNG_ENOMEM);
}

inline task<void> promise<void>::get_return_object() noexcept {
    return task<void>(std::coroutine_handle<promise>::from_promise(*this));
}
inline task<void> promise<void>::get_return_object_on_allocation_failure() noexcept { return task<void>(NNG_ENOMEM); }

#if defined(__cpp_exceptions)
// Writes the exception's type and what() to stderr, and terminates the program. The caller is in the exception's catch
// block, so that a terminate handler finds the exception as the current one.
[[noreturn]] inline void terminate_by(const char* text) noexcept {
    const std::type_info* const type = abi::__cxa_current_exception_type();
    char* const name = type != nullptr ? abi::__cxa_demangle(type->name(), nullptr, nullptr, nullptr) : nullptr;
    std::fprintf(stderr, "naio: an exception left a started task: %s%s%s\n", name != nullptr ? name : "of unknown type",
                 text != nullptr ? ": " : "", text != nullptr ? text : "");
    std::free(name);
    std::terminate();
}

// Returns the result that a started task has when it ends with `exception`.
[[nodiscard]] inline result result_of_exception(const std::exception_ptr& exception) noexcept {
    try {
        std::rethrow_exception(exception);
    } catch (const std::system_error& error) {
        if (is_category(error.code().category())) return {static_cast<nng_err>(error.code().value())};
        terminate_by(error.what());
    } catch (const std::bad_alloc&) {
        return {NNG_ENOMEM};
    } catch (const std::exception& error) {
        terminate_by(error.what());
    } catch (...) {
        terminate_by(nullptr);
    }
}
#endif

// Returns the result of a started task that has come to its end.
template <class T>
result result_of_task(promise<T>& ended) noexcept {
#if defined(__cpp_exceptions)
    if (ended.exception) return result_of_exception(ended.exception);
#endif
    if constexpr (std::is_same_v<T, result>)
        return *ended.value;
    else if constexpr (std::is_same_v<T, nng_err>)
        return {*ended.value};
    else
        return {};
}

}  // namespace detail

template <class T>
void task<T>::start(nng_aio* aio, cancel guarantee) noexcept requires task_result<T> {
    if (!frame_) return detail::fail(aio, missing_);
    const handle frame = std::exchange(frame_, nullptr);
    missing_ = NNG_ESTATE;
    promise_type& root = frame.promise();
    root.running = &root.own;
    root.own.next = frame;
    if (naio_compose(aio, bits(guarantee), &task::step, &task::release, &root) != NNG_OK) detail::fail(aio, NNG_ENOMEM);
}

template <class T>
void task<T>::step(naio_op* op, void* arg, nng_err err, std::size_t count) noexcept {
    auto& root = *static_cast<promise_type*>(arg);
    detail::flow& running = root.own;
    running.op = op;
    running.arrived = {err, count, cancel{naio_aio_outcome(naio_op_child(op))}};
    running.resume();
    // After the next call has done its work, and before it returns, another thread may be at the start of this
    // function, or may have destroyed the frame.
    if (running.submit != nullptr) return running.submit(running.operation, naio_op_child(op));
    const result end = detail::result_of_task(root);
    naio_op_finish(op, end.err, end.count);
}

}  // namespace naio

#endif
