// A descriptor that a Poller watches. The poller's leader calls the owner's handlers when the descriptor is readable or
// writable.
//
// The owner names the events to watch for: with want, which any thread may call, and with the value that the handler
// ready returns. Watching is level-triggered: while the descriptor is ready for a watched event, each iteration of the
// loop calls ready again. The leader registers the descriptor with the system after the first want: on Linux in the
// epoll of the poller's loop (watch_linux.cpp), on other systems through a uv_poll_t (watch_portable.cpp).
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
#include "loop/wake.h"

namespace naio {

class Loop;
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
    friend class Loop;
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

    // The leader calls the following functions. Those that return an int return 0 or a value of errno.
    // Registers the descriptor, perhaps for these events already.
    [[nodiscard]] int enter(Loop& loop, unsigned events) noexcept;
    // Changes the events that the loop watches for. If that fails, the loop watches for none.
    [[nodiscard]] int watch_for(unsigned events) noexcept;
    // Registers the descriptor again for the same events, after Loop::begins_again.
    [[nodiscard]] int enter_again() noexcept;
    // Calls ready, and watches for what that returns.
    void is_ready(unsigned events) noexcept;
    // Takes the descriptor out of the loop, whose next turn calls left.
    void unregister() noexcept;
    void left() noexcept;
    [[nodiscard]] Loop& loop() noexcept;
#if NAIO_LOOP_USES_DESCRIPTORS
    // Called for the events of an epoll.
    void polled(std::uint32_t events) noexcept;
    [[nodiscard]] int control(int operation, unsigned events) noexcept;
#else
    static void polled(uv_poll_t* poll, int status, int events);
#endif

    Atomic<Poller*> poller_;
    const int watched_;

    // Guarded by the poller's lock:
    State state_ = State::kUnknown;
    bool closing_ = false;
    unsigned wanted_ = 0;            // the events that the leader has yet to add
    Poller* destination_ = nullptr;  // the poller to which the watch is on its way

    // Only the leader uses these members:
    Poller* origin_ = nullptr;     // the poller that takes the watch back if this one cannot register it
    std::uint32_t last_pass_ = 0;  // the pass of a poller in which the descriptor was ready last
    unsigned watching_ = 0;
    Registered registered_{*this};
#if NAIO_LOOP_USES_DESCRIPTORS
    Watch* next_left_ = nullptr;  // the next one in the loop's list of watches that have left
    bool is_stray_ = false;       // the system has refused to remove the descriptor from the epoll
#else
    UvPoll poll_;
#endif
};

}  // namespace naio
