// Takes the place of src/loop/leader_loop.h: a test calls the handlers of the alarms in its own threads.
#pragma once

#include <nng/nng.h>

#include <cstdint>

#include "base/clock.h"
#include "base/mutex.h"
#include "exec/task.h"
#include "exec/task_queue.h"

namespace naio {

class Alarm {
  public:
    using Handler = void (*)(void*) noexcept;
    Alarm(Handler handler, void* argument) noexcept : handler_(handler), argument_(argument) {}
    void set(std::int64_t at) noexcept {
        if (!is_kept) return;
        Lock lock(mutex_);
        at_ = at;
    }
    // Lets the alarm go off if it is set, whatever the time is. Returns false if it is not set.
    bool go_off() noexcept {
        {
            Lock lock(mutex_);
            if (at_ == kNever) return false;
            at_ = kNever;
        }
        handler_(argument_);
        return true;
    }

    bool is_kept = false;  // true: set() stores the time; false: it does nothing
    std::int64_t at_ = kNever;

  private:
    Mutex mutex_;
    Handler handler_;
    void* argument_;
};

class LeaderLoop {
  public:
    void attach(Alarm&) noexcept {}
    [[nodiscard]] nng_err start(TaskQueue&, const char*) noexcept { return NNG_OK; }
    void stop() noexcept {}
    [[nodiscard]] TaskList& submitted() noexcept { return submitted_; }
    void give_to_workers() noexcept {}
    [[nodiscard]] bool has_follower() noexcept { return true; }
    [[nodiscard]] bool is_here() const noexcept { return false; }
    void dump(Dump&, const char*) noexcept {}
    void count_into(Stats&) noexcept {}

  private:
    TaskList submitted_;
};

}  // namespace naio
