// A libuv loop, and the sources that wake the thread that sleeps in the loop: Wake (wake.h) and Alarm (alarm.h).
//
// On Linux the thread does not sleep in libuv, but in an epoll of the loop, which has the descriptors of the alarms or
// of the watches (watch.h; a loop does not have both), and libuv's own epoll as one more descriptor. So an alarm that
// goes off costs two system calls: epoll_wait, and one that sets the descriptor again. No thread reads the descriptor.
// A second thread can wait for the same alarms (share_alarms): the system wakes it only if the loop's thread is not
// asleep. A turn in which watches are ready costs one system call, and no work of libuv, which would read its clock
// three times.
//
// Invariants:
//  1. A raise is never lost: the handler begins at least once after it.
//  2. While no Wake is raised and no Alarm is due, the loop's thread sleeps.
//  3. A program that is executed inherits no descriptor of a loop: libuv and the sources create each descriptor with
//     close-on-exec set. (On a system without pipe2, eventfd and timerfd, libuv sets it after the creation.)
//  4. libuv's epoll knows all descriptors that libuv watches whenever the thread sleeps in the loop's own epoll. libuv
//     registers a descriptor in the iteration after uv_poll_start, so on Linux libuv watches only the descriptors of
//     the loop's sources, and the first turn is an iteration of libuv.
#pragma once

#include <nng/nng.h>

#include <array>
#include <cstddef>

#include "loop/alarm.h"
#include "loop/uv_structure.h"
#include "loop/wake.h"

namespace naio {

class Watch;

// False if there is no memory for libuv to watch the descriptor. In that case libuv would not return an error, but end
// the process. libuv keeps a table, which it enlarges with malloc for the highest descriptor that it watches. So this
// function allocates and releases a block of the size that the table would get. The check does not help if another
// thread takes the last memory before libuv does.
[[nodiscard]] bool has_memory_to_watch(const uv_loop_t& loop, int descriptor) noexcept;

// Returns the number of processors that the process may use.
[[nodiscard]] unsigned usable_processors() noexcept;

class Loop {
  public:
    Loop() noexcept;

    // Adds a source, which outlives the loop. REQUIRES: the loop is not open.
    void attach(Wake& wake) noexcept { sources_[attached_++] = &wake; }
    void attach(Alarm& alarm) noexcept;

    // Opens the loop and its sources. If open fails, with NNG_ENOFILES, NNG_ENOMEM or another error of the system,
    // nothing is left behind.
    [[nodiscard]] nng_err open() noexcept;
    void close() noexcept { close_all(attached_); }

    // Returns libuv's loop. Only the thread that runs the loop may use it, one thread at a time.
    [[nodiscard]] uv_loop_t& uv() noexcept { return *loop_.get(); }

    // Runs the handlers of the sources that are raised or due, and of the watches that are ready. If there are none and
    // may_sleep is true, sleeps until there is one. May return without having run any. One thread at a time.
    void turn(bool may_sleep) noexcept;

    // Makes a turn end that has slept for `time`; kNever: there is no limit. Only the loop's thread calls this, and not
    // in a turn.
    void limit_sleep(Nanoseconds time) noexcept;

    // True if the system might have reported events of a watch that is not registered any more, because the program has
    // closed the watch's descriptor, but not all duplicates of it. Then the loop has forgotten all its watches, and the
    // caller has to register them again. Only the loop's thread calls this, and not in a turn.
    [[nodiscard]] bool begins_again() noexcept;

    // Makes the present turn return, or the next one if there is none. Any thread.
    void interrupt() noexcept { stop_.raise(); }

    // True if a second thread can wait for the loop's alarms.
    [[nodiscard]] bool can_share_alarms() const noexcept { return NAIO_LOOP_USES_DESCRIPTORS && !alarm_set_.empty(); }

    // Adds the alarms to an epoll of another thread. When an alarm is due and no thread sleeps in the loop, that thread
    // wakes. REQUIRES: the loop is open, and can_share_alarms.
    [[nodiscard]] nng_err share_alarms(int epoll) noexcept;

    // Makes the system wake a thread for each alarm that is due, until the next turn. Without this call an alarm may
    // wait until the loop's thread begins its next turn. Only the loop's thread calls this, and not in a turn.
    void set_alarms() noexcept;

    // Returns the time of the first alarm that has not gone off; kNever if there is none. REQUIRES: can_share_alarms.
    [[nodiscard]] Nanoseconds next_alarm() noexcept;

  private:
    friend class Watch;

    static constexpr unsigned kTurnsPerPoll = 16;  // the turns between two calls to the system if none may sleep

    // A thread that waits at most this long for an alarm spins, because that takes less processor time than a sleep.
    static constexpr Nanoseconds kShortWait = 5000;

    void close_all(std::size_t opened) noexcept;
    [[nodiscard]] nng_err open_epoll() noexcept;
    void close_epoll() noexcept;
    [[nodiscard]] bool ring_soon(bool may_sleep) noexcept;
    void ring(AlarmSet::Bits due) noexcept;
    void poll_alarms(bool may_sleep) noexcept;
    void poll_watches(bool may_sleep) noexcept;
    // Makes the next turn call Watch::left.
    void add_left(Watch& watch) noexcept;
    bool call_left() noexcept;

    UvLoop loop_;
    std::array<LoopSource*, AlarmSet::kMax + 1> sources_{};
    std::size_t attached_ = 0;
    Wake stop_;
    AlarmSet alarm_set_;
    std::array<Alarm*, AlarmSet::kMax> alarms_{};  // in the order of the set
#if NAIO_LOOP_USES_DESCRIPTORS
    int epoll_ = -1;
    int sleep_limit_ = -1;        // in milliseconds; -1: none
    bool is_registered_ = false;  // libuv has registered the descriptors of the sources
    unsigned turns_ = 0;          // turns after the last call to the system
    bool has_strays_ = false;     // the epoll may have descriptors of watches that are not registered any more
    Watch* left_ = nullptr;       // the first of the watches that have left the epoll since the last turn
#else
    UvTimer sleep_limit_;
    bool has_sleep_limit_ = false;
#endif
};

}  // namespace naio
