// How coroutines run: the promise and the awaiters of a task. For task.hpp only.
//
// A started task is a composed operation (naio_compose). The step function is a trampoline: it resumes the coroutine on
// top. The coroutine records the operation that it waits for, and suspends, which returns to the step function.
//
//     step --1--> coroutine --2--> step --3--> start of the awaited operation
//                                   ^                        |
//                                   +-----------4------------+
//
//  1. step resumes `next`, the coroutine on top of the chain.
//  2. The coroutine awaits an operation, and sets `submit`. Or the coroutine awaits a task or has come to its end, and
//     sets `next` to the coroutine that runs next; step resumes that coroutine at once. So chains of any depth take no
//     stack. (Symmetric transfer would take stack where the compiler does not make it a jump: without optimization, and
//     with sanitizers.)
//  3. step starts the operation only after the coroutine has been suspended, and outside of it. The start is the last
//     action of step, because the operation may be over, and another thread may be at 1, before start has returned.
//  4. The operation is over; the library calls step again.
//
// At the end of the chain step finishes the composed operation, and the library calls release, which destroys the
// frame. Another thread may call release before naio_op_finish has returned.
//
// Invariants:
//  1. One thread at a time is in step and in the chain's frames, and each sees the writes of the previous one, because
//     the completion of the awaited operation orders them.
//  2. A flow keeps blocks, and gives them to new frames, only while it is resumed. So one thread at a time uses them.
//  3. A frame is destroyed by its owner. The owner is the task, until it is started or awaited. Afterwards the owner is
//     the await that has taken the task over, or release of the started task. A started task always runs to its end.
#ifndef NAIO_PROMISE_HPP
#define NAIO_PROMISE_HPP

#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <naio/memory.hpp>
#include <naio/operation.hpp>
#include <optional>
#include <type_traits>
#include <utility>

namespace naio {

template <class T>
class task;
class this_operation;
struct this_op_tag;

namespace detail {

// Runs one started task and the tasks that it awaits. The flow is a member of the started task's promise. It keeps the
// blocks of frames that were destroyed while it is resumed, for further frames of the same sizes, until the started
// task's frame is destroyed: a task often awaits the same coroutines again and again.
struct flow {
    using submit_function = void (*)(void* operation, nng_aio* child);
    struct spare {
        void* block = nullptr;
        std::size_t size = 0;  // 0: no block
    };

    flow() noexcept = default;
    flow(const flow&) = delete;
    flow& operator=(const flow&) = delete;
    ~flow() {
        for (const spare& each : spares) deallocate(each.block, each.size);
    }

    // The flow that the calling thread resumes; NULL if there is none. The alignment is for LeakSanitizer: in a library
    // that dlopen has loaded, gcc's and clang's take a block of thread-local objects that begins 16 bytes after the
    // start of a page for one of glibc 2.19, read a wrong size before it, and crash.
    alignas(32) inline static constinit thread_local flow* here = nullptr;

    naio_op* op = nullptr;
    std::coroutine_handle<> next;
    void* operation = nullptr;
    submit_function submit = nullptr;  // starts `operation`; NULL: the coroutine awaits no operation
    result arrived;                    // the result of the operation that was awaited last
    spare spares[2];

    // Resumes coroutines until one has an operation to start, or the chain is at its end.
    void resume() {
        submit = nullptr;
        flow* const outer = std::exchange(here, this);
        do std::exchange(next, nullptr).resume();
        while (next && submit == nullptr);
        here = outer;
    }

    // Returns a kept block of this size, or NULL.
    void* take(std::size_t size) noexcept {
        for (spare& each : spares)
            if (each.size == size) return std::exchange(each, spare{}).block;
        return nullptr;
    }
    // True if the flow keeps the block.
    bool keep(void* block, std::size_t size) noexcept {
        for (spare& each : spares) {
            if (each.size != 0) continue;
            each = {block, size};
            return true;
        }
        return false;
    }
};

// The awaiter of an operation.
template <class Op, bool may_be_moved>
struct operation_awaiter {
    flow& running;
    Op* operation;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) noexcept {
        running.next = awaiting;
        running.operation = const_cast<std::remove_const_t<Op>*>(operation);
        running.submit = &submit;
    }
    result await_resume() const noexcept { return running.arrived; }

