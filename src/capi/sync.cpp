// Defines nng_mtx_*, nng_cv_* and nng_thread_*: locks, condition variables and threads, for programs that do not use
// those of the system.
#include <nng/nng.h>

#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/panic.h"
#include "capi/forked.h"
#include "capi/handle.h"
#include "exec/thread.h"
#include "runtime/runtime.h"

using naio::checked;
using naio::runtime;

struct nng_mtx : naio::Mutex {};

struct nng_cv {
    explicit nng_cv(naio::Mutex& lock) noexcept : mutex(lock) {}
    naio::Mutex& mutex;
    naio::Condition condition;
};

struct nng_thread : naio::Thread {};

namespace {

// `call` is the public function's name, __func__.
template <class T, class... Args>
nng_err make(const char* call, T** out, Args&&... args) noexcept {
    naio::require(out, call);
    T* object = runtime().allocator().create<T>(std::forward<Args>(args)...);
    if (object == nullptr) return NNG_ENOMEM;
    *out = object;
    return NNG_OK;
}

}  // namespace

// The functions that lock, unlock or require a lock of the program are excluded from the thread-safety analysis,
// because the analysis does not see the program.
extern "C" {

int nng_mtx_alloc(nng_mtx** out) { return make(__func__, out); }

void nng_mtx_free(nng_mtx* mutex) { runtime().allocator().destroy(mutex); }

void nng_mtx_lock(nng_mtx* mutex) NAIO_NO_THREAD_SAFETY_ANALYSIS { checked(mutex, __func__).lock(); }

void nng_mtx_unlock(nng_mtx* mutex) NAIO_NO_THREAD_SAFETY_ANALYSIS { checked(mutex, __func__).unlock(); }

int nng_cv_alloc(nng_cv** out, nng_mtx* mutex) { return make(__func__, out, checked(mutex, __func__)); }

void nng_cv_free(nng_cv* cv) { runtime().allocator().destroy(cv); }

void nng_cv_wait(nng_cv* cv) NAIO_NO_THREAD_SAFETY_ANALYSIS { checked(cv, __func__).condition.wait(cv->mutex); }

// A time of 0 has passed for any clock, so the call does not even release the mutex.
int nng_cv_until(nng_cv* cv, nng_time when) NAIO_NO_THREAD_SAFETY_ANALYSIS {
    naio::Condition& condition = checked(cv, __func__).condition;
    if (when == 0) return NNG_EAGAIN;
    return condition.wait_until(cv->mutex, naio::from_milliseconds(when)) ? NNG_OK : NNG_ETIMEDOUT;
}

void nng_cv_wake(nng_cv* cv) { checked(cv, __func__).condition.notify_all(); }

void nng_cv_wake1(nng_cv* cv) { checked(cv, __func__).condition.notify_one(); }

// Stores the handle before the thread begins, because the thread may use it at once. Stores NULL if the thread cannot
// be created.
int nng_thread_create(nng_thread** out, void (*function)(void*), void* argument) {
    naio::require(out, __func__);
    *out = nullptr;
    if (make(__func__, out) != NNG_OK) return NNG_ENOMEM;
    const auto nothing = [](void*) {};
    if ((*out)->start_for_program(function != nullptr ? function : nothing, argument)) return NNG_OK;
    runtime().allocator().destroy(*out);
    *out = nullptr;
    return NNG_ENOMEM;
}

// Names `thread`, or the calling thread if `thread` is NULL.
void nng_thread_set_name(nng_thread* thread, const char* name) {
    thread != nullptr ? thread->set_name(name) : naio::Thread::set_own_name(name);
}

void nng_thread_destroy(nng_thread* thread) {
    if (!naio::is_ours(thread)) return;  // a forked child does not have the thread
    thread->join();
    runtime().allocator().destroy(thread);
}

}  // extern "C"
