#include "runtime/runtime.h"

#include <pthread.h>

#include <new>
#include <optional>
#include <utility>

#include "base/environment.h"
#include "base/fault.h"
#include "base/notice.h"
#include "base/order.h"
#include "base/os.h"
#include "base/panic.h"
#include "base/string_of.h"
#include "io/descriptor.h"
#include "runtime/trace.h"

namespace naio {

namespace {

constexpr unsigned kFileThreads = 4;
// Max opens and closes that block at the same time, such as the open of a FIFO before its peer has come. Each occupies
// a thread. Further opens and closes wait.
constexpr unsigned kOpenings = 64;

// Returns the time that the environment variable NAIO_STALL gives: 0 if the variable is not set or is empty,
// std::nullopt if it is not a number of seconds. With 0 the library reports no stalls.
std::optional<Nanoseconds> stall_in_environment() noexcept {
    const char* const text = environment("NAIO_STALL");
    return text == nullptr || *text == '\0' ? 0 : seconds_in(text);
}

}  // namespace

Runtime& runtime() noexcept {
    alignas(Runtime) static std::byte memory[sizeof(Runtime)];
    static Runtime& instance = *new (memory) Runtime;
    return instance;
}

Runtime::Runtime() noexcept
    : timer_({.examine = examine, .expire = expire}, tasks_),
      services_{.tasks = tasks_,
                .parking = parking_,
                .timer = timer_,
                .registry = registry_,
                .own_waits = ReadinessWaits::kAvailable ? Descriptor::own_waits(readiness_waits_) : OwnWaits{}},
      registry_(services_, allocator_) {
    watch_forks();
    Notices::go_to(log_);
    const std::optional<Nanoseconds> after = stall_in_environment();
    refused_stall_.store(!after, std::memory_order_relaxed);
    if (after && *after != 0) report_stalls(*after);
}

nng_err Runtime::init(const nng_init_params* parameters) noexcept {
    refuse_in_fork(NAIO_STRING_OF(nng_init));
    MappingReference mapping;
    if (!mapping.held()) return NNG_ENOMEM;
    nng_err error = NNG_OK;
    {
        Lock lock(mutex_);
        if (!settle()) return NNG_EBUSY;
        if (count_ > 0 && parameters != nullptr) return NNG_EBUSY;
        if (count_ == 0) error = bring_up(parameters, mapping);
        if (error == NNG_OK) ++count_;
    }
    log_refusals();
    return error;
}

nng_err Runtime::ensure(const char* function) noexcept {
    refuse_in_fork(function);
    // The acquire pairs with the release in bring_up (see there).
    if (services_.state.load(NAIO_ORDER(library_up, acquire)) == LibraryState::kUp) return NNG_OK;
    MappingReference mapping;
    if (!mapping.held()) return NNG_ENOMEM;
    nng_err error = NNG_OK;
    {
        Lock lock(mutex_);
        if (!settle()) return NNG_EBUSY;
        if (count_ > 0) return NNG_OK;
        error = bring_up(nullptr, mapping);
        if (error == NNG_OK) count_ = 1;
    }
    log_refusals();
    return error;
}

Parting Runtime::fini() noexcept {
    // A forked child may call nng_fini at exit, through atexit.
    if (is_forked_child()) return keep_mapping();
    Lock lock(mutex_);
    if (!settle()) panic(NAIO_STRING_OF(nng_fini) ": called from a callback that another nng_fini waits for");
    if (count_ == 0 || --count_ > 0) return keep_mapping();
    if (CallOut::any()) panic(NAIO_STRING_OF(nng_fini) ": the last call came from a callback, which it would wait for");
    going_down_ = true;
    mutex_.unlock();
    bring_down();
    mutex_.lock();
    going_down_ = false;
    if (!NAIO_FAULT(fini_notifies_no_waiter)) settled_.notify_all();
    return leave_mapping();
}

// Returns the parting for fini. If a call was ever abandoned, the library stays mapped, because the thread of that
// call may return to the library's code at any time.
Parting Runtime::leave_mapping() noexcept {
    for (BlockingQueue* const queue : {&names_, &files_, &openings_})
        if (queue->has_abandoned_any()) return keep_mapping();
    return release_mapping(std::exchange(mapping_, nullptr));
}

// Blocks while the library goes down, and then returns true. If the calling thread is in a callback or a cancel
// function, returns false instead of blocking, because the thread that brings the library down waits for callbacks and
// cancel functions.
bool Runtime::settle() noexcept {
    while (going_down_) {
        if (CallOut::any()) return false;
        settled_.wait(mutex_);
    }
    return true;
}

// True if the calls of NNG come to this library. Looks for NNG only when the library comes up for the first time, so it
// does not find NNG that is loaded later.
bool Runtime::refuses_beside_nng() noexcept {
    if (!has_looked_) {
        has_looked_ = true;
        nng_.look();
        unlogged_nng_.store(nng_.verdict() != ForeignNng::Verdict::kNone, std::memory_order_relaxed);
    }
    return nng_.verdict() == ForeignNng::Verdict::kConflict;
}

nng_err Runtime::bring_up(const nng_init_params* given, MappingReference& mapping) noexcept {
    if (refuses_beside_nng()) return NNG_ESTATE;
    Parameters parameters;
    if (!Parameters::read(given != nullptr ? *given : nng_init_params{}, parameters)) return NNG_EINVAL;
    // The memory functions stay until other ones are given, so that blocks that outlive fini are released by the
    // functions that allocated them.
    const Allocator::Hooks before = allocator_.hooks();
    if (parameters.hooks && !allocator_.install(*parameters.hooks)) return NNG_EBUSY;
    if (const nng_err error = start_threads(parameters); error != NNG_OK) {
        // install changes nothing if another thread already has a block of the new functions.
        if (parameters.hooks) static_cast<void>(allocator_.install(before));
        return error;
    }
    flush_in_a_second();
    if (mapping_ == nullptr) mapping.hand_over(mapping_);
    names_.start(allocator_, parameters.resolver_threads, "naio:name");
    files_.start(allocator_, kFileThreads, "naio:file");
    openings_.start(allocator_, kOpenings, "naio:open", kOpenings, BlockingQueue::Calls::kMayHang);
    if (parameters.fixed_pollers != 0)
        pollers_.open(parameters.fixed_pollers);
    else
        pollers_.open_adapting(parameters.max_pollers);
    readiness_waits_.open();
    registry_.open();
    // Pairs with the acquire in ensure; otherwise a thread that does not take the lock could use the library's parts
    // before it sees that they were made.
    services_.state.store(LibraryState::kUp, NAIO_ORDER(library_comes_up, release));
    return NNG_OK;
}

nng_err Runtime::start_threads(const Parameters& parameters) noexcept {
    trace::open();
    nng_err error = NNG_ENOMEM;
    if (tasks_.start(allocator_, parameters.workers, "naio:task")) {
        error = timer_.start();
        if (error == NNG_OK) return NNG_OK;
        tasks_.stop();
    }
    trace::close();
    return error;
}

// ---- the entries of the timer: those of the handles, and flush_entry_

Nanoseconds Runtime::examine(TimerEntry& entry, Nanoseconds at, Nanoseconds now) noexcept {
    return &entry == &flush_entry_ ? Timer::kExpire : Aio::examine(entry, at, now);
}

void Runtime::expire(TimerEntry& entry) noexcept {
    if (&entry != &flush_entry_) return Aio::expire(entry);
    Runtime& self = runtime();
    trace::flush();
    if (!Trace::on()) self.tasks_.submit(self.refusal_);
    self.flush_in_a_second();
}

// Logs why a trace has ended. A worker runs this, because the logger may block or call the library.
Task* Runtime::log_refusal(Task&) noexcept {
    log_trace_refusal();
    return nullptr;
}

// If there is a trace, makes the timer's thread write the events of the trace to the file in a second.
void Runtime::flush_in_a_second() noexcept {
    if (Trace::on()) timer_.arm(flush_entry_, now() + kSecond);
}

void Runtime::bring_down() noexcept {
    if (NAIO_FAULT(down_before_operations_end)) services_.state.store(LibraryState::kDown, std::memory_order_relaxed);
    registry_.close();
    services_.state.store(LibraryState::kDown, std::memory_order_relaxed);
    names_.stop();
    files_.stop();
    openings_.stop();
    pollers_.close();
    readiness_waits_.close();
    timer_.stop();
    timer_.disarm(flush_entry_);
    tasks_.stop();
    trace::close();
    registry_.trim();
}

void Runtime::watch_forks() noexcept { os::pthread_atfork(before_fork, after_fork, in_forked_child); }

// Locks the mutex until the fork is over, so that no thread brings the library up or begins to bring it down during
// the fork.
void Runtime::before_fork() noexcept {
    if (!NAIO_FAULT(fork_beside_init)) runtime().mutex_.lock();
}

void Runtime::after_fork() noexcept { runtime().mutex_.unlock(); }

void Runtime::in_forked_child() noexcept {
    Runtime& self = runtime();
    const bool up = self.services_.state.load(std::memory_order_relaxed) == LibraryState::kUp;
    if ((up || self.going_down_) && !NAIO_FAULT(forked_child_may_use_it))
        self.services_.state.store(LibraryState::kForked, std::memory_order_relaxed);
    trace::leave_to_parent();
    self.mutex_.unlock();
}

void Runtime::refuse_in_fork(const char* function) const noexcept {
    if (is_forked_child()) [[unlikely]]
        panic("%s: the library cannot be used in a forked child; it may exit or exec", function);
}

}  // namespace naio
