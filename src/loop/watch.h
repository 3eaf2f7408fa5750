// A descriptor that a Poller watches: calls its owner on the poller's thread when it can be read from or written to.
//
// The owner says from any thread what it wants to know of (want), and its handler says each time what it still wants to
// know of. Readiness is a level: as long as the owner wants to know and the descriptor is ready, it is told again. The
// system is asked for the first time when something is wanted; until then the poller knows nothing of the watch.
//
// Invariants:
//  1. The descriptor stays open, and the watch where it is, from the first want that returns true until closed or lost.
//  2. The handlers run on one thread at a time, with no lock held: the poller's.
//  3. What is wanted goes on being watched until a handler leaves it out.
#pragma once

#include <uv.h>

#include "base/list.h"
#include "exec/task.h"

namespace naio {

class Poller;

// In the inbox of its poller.
class Watch : public ListNode {
  public:
    static constexpr unsigned kReadable = 1;
    static constexpr unsigned kWritable = 2;
    static constexpr unsigned kNow = 4;  // ready is called once in the poller's next turn, even if nothing is ready

    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // Adds to what is watched. Any thread; a lock may be held. False: the poller has lost it or is not running.
    [[nodiscard]] bool want(unsigned events) noexcept;

    // Ends it. True: the poller has nothing to do with it any more. False: closed will be called. Once.
    [[nodiscard]] bool close() noexcept;

  protected:
    Watch(Poller& poller, int descriptor) noexcept : poller_(poller), watched_(descriptor) {}
    ~Watch() = default;

    Poller& poller() noexcept { return poller_; }

  private:
    friend class Poller;

    // The owner's handlers. The first want that returns true; under the poller's lock.
    virtual void attached() noexcept = 0;
    // Which events it still wants to know of; tasks that this makes ready go to `ready`.
    virtual unsigned ready(unsigned events, TaskList& ready) noexcept = 0;
    // The system refuses to watch it, for a reason as in errno.
    virtual void refused(int error, TaskList& ready) noexcept = 0;
    // After close: the poller does not touch it any more.
    virtual void closed() noexcept = 0;
    // The same without close, when the poller stops; nothing is watched any more.
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

    Poller& poller_;
    const int watched_;

    // Guarded by the poller's lock:
    State state_ = State::kUnknown;
    bool closing_ = false;
    unsigned wanted_ = 0;  // more than the poller knows of

    // The poller's thread alone:
    Registered registered_{*this};
    unsigned watching_ = 0;
    uv_poll_t poll_;
};

}  // namespace naio
