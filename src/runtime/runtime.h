// The library's one global object. It owns every thread and every service, and brings them up and down in order.
//
// It comes up in this order: parameters and memory hooks, workers, timer; then handles are accepted. It goes down in
// the opposite order: it refuses starts, ends all operations, lets their callbacks run, and destroys the handles that
// are to be destroyed when idle. Then it stops the blocking queues, the pollers, the timer and the workers. Only steps
// on the way up can fail. If one fails, the steps before it are undone.
//
// Invariants:
//  1. The services exist from their first use to the end of the process, so that a handle that outlives fini can be
//     freed.
//  2. The threads run while count_ > 0, and while the library goes down. No init or fini begins while the library goes
//     down.
//  3. mutex_ is not held while the library goes down, because callbacks run then, and may call init.
#pragma once

#include "aio/registry.h"
#include "aio/services.h"
#include "base/allocator.h"
#include "base/atomic.h"
#include "base/dump.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/stats.h"
#include "exec/blocking_queue.h"
#include "exec/parking_lot.h"
#include "exec/readiness_wait.h"
#include "exec/task_queue.h"
#include "exec/wait.h"
#include "io/files.h"
#include "io/resolver.h"
#include "io/stream_services.h"
#include "loop/pollers.h"
#include "runtime/foreign_nng.h"
#include "runtime/mapping.h"
#include "runtime/parameters.h"
#include "time/timer.h"

namespace naio {

class Runtime {
  public:
    Runtime() noexcept;
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    // Does what nng_init promises.
    [[nodiscard]] nng_err init(const nng_init_params* parameters) noexcept;
    // Does what nng_fini promises. Returns a parting, which the caller must run as its last step.
    [[nodiscard]] Parting fini() noexcept;

    // Initialises the library with defaults if it is not up, which counts as one call of init. `function` is the public
    // function's name, __func__.
    [[nodiscard]] nng_err ensure(const char* function) noexcept;

    // Makes the library report each wait that takes longer than `after`; kNever switches the reports off.
    void report_stalls(Nanoseconds after) noexcept;

    // Writes all that the library does at this moment. Any thread may call it at any time.
    void dump(Dump::Write write, void* argument, bool names) noexcept;

    // Returns the statistics of the library. Any thread may call it at any time.
    [[nodiscard]] Stats stats() noexcept;

    [[nodiscard]] bool is_forked_child() const noexcept {
        return services_.state.load(std::memory_order_relaxed) == LibraryState::kForked;
    }

    [[nodiscard]] Allocator& allocator() noexcept { return allocator_; }
    [[nodiscard]] Log& log() noexcept { return log_; }
    [[nodiscard]] Registry& registry() noexcept { return registry_; }
    [[nodiscard]] Services& services() noexcept { return services_; }
    [[nodiscard]] Resolver& resolver() noexcept { return resolver_; }
    [[nodiscard]] StreamServices& streams() noexcept { return streams_; }
    [[nodiscard]] Files& files() noexcept { return file_service_; }

  private:
    [[nodiscard]] nng_err bring_up(const nng_init_params* parameters, MappingReference& mapping) noexcept
        NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool refuses_beside_nng() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] Parting leave_mapping() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] nng_err start_threads(const Parameters& parameters) noexcept NAIO_REQUIRES(mutex_);
    void bring_down() noexcept;
    static Nanoseconds examine(TimerEntry& entry, Nanoseconds at, Nanoseconds now) noexcept;
    static void expire(TimerEntry& entry) noexcept;
    void flush_in_a_second() noexcept;
    static Task* log_refusal(Task& task) noexcept;
    [[nodiscard]] bool settle() noexcept NAIO_REQUIRES(mutex_);
    static void watch_forks() noexcept;
    static void before_fork() noexcept NAIO_NO_THREAD_SAFETY_ANALYSIS;
    static void after_fork() noexcept NAIO_NO_THREAD_SAFETY_ANALYSIS;
    static void in_forked_child() noexcept NAIO_NO_THREAD_SAFETY_ANALYSIS;
    void refuse_in_fork(const char* function) const noexcept;
    static void log_trace_refusal() noexcept;
    void log_foreign_nng() noexcept;
    void log_refusals() noexcept;
    static void report_stall(const void* object, Nanoseconds waited) noexcept;

    Mutex mutex_;
    unsigned count_ NAIO_GUARDED_BY(mutex_) = 0;
    bool going_down_ NAIO_GUARDED_BY(mutex_) = false;
    Waiters settled_;
    bool has_looked_ NAIO_GUARDED_BY(mutex_) = false;  // for NNG
    ForeignNng nng_;                                   // does not change after has_looked_ is set
    void* mapping_ NAIO_GUARDED_BY(mutex_) = nullptr;  // the library's reference to itself, while the library is up

    static inline constinit TimerEntry flush_entry_;
    Task refusal_{log_refusal};          // submitted at most once while the library is up
    Atomic<bool> unlogged_nng_{false};   // NNG is in the process, and no thread has logged this yet
    Atomic<bool> refused_stall_{false};  // NAIO_STALL is not a number of seconds, and no thread has logged this yet

    Allocator allocator_;
    Log log_;
    TaskQueue tasks_;
    ParkingLot parking_;
    Timer timer_;
    ReadinessWaits readiness_waits_;
    Services services_;
    Registry registry_;
    // Three queues, so that a file operation waits neither for a look-up that hangs nor for a FIFO without a peer.
    BlockingQueue names_;
    BlockingQueue files_;
    BlockingQueue openings_;
    Resolver resolver_{names_, allocator_};
    Pollers pollers_{tasks_};
    StreamServices streams_{.allocator = allocator_, .registry = registry_, .pollers = pollers_, .resolver = resolver_};
    Files file_service_{{.queue = files_, .openings = openings_, .pollers = pollers_, .allocator = allocator_}};
};

// Returns the one Runtime. It is never destroyed, because handles and threads may outlive the program's static
// objects.
Runtime& runtime() noexcept;

}  // namespace naio
