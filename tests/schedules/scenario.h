// What a scenario is written with. See schedules.cpp for the program that runs them.
//
// A scenario is a small program against the public interface, with as many threads as its fault needs, in ten lines:
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
//     }                                                // each Thread joins; what is left is freed
//
// It checks results, and lets AddressSanitizer, the library's panics and the scheduler (deadlocks, endless loops) check
// the rest. It must end under each schedule, and must not loop without schedules::yield(). Each scenario has at least one
// fault of its own in faults.txt, which it must find within ten seconds: a scenario that cannot fail shows nothing. A fault
// is an NAIO_FAULT site in the library's sources (src/base/fault.h).
#pragma once

#include <naio/naio.h>
#include <nng/nng.h>

#include <functional>
#include <utility>
#include <vector>

#include "scheduler.h"

namespace schedules {

struct Scenario {
    const char* name;
    const char* what;
    void (*body)();
};

std::vector<Scenario>& all_scenarios();

struct Registration {
    Registration(const char* name, const char* what, void (*body)()) { all_scenarios().push_back({name, what, body}); }
};

// Its handles and queues are freed, and its other objects destroyed, before the library goes down.
class Library {
  public:
    Library() : Library(2, 2) {}
    // As many workers as given at once, and at most.
    Library(int workers, int most);
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
};

// Runs a function on a thread of the program. Joins it in the destructor, unless that has been done.
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

// How often a callback was called, and with which result last.
struct Count {
    int calls = 0;
    nng_err result = NNG_OK;
    nng_aio* aio = nullptr;
    std::function<void()> also = [] {};
};

// A handle whose callback counts.
class Handle {
  public:
    explicit Handle(Count& count);
    Handle();  // without a callback
    ~Handle();
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    void free();

    nng_aio* aio = nullptr;
};

// A handle and the simplest provider: under its lock it knows whether the operation is open, and who closes it finishes
// it. Its cancel function does so, too.
class Operation : public Handle {
  public:
    explicit Operation(Count& count) : Handle(count) { open_lock(); }
    Operation() { open_lock(); }
    ~Operation();

    bool start();
    void finish(nng_err result = NNG_OK);
    [[nodiscard]] bool is_open();

  private:
    void open_lock();
    bool close();
    static void cancel(nng_aio* aio, void* self, nng_err reason);

    nng_mtx* lock_ = nullptr;
    bool open_ = false;
};

}  // namespace schedules

#define SCENARIO(name, what)                                                            \
    static void name##_body();                                                          \
    static const schedules::Registration name##_registration(#name, what, name##_body); \
    static void name##_body()