    // Moves a transient operation to the stack and starts it there, because the frame may be gone before start returns.
    static void submit(void* address, nng_aio* child) {
        Op& operation = *static_cast<Op*>(address);
        if constexpr (may_be_moved) {
            Op here(std::move(operation));
            target(here).start(child);
        } else {
            target(operation).start(child);
        }
    }
};

// The awaiter at the end of a coroutine: if another coroutine awaits the ended one, makes that coroutine the next to
// run.
struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
        ended.promise().running->next = ended.promise().continuation;
    }
    void await_resume() const noexcept {}
};

// Returns the error as a T, or throws it if a T cannot hold an error. If the compiler supports no exceptions, ends the
// program instead of the throw. In all other cases an awaited task throws only exceptions of the program.
template <class T>
T no_value([[maybe_unused]] nng_err err) {
    if constexpr (std::is_same_v<T, result>)
        return result{err};
    else if constexpr (std::is_same_v<T, nng_err>)
        return err;
    else {
#if defined(__cpp_exceptions)
        throw std::system_error(error_code(err));
#else
        std::fprintf(stderr, "naio: an awaited task has no value to give: %s\n", nng_strerror(err));
        std::abort();
#endif
    }
}

template <class T>
struct task_awaiter;

struct promise_base {
    flow* running = nullptr;               // NULL until the task is started or awaited
    std::coroutine_handle<> continuation;  // the coroutine that awaits this one, if there is one
    std::exception_ptr exception;
    flow own;  // used if this task is the one that is started

    // A frame is one block of memory.
    static void* operator new(std::size_t size) noexcept {
        void* const kept = flow::here != nullptr ? flow::here->take(size) : nullptr;
        return kept != nullptr ? kept : allocate(size);
    }
    static void operator delete(void* frame, std::size_t size) noexcept {
        if (flow::here == nullptr || !flow::here->keep(frame, size)) deallocate(frame, size);
    }

    std::suspend_always initial_suspend() const noexcept { return {}; }
    final_awaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { exception = std::current_exception(); }

    // A coroutine can await operations, tasks (as rvalues, because a task can be awaited only once), and this_op.
    template <operation Op>
    auto await_transform(Op&& op) noexcept {
        using type = std::remove_reference_t<Op>;
        static_assert(std::is_lvalue_reference_v<Op> || !compiler_destroys_twice || !destroyed_twice<type>::value,
                      "this g++ destroys twice what a lambda or an aggregate in a co_await expression holds: write "
                      "naio::async(function, arguments...) instead of a capture, or await an operation with a name");
        constexpr bool may_be_moved = !std::is_lvalue_reference_v<Op> && transient_operation<Op> &&
                                      !std::is_const_v<type> && std::is_move_constructible_v<type>;
        return operation_awaiter<type, may_be_moved>{*running, std::addressof(op)};
    }
    template <class T>
    task_awaiter<T> await_transform(task<T>&& awaited) noexcept;
    template <class T>
    void await_transform(task<T>& awaited) = delete;  // std::move it
    auto await_transform(const this_op_tag&) noexcept;
};

template <class T>
struct promise final : promise_base {
    static_assert(std::is_object_v<T>, "a task returns void or an object; return a pointer for a reference");

    std::optional<T> value;

    task<T> get_return_object() noexcept;
    static task<T> get_return_object_on_allocation_failure() noexcept;
    void return_value(T returned) noexcept(std::is_nothrow_move_constructible_v<T>) {
        value.emplace(std::move(returned));
    }

    T take() {
        if (exception) std::rethrow_exception(std::exchange(exception, nullptr));
        return *std::move(value);
    }
};

template <>
struct promise<void> final : promise_base {
    task<void> get_return_object() noexcept;
    static task<void> get_return_object_on_allocation_failure() noexcept;
    void return_void() const noexcept {}

    void take() {
        if (exception) std::rethrow_exception(std::exchange(exception, nullptr));
    }
};

}  // namespace detail
}  // namespace naio

#endif
