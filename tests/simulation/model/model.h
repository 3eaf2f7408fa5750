// The promises of <nng/nng.h> and <naio/naio.h>, for a program of one thread that waits after each call until nothing
// changes, so that every answer is determined. The model is plain data, and is independent of the library's code.
//
// The steps that other threads have to take after a call are a list of events. The model allows a call only if all that
// can be seen is the same in three orders of the events: at once, in turn, or the last one first.
//
// Time is one of four moments: passed, near (it passes as soon as everything settles), far (it does not pass within the
// program), never.
//
// For each aio the model has the values that a program can see (Seen), and for each call the value that it returns. The
// world (world.h) makes the same calls to the library, and compares.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contract.h"
#include "program.h"

namespace simulation {

// The values of an aio that a program can see. The first part can be seen at any time.
struct Seen {
    bool busy = false;
    unsigned callbacks = 0;     // callbacks of all handles that were in this place, from the beginning on
    unsigned cancel_calls = 0;  // calls of the provider's cancel function
    unsigned releases = 0;
    unsigned steps = 0;  // operations that a composed operation has started
    Types asked = 0;     // the types of the cancel function's last call
    int asked_reason = 0;
    bool skipped = false;  // the variable that nng_aio_skip_callback was given
    // While an operation of naio_aio_start is in flight.
    Types cancelled = 0;
    int reason = 0;
    // While idle.
    int result = 0;
    std::size_t count = 0;
    Types outcome = 0;
    bool output = false;

    bool operator==(const Seen&) const = default;
};

// The result of a call: whether it is allowed, and what it returns. No value: it is not allowed, or it returns nothing.
struct Made {
    bool allowed = false;
    std::optional<std::int64_t> answer;
};

class Model {
  public:
    Model();

    // Makes the call if the contract allows it now, the answer is determined, and the call does not block forever.
    Made try_call(const Call& call);
    bool allows(const Call& call) const;
    // Makes a call whose effect is not determined, in one of the ways that are possible.
    std::optional<std::int64_t> apply(const Call& call);

    bool operator==(const Model&) const = default;

    Seen seen(unsigned aio) const;
    bool idle(unsigned aio) const { return !aios_[aio].in_flight && !aios_[aio].ready; }
    bool typed_in_flight(unsigned aio) const { return aios_[aio].in_flight && aios_[aio].typed; }
    bool stopped(unsigned aio) const { return aios_[aio].stopped; }
    bool in_queue(unsigned aio) const { return aios_[aio].in_queue; }
    static bool has_callback(unsigned aio) { return aio < kAios && aio != kSilent; }
    // True if the aio's callback runs in the queue. A member has the queue of the aio that its group runs on.
    bool is_queued(unsigned aio) const { return aios_[aio].in_queue || aios_[aio].inherits; }
    // True if a call has used the aio.
    bool is_touched(unsigned aio) const { return aios_[aio].touched; }
    // True if the test's provider has to finish the operation in flight.
    bool of_provider(unsigned aio) const { return is_single(aio) || (is_composed(aio) && is_single(child_of(aio))); }
    // The handles whose callbacks the queue has run, in this order.
    const std::vector<unsigned>& order() const { return order_; }
    // The members of the group that have completed, in this order.
    const std::vector<unsigned>& completed(unsigned group) const { return groups_[group].order; }
    // Sorts the members whose order of completion is not determined.
    void sort_unordered(unsigned group, std::vector<unsigned>& members) const {
        groups_[group].sort_unordered(members);
    }
    bool is_used(unsigned group) const { return groups_[group].used; }
    // is_running: true while the group runs on the aio `outer`. `remembered`: the types whose requests refuse members
    // that are submitted later.
    bool is_running(unsigned group) const { return groups_[group].running; }
    unsigned outer(unsigned group) const { return groups_[group].outer; }
    Types remembered(unsigned group) const { return groups_[group].remembered; }
    bool is_launching(unsigned group) const { return groups_[group].launching; }
    // Returns the next of the calls that end all operations.
    std::optional<Call> next_to_end() const;
    // Returns the next of the calls that must come before the last nng_fini. Such a call goes on with the launch of a
    // group, or finishes an operation that nng_fini cannot end, because its cancel function was called already or would
    // not be called. After these calls the provider finishes each operation that it is asked to end.
    std::optional<Call> next_before_fini() const;
    // The numbers of callbacks and of calls of release functions that the aio has had when nng_fini has returned. No
    // value: the number is not determined.
    std::optional<unsigned> callbacks_after_fini(unsigned aio) const;
    std::optional<unsigned> releases_after_fini(unsigned aio) const;
    // The group's first member that was not submitted yet.
    std::optional<unsigned> unsubmitted(unsigned group) const;
    unsigned handler_calls(unsigned signal) const { return signals_[signal].handler_calls; }
    bool queue_is_empty() const { return queue_.empty(); }
    // The place of the first byte that the aio's last operation has received, among all bytes that the peer has sent.
    // No value: the operation has received none.
    std::optional<std::size_t> first_byte(unsigned aio) const { return aios_[aio].first_byte; }
    // The number of bytes that have been sent on the stream.
    std::size_t sent(unsigned stream) const { return streams_[1 - stream].received + streams_[1 - stream].arrived; }

