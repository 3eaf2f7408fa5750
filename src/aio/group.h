// naio_group: several operations at once, which together are one operation on an ordinary handle, the outer handle.
//
// The goal is that `need` members complete, or that `need` members succeed. As soon as the goal is reached or can no
// longer be reached, the group decides: it asks the other members to end. The group completes when all members have
// completed. A goal of completions can always be reached, because a completion counts however the member ended. A goal
// of successes can no longer be reached when too few members are left, or when a request to the group has ended a
// member.
//
// The result is NNG_OK only if `need` members have met the goal without having been asked to end, whether by the group
// or by a request to it. If a request has ended the group, its outcome is the weakest of its members' outcomes. A
// member that no request has ended counts as PARTIAL, because its result and count tell what it has done.
//
// Members are handles with an inline callback, which reports to the group on the thread that completes the member.
// Members are bound to the outer handle's own slot, which passes requests on to them, or refuses their start. A member
// without a queue of its own has the outer handle's queue from start until the group completes, so that the steps of a
// composed operation on the member run in that queue.
//
//    start ---> launching: members are submitted ---> seal ---> the last member, or seal, or the thread that has asked
//                                                                the others finishes the outer operation
//
// If each member in flight has an operation of the library, the thread that decides also asks the other members to
// end, because that calls no function of the program. Otherwise it submits a task for this, rest_, because it may hold
// a lock of the program that the members' cancel functions take. The task runs in the outer handle's queue if the outer
// callback runs there, too, and otherwise on a worker.
//
// Groups can be nested to any depth, so that the end of one member may end and decide many groups. Asking the other
// members and finishing the outer operation are therefore errands: a thread that is on an errand and gets another one
// does that one afterwards. So the stack does not grow with the depth.
//
// Invariants:
//  1. parts_ is the number of parts that may still use the group: each member until it has completed, the seal until it
//     has been called, and the asking of the other members until it is done. The thread that takes parts_ to zero
//     finishes the outer operation and does not use the group afterwards.
//  2. A thread that holds the group's lock takes no other lock, except that of a parking bucket to read a reason
//     (Operation::stored_reason). A thread on an errand calls no function of the program, and waits for nothing but
//     locks of the library.
//  3. Nothing is allocated after create, except the own slot of an outer handle that has none yet.
//  4. A group has at most one errand at a time, because asking is a part, and no thread finishes the group before all
//     parts are gone.
#pragma once

#include <naio/naio.h>

#include "aio/operation.h"
#include "base/mutex.h"
#include "exec/task.h"

struct naio_group {
  public:
    struct Goal {
        unsigned need = 0;
        bool success = false;   // true: only members whose result is NNG_OK count
        naio::Types types = 0;  // requested of the other members when the group decides
    };

    // Creates a group of `size` members. Returns nullptr if there is no memory.
    [[nodiscard]] static naio_group* create(naio::Services& services, unsigned size) noexcept;
    // Destroys the group and its members. REQUIRES: the group does not run.
    void destroy() noexcept;

    [[nodiscard]] unsigned size() const noexcept { return size_; }
    [[nodiscard]] naio::Operation& member(unsigned index) noexcept { return *members_[index].operation; }

    // Panic if the program misuses the group. `call` is the name of the public function that was called.
    void require_not_running(const char* call) noexcept;
    void require_startable(naio::Operation& outer, const char* call) noexcept;

    // Starts the group. True if the caller must submit the members now. If `error` is not NNG_OK, the start is refused
    // with it. REQUIRES: the group does not run.
    [[nodiscard]] bool start(naio::Operation& outer, naio::Limit limit, const Goal& goal, nng_err error) noexcept;
    // Ends the launch: the group completes when all members have completed. Panics unless the group is being started
    // and all members were submitted. `call` is as above.
    void seal(const char* call) noexcept;

    // Returns the index of the member that was the i-th to complete, or UINT_MAX if fewer have completed.
    [[nodiscard]] unsigned order(unsigned i) noexcept;

  private:
    struct Member {
        naio_group* group;
        naio::Operation* operation;
        std::uint32_t before;  // the operation's generation when the group was started
        bool inherits;         // the group has given the outer handle's queue to the operation
    };
    enum class Errand : unsigned char { kNone, kAsk, kFinish };
    struct Errands;
    struct Rest final : naio::Task {
        explicit Rest(naio_group& owner) noexcept : Task(ask), group(owner) {}
        static naio::Task* ask(naio::Task& task) noexcept;
        naio_group& group;
    };

    friend class naio::Allocator;
    naio_group(naio::Services& services, unsigned size) noexcept : services_(services), size_(size) {}
    [[nodiscard]] bool create_members() noexcept;
    static constexpr std::size_t kMemberSize = sizeof(Member) + sizeof(unsigned);  // with its place in the order
    [[nodiscard]] std::size_t members_size() const noexcept { return kMemberSize * size_; }
    void bind_members(naio::Operation& outer) noexcept;
    void give_back_queues(const naio::Operation& outer) noexcept;
    void require_submitted(const char* call) noexcept NAIO_REQUIRES(mutex_);
    static void member_done(void* member) noexcept;
    static bool cancel(nng_aio*, void* self, naio_cancel types, nng_err) noexcept;
    void completed(Member& member) noexcept;
    void run(Errand errand) noexcept;
    void run_here(Errand errand) noexcept;
    void ask() noexcept;
    void finish() noexcept;
    void count(Member& member) noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] bool decide() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] Errand leave_locked() noexcept NAIO_REQUIRES(mutex_);
    [[nodiscard]] nng_err result() noexcept NAIO_REQUIRES(mutex_);
    void leave() noexcept;

    naio::Services& services_;
    const unsigned size_;
    Member* members_ = nullptr;
    unsigned* order_ = nullptr;
    Rest rest_{*this};
    // The thread that is to run the errand uses these two.
    naio_group* next_on_errand_ = nullptr;
    Errand errand_ = Errand::kNone;

    naio::Mutex mutex_;
    naio::Operation* outer_ NAIO_GUARDED_BY(mutex_) = nullptr;
    Goal goal_ NAIO_GUARDED_BY(mutex_);
    unsigned parts_ NAIO_GUARDED_BY(mutex_) = 0;
    unsigned completed_ NAIO_GUARDED_BY(mutex_) = 0;
    unsigned succeeded_ NAIO_GUARDED_BY(mutex_) = 0;
    unsigned unasked_ NAIO_GUARDED_BY(mutex_) = 0;                // the number of members that met the goal unasked
    naio::Types weakest_ NAIO_GUARDED_BY(mutex_) = naio::kTotal;  // the weakest of the members' outcomes
    bool launching_ NAIO_GUARDED_BY(mutex_) = false;              // true from start to seal
    bool asked_ NAIO_GUARDED_BY(mutex_) = false;                  // the group or a request has asked members to end
    bool cut_short_ NAIO_GUARDED_BY(mutex_) = false;              // a member has ended because it was asked to
    bool decided_ NAIO_GUARDED_BY(mutex_) = false;                // the goal is reached, or can no longer be reached
};

namespace naio {
using Group = ::naio_group;
}
