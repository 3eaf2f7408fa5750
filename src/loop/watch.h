// A descriptor that a Poller watches. The poller's leader calls the owner's handlers when the descriptor is readable or
// writable.
//
// The owner names the events to watch for: with want, which any thread may call, and with the value that the handler
// ready returns. Watching is level-triggered: while the descriptor is ready for a watched event, each iteration of the
// loop calls ready again. The leader registers the descriptor with the system after the first want.
//
// A poller may pass a watch on to another poller. The owner does not notice: what it wants travels with the watch.
//
// Invariants:
//  1. The descriptor stays open, and the watch keeps its address, from the first want that returns true until closed or
//     lost is called.
//  2. The handlers except attached are called one at a time, with no lock held: by the poller's leader or, after its
//     threads have ended, by the thread that stops it. attached is called by want, under the poller's lock.
//  3. An event stays watched until a handler returns a set without it.
//  4. poller_ changes only while a thread holds the lock of the poller that it names. While the watch is known to a
//     poller, the thread holds the lock of the new poller, too.
#pragma once

#include <cstdint>

#include "base/atomic.h"
#include "base/list.h"
#include "loop/uv_structure.h"

namespace naio {

class Poller;

// A node in the inbox of its poller.
class Watch : public ListNode {
  public:
    static constexpr unsigned kReadable = 1;
    static constexpr unsigned kWritable = 2;
    // Makes the poller call ready once in the next iteration of its loop, even if the descriptor is not ready.
    static constexpr unsigned kNow = 4;

    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // Adds events to watch for. False if the poller is not running, or if the watch was closed or lost. Any thread; the
    // caller may hold a lock.
    [[nodiscard]] bool want(unsigned events) noexcept;

    // Ends the watch. True if the poller does not use the watch any more; otherwise the poller will call closed.
    // REQUIRES: close was not called before.
    [[nodiscard]] bool close() noexcept;

  protected:
    Watch(Poller& poller, int descriptor) noexcept : poller_(&poller), watched_(descriptor) {}
    ~Watch() = default;

    // Returns the poller that has the watch now. If the caller does not hold its lock, another one may have the watch
    // soon.
    Poller& poller() noexcept { return *poller_.load(std::memory_order_relaxed); }

  private:
    friend class Poller;

    // The owner's handlers.
    // Called by the first want that will return true, under the poller's lock.
    virtual void attached() noexcept = 0;
    // Called when the descriptor is ready for `events`. Returns the events to watch for from now on.
    virtual unsigned ready(unsigned events) noexcept = 0;
    // Called when the system refuses to watch the descriptor. `error` is a value of errno.
    virtual void refused(int error) noexcept = 0;
    // Called after close, when the poller does not use the watch any more.
    virtual void closed() noexcept = 0;
    // Called when the poller gives up a watch that was not closed, because the poller stops or cannot watch the
    // descriptor. The poller does not use the watch any more.
    virtual void lost() noexcept = 0;

    struct Registered : ListNode {
        explicit Registered(Watch& owner) noexcept : watch(owner) {}
        Watch& watch;
    };
    enum class State : unsigned char { kUnknown, kAttached, kGone };

    static void polled(uv_poll_t* poll, int status, int events);
    void unregister() noexcept;
    [[nodiscard]] int watch_for(unsigned events) noexcept;
    [[nodiscard]] int enter(uv_loop_t& loop) noexcept;

    Atomic<Poller*> poller_;
    const int watched_;

    // Guarded by the poller's lock:
    State state_ = State::kUnknown;
    bool closing_ = false;
    unsigned wanted_ = 0;            // the events that the leader has yet to add
    Poller* destination_ = nullptr;  // the poller to which the watch is on its way

    // Only the leader uses these members:
    Poller* origin_ = nullptr;       // the poller that takes the watch back if this one cannot register it
    std::uint32_t last_period_ = 0;  // the period of the poller in which the descriptor was ready last
    unsigned watching_ = 0;
    Registered registered_{*this};
    UvPoll poll_;
};

}  // namespace naio