  private:
    static constexpr unsigned kSilent = kAios - 1;  // the aio without a callback

    enum class Kind : std::uint8_t { kProvider, kSleep, kStream, kComposed, kGroup };
    struct Aio {
        bool touched = false;
        bool stopped = false;
        bool in_queue = false;  // naio_aio_set_queue
        bool inherits = false;  // the queue of the aio that its group was started on
        // Settings for the next operations.
        Moment timeout = Moment::kNever;
        std::optional<Moment> expire;
        Moment limit = Moment::kNever;
        Types timeout_types = kAll;
        bool skips = false;
        unsigned signal = kNoSignal;
        Types filter = 0;
        Types remembered = 0;  // the aio is still bound to the slot of a freed scope: the types it remembers
        unsigned again = 0;    // the number of next callbacks that make the calls in `then`
        std::vector<Call> then;
        // The operation.
        Kind kind{};
        bool in_flight = false;
        bool ready = false;  // its callback waits in the queue
        bool typed = false;
        bool release = false;
        Policy policy{};
        Types permitted = 0, accepted = 0, acknowledged = 0, sticky = 0;
        bool kept = false;                // the reason stays, although nothing is accepted any more
        bool expired = false;             // the deadline has passed
        bool asked = false;               // the reason does not come from the operation's timeout
        unsigned operation = 0;           // the number of the operation
        bool declined_elsewhere = false;  // a cancel function on another thread, which may not have returned, declined
        int reason = 0;
        // A composed operation. Its child is in the array, too.
        int steps_left = 0;
        std::size_t steps_done = 0;
        // The operation of a group.
        unsigned group = 0;
        // An operation of a stream.
        unsigned stream = 0;
        std::size_t wanted = 0, moved = 0;
        bool all = false;
        std::optional<std::size_t> first_byte;
        Seen seen;
        bool operator==(const Aio&) const = default;
    };
    struct Deadline {
        Moment moment = Moment::kNever;
        Types types = 0;
    };
    struct Signal {
        bool scope = false;
        Types remembered = 0;
        std::vector<unsigned> targets;  // aios, in the order in which they were bound
        bool handler = false, accepts = false;
        unsigned handler_calls = 0;
        bool operator==(const Signal&) const = default;
    };
    struct Stream {
        bool closed = false, shut = false;
        std::size_t arrived = 0;  // bytes that wait to be received
        std::size_t received = 0;
        std::vector<unsigned> receives;
        unsigned sends = 0;  // the number of sends to this stream since `arrived` was last 0
        bool operator==(const Stream&) const = default;
    };
    struct Group {
        bool used = false, running = false, launching = false;
        unsigned outer = 0;
        std::array<bool, kMembers> submitted{};
        unsigned need = 0;
        bool success = false;  // only members without error count
        Types types = 0;       // those that the decided group requests from the other members
        std::vector<unsigned> order;
        std::size_t unordered_begin = 0, unordered_end = 0;  // the part of `order` that is not determined
        unsigned succeeded = 0, unasked = 0;                 // unasked: members that met the goal without a request
        Types weakest = 0;                                   // the weakest of the members' outcomes
        bool asked = false, cut_short = false, decided = false, asks_rest = false;
        Types remembered = 0;  // requests for the members that are submitted later
        int reason = 0;        // the reason of the remembered requests
        void forget_other_order(Group& other);
        void sort_unordered(std::vector<unsigned>& members) const {
            const auto at = [&](std::size_t i) { return members.begin() + static_cast<std::ptrdiff_t>(i); };
            if (members.size() >= unordered_end) std::sort(at(unordered_begin), at(unordered_end));
        }
        bool operator==(const Group&) const = default;
    };
    // The effect of a request on an operation. `possible` are the requested types that the operation permits or has
    // accepted. `newly` are those that it accepts by this request; the cancel function has to be called with them.
    struct Claim {
        unsigned i = 0;
        Types possible = 0, newly = 0;
    };
    // A step of another thread.
    struct Event {
        enum class What : std::uint8_t { kExpiry, kWakeUp, kReminder, kReap, kCallback, kPump, kAskRest } what{};
        unsigned i = 0;          // an aio, a stream or a group
        Types types = 0;         // the requested types
        unsigned operation = 0;  // the number of the aio's operation
        bool operator==(const Event&) const = default;
    };
    enum class Order : std::uint8_t { kAtOnce, kInTurn, kLastFirst };

