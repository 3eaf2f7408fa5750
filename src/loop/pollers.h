// All pollers of the library. The first poller starts when the first descriptor is given to it, so that a program
// without I/O has no threads of pollers.
//
// Either the program fixes the number of pollers, which take turns to get a descriptor. Or their number adapts to the
// load: PollerPolicy decides how many have watches, and which one passes some on. A poller without watches rests: its
// two threads sleep. If it is not needed for a second, it ends: its leader retires it, and a worker joins the threads.
// A poller with a thread that a callback blocks rests on, because the worker would wait for the callback.
#pragma once

#include <array>
#include <cstddef>

#include "base/mutex.h"
#include "exec/task_queue.h"
#include "loop/poller.h"
#include "loop/poller_policy.h"

namespace naio {

class Pollers : private Task {
  public:
    static constexpr unsigned kMax = 16;

    explicit Pollers(TaskQueue& tasks) noexcept : Task(end_retired), tasks_(tasks) {}

    // Allows up to `count` pollers to be started from now on.
    void open(unsigned count) noexcept;
    // Allows as many pollers to be started from now on as the load needs, but at most `max` and one per processor.
    void open_adapting(unsigned max) noexcept;

    // Ends all pollers. Blocks until their threads have ended.
    void close() noexcept;

    // Writes what each poller does.
    void dump(Dump& dump) noexcept;
    // Adds the counts of all pollers, also of those that have ended.
    void count_into(Stats& stats) noexcept;

    // Stores the next poller in `to`, and starts it if needed. The pollers take turns. If the system refuses another
    // poller, stores the first one. Fails with NNG_ENOFILES, NNG_ENOMEM or another error of the system if the first
    // poller cannot be started, and with NNG_ECLOSED if the pollers are closed.
    [[nodiscard]] nng_err next(Poller*& to) noexcept;

  private:
    [[nodiscard]] Poller::Parting measured(Poller& poller, const PollerLoad& load) noexcept NAIO_EXCLUDES(mutex_);
    [[nodiscard]] Poller::Parting balance(unsigned index, const PollerLoad& load) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] nng_err start_another() noexcept NAIO_REQUIRES(mutex_);
    static Task* end_retired(Task& task) noexcept;

    TaskQueue& tasks_;
    Mutex stopping_;  // held while pollers are stopped; taken before mutex_
    Mutex mutex_;
    unsigned count_ NAIO_GUARDED_BY(mutex_) = 0;  // the pollers that get descriptors; 0: closed
    bool adapts_ NAIO_GUARDED_BY(mutex_) = false;
    PollerPolicy policy_ NAIO_GUARDED_BY(mutex_);
    unsigned started_ NAIO_GUARDED_BY(mutex_) = 0;
    bool last_has_retired_ NAIO_GUARDED_BY(mutex_) = false;  // a worker will stop the last poller that was started
    std::size_t next_ NAIO_GUARDED_BY(mutex_) = 0;
    std::array<Poller, kMax> pollers_;
};

}  // namespace naio
