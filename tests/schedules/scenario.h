// Classes for scenarios. See schedules.cpp for the program that runs scenarios.
//
// A scenario is a program of about ten lines against the public interface, with as many threads as its fault needs:
//
//     SCENARIO(wait, "a wait returns after the callback") {
//         const Library library;                       // nng_init with few threads; ~Library is nng_fini
//         Count callbacks;
//         Operation operation(callbacks);              // a handle and its provider
//         operation.start();
//         const Thread finisher([&] { operation.finish(); });
//         const Thread waiter([&] {
//             nng_aio_wait(operation.aio);
//             require(callbacks.calls == 1, "the wait returned before the callback");
//         });
//     }                                                // each Thread joins; destructors free the rest
//
// A scenario checks results, and lets AddressSanitizer, the library's panics and the scheduler (deadlocks, endless
// loops) check the rest. It must end under each schedule, and must not loop without schedules::yield(). Each scenario
// has at least one fault of its own in faults.txt, which it must find within ten seconds: a scenario that cannot fail
// shows nothing. A fault is an NAIO_FAULT site in the library's sources (src/base/fault.h).
#pragma once

#include <naio/naio.h>
#include <nng/nng.h>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "scheduler.h"
#include "support/provider.h"

namespace schedules {

struct Scenario {
    const char* name;
    const char* what;
    void (*body)();
    std::optional<Strategy> only;  // the only strategy under which the scenario's promise holds
};

std::vector<Scenario>& all_scenarios();

struct Registration {
    Registration(const char* name, void (*body)(), const char* what, std::optional<Strategy> only = {}) {
        all_scenarios().push_back({name, what, body, only});
    }
};

// Brings the library up; the destructor brings it down. A scenario declares it before handles and queues, so that these
// are freed first.
class Library {
  public:
    Library() : Library(2, 2) {}
    // Calls nng_init with these num_task_threads and max_task_threads.
    Library(int workers, int max);
    ~Library() { go_down(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
    void go_down();

  private:
    bool up_ = true;
};

// Runs a function on a thread of the program. The destructor joins the thread, unless join() has joined it.
template <class Function>
class Thread {
  public:
    explicit Thread(Function function) : function_(std::move(function)) {
        id_ = start_thread([](void* self) { static_cast<Thread*>(self)->function_(); }, this);
    }
    ~Thread() { join(); }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;
    void join() {
        if (id_ != 0) schedules::join(std::exchange(id_, 0));
    }

  private:
    Function function_;
    int id_ = 0;
};

// Counts the calls of a callback, and keeps the result of the last one. The callback also calls `also`.
struct Count {
    int calls = 0;
    nng_err result = NNG_OK;
    nng_aio* aio = nullptr;
    std::function<void()> also = [] {};
};

// Returns a new completion queue, which the scenario frees.
inline naio_queue* make_queue() {
    naio_queue* queue = nullptr;
    require(naio_queue_alloc(&queue) == NNG_OK, "naio_queue_alloc fails");
    return queue;
}

// A handle, whose callback counts its own calls in a Count.
class Handle {
  public:
    explicit Handle(Count& count);
    Handle();  // without a callback
    ~Handle() { free(); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    void free();
    void reap();
    void reap_then(void (*function)(void*), void* argument);

    nng_aio* aio = nullptr;  // kept after the handle was freed

  private:
    bool owned_ = true;
};

using Provider = support::Provider<naio::Mutex>;

// The simplest provider of an operation. Its cancel function finishes the operation.
class Operation : public Handle, public Provider {
  public:
    explicit Operation(Count& count) : Handle(count) {}
    Operation() = default;
    ~Operation() { free(); }

    bool start() { return start_on(aio); }
    bool start_on(nng_aio* other);

  private:
    static void cancel(nng_aio* aio, void* self, nng_err reason);
};

// A provider with typed cancellation. Its cancel function calls `on_cancel`, and finishes the operation if `on_cancel`
// returns true.
class TypedOperation : public Handle, public Provider {
  public:
    explicit TypedOperation(Count& count) : Handle(count) {}
    TypedOperation() = default;
    ~TypedOperation() { free(); }

    bool start(naio_cancel guarantee);

    std::function<bool(naio_cancel)> on_cancel = [](naio_cancel) { return true; };
    std::function<void()> on_release = [] {};

  private:
    static bool cancel(nng_aio* aio, void* self, naio_cancel types, nng_err reason);
};

// A gate that a callback waits at until another thread opens it. The library does not know that the callback waits.
class Gate {
  public:
    void open();
    void pass();
    // Blocks until the gate is open or this time has passed.
    void pass_within(std::int64_t nanoseconds);

  private:
    void pass_until(std::int64_t deadline);

    naio::Mutex mutex_;
    naio::Condition opened_;
    bool open_ = false;
};

}  // namespace schedules

// Defines a scenario: SCENARIO(name, what), or SCENARIO(name, what, strategy) if it runs under that strategy alone.
#define SCENARIO(name, ...)                                                                    \
    static void name##_body();                                                                 \
    static const schedules::Registration name##_registration(#name, name##_body, __VA_ARGS__); \
    static void name##_body()