    std::vector<Call> calls_of_launches() const;
    std::optional<Call> first_allowed(const std::vector<Call>& calls) const;
    bool fini_ends(unsigned i) const;
    bool is_single(unsigned i) const { return aios_[i].in_flight && aios_[i].kind == Kind::kProvider; }
    bool is_composed(unsigned i) const { return aios_[i].in_flight && aios_[i].kind == Kind::kComposed; }
    static unsigned child_of(unsigned i) { return kPlaces + i; }
    static bool is_child(unsigned i) { return i >= kPlaces; }
    static bool is_member(unsigned i) { return i >= kAios && i < kPlaces; }
    static unsigned member(unsigned group, unsigned m) { return kAios + group * kMembers + m; }
    static unsigned group_of(unsigned i) { return (i - kAios) / kMembers; }
    static unsigned index_of(unsigned i) { return (i - kAios) % kMembers; }

    static Deadline take_deadline(Aio& aio);
    static Deadline deadline_of(const Aio& aio);
    static bool shows_expiry(const Aio& aio, Types permitted);
    bool leaves_a_part(const Call& call) const;
    bool is_legal(const Call& call) const;
    bool may_start(unsigned i) const;
    std::optional<std::int64_t> make(const Call& call);
    void post(Event event);
    void happen(const Event& event);
    void settle();
    void take_over(const Model& other);
    void stop_and_wait(unsigned i);
    bool allows_stream(const Call& call) const;
    void apply_stream(const Call& call);
    std::optional<std::int64_t> apply_signal(const Call& call);
    std::optional<int> refusal(unsigned i, const Deadline& deadline) const;
    bool begin(unsigned i, Kind kind, Types guarantee, const Deadline& deadline);
    void start(const Call& call);
    void compose(const Call& call);
    void start_step(unsigned i);
    void step(unsigned i);
    void refuse(unsigned i, int result, Types outcome, std::size_t count);
    void expire_if_near(unsigned i, const Deadline& deadline);
    bool request(unsigned i, Types types, Types lasting, int reason);
    Claim claim(unsigned i, Types types, Types lasting, int reason, bool by_timeout = false);
    bool call_cancel(const Claim& claim);
    bool request_of_all(const std::vector<unsigned>& targets, Types types, Types lasting, int reason);
    Types ask(unsigned i, Types types);
    Types permit(unsigned i, Types guarantee);
    Types acknowledge(unsigned i, Types clear);
    void end(unsigned i, int result, std::size_t count);
    void complete(unsigned i, int result, std::size_t count);
    void deliver(unsigned i);
    void call_back(unsigned i);
    void call_from(unsigned i);
    void over(unsigned i);
    void stop(unsigned i);
    bool would_end(unsigned i) const;
    bool would_be_reaped(unsigned i) const;
    void replace(unsigned i);
    std::int64_t run_queue();
    bool emit(unsigned signal, Types types);
    void aim(unsigned signal, unsigned i);
    bool allows_group(const Call& call) const;
    void apply_group(const Call& call);
    void start_group(const Call& call);
    void submit(unsigned i);
    bool forward(unsigned group, Types types, Types lasting, int reason);
    Types ask_group(unsigned group, Types types);
    void ask_rest(unsigned group);
    void complete_member(unsigned i);
    void decide(unsigned group);
    bool is_asked_in_queue(unsigned g) const;
    void leave(unsigned group);
    void end_group(unsigned group);
    void sleep(unsigned i, int duration);
    void send(const Call& call);
    void receive(const Call& call);
    void move(unsigned i);
    void pump(unsigned stream);
    void end_receives(unsigned stream, int result);
    void close_stream(unsigned stream);
    std::optional<int> stream_end(const Stream& stream) const;

    std::array<Aio, 2 * kPlaces> aios_;  // the second half: the children of composed operations
    std::array<Group, kGroups> groups_;
    std::array<Signal, kSignals> signals_;
    std::array<Stream, kStreams> streams_;
    static constexpr unsigned kAsking = 1000;
    std::vector<unsigned> queue_;  // ready callbacks, and kAsking + g: group g has to ask its members to end
    bool has_run_queue_ = false;   // the program's thread has run the queue, and so runs it in every wait
    std::vector<unsigned> order_;
    std::vector<Event> events_;
    Order when_ = Order::kInTurn;
    bool had_events_ = false;
    bool undetermined_ = false;            // an answer depends on what another thread has done
    std::optional<unsigned> in_callback_;  // the aio whose callback makes the calls
    bool gave_stopped_ = false;            // this callback was given NNG_ESTOPPED
    std::optional<unsigned> leaving_;      // the aio that is being freed or reaped
    bool shown_ = false;                   // a program can see that the event has happened
    bool elsewhere_ = false;               // another thread than the program's takes this step
    bool pushed_elsewhere_ = false;        // such a thread has put a callback into the queue
};

// Names the next of the calls that come last in a program: Model::next_to_end or Model::next_before_fini.
using NextCall = std::optional<Call> (Model::*)() const;

}  // namespace simulation
