// What <nng/nng.h> and <naio/naio.h> promise, for a program of one thread that lets everything settle after each call:
// then every answer is determined. The model is plain data. It knows nothing of how the library does it.
//
// Time is one of four moments: passed, near (it passes as soon as everything settles), far (it does not pass within the
// program), never.
//
// A model says of each aio what can be seen of it (Seen), and of each call what it returns. The world (world.h) makes the
// same calls to the library and compares.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "contract.h"
#include "program.h"

namespace simulation {

// What a program can see of an aio. The first part is seen at any time.
struct Seen {
    bool busy = false;
    unsigned callbacks = 0;     // since the beginning, whatever handle is in this place
    unsigned cancel_calls = 0;  // of the provider's cancel function
    unsigned releases = 0;
    unsigned steps = 0;  // operations of a composed one that were started
    Types asked = 0;     // with what the cancel function was called last
    int asked_reason = 0;
    bool skipped = false;  // where nng_aio_skip_callback points to
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

class Model {
  public:
    Model();

    // True if the contract allows the call now, and the answer is determined and does not block forever.
    bool allows(const Call& call) const;

    // Makes the call; returns what it returns. No value: it returns nothing that is determined.
    std::optional<std::int64_t> apply(const Call& call);

    Seen seen(unsigned aio) const;
    bool idle(unsigned aio) const { return !aios_[aio].in_flight && !aios_[aio].ready; }
    bool typed_in_flight(unsigned aio) const { return aios_[aio].in_flight && aios_[aio].typed; }
    bool stopped(unsigned aio) const { return aios_[aio].stopped; }
    bool in_queue(unsigned aio) const { return aios_[aio].in_queue; }
    static bool has_callback(unsigned aio) { return aio != kSilent; }
    // True if the provider of the test is to finish what is in flight.
    bool of_provider(unsigned aio) const { return is_composed(aio) || is_single(aio); }
    // Which handles' callbacks the queue has run, in this order.
    const std::vector<unsigned>& order() const { return order_; }
    unsigned handler_calls(unsigned signal) const { return signals_[signal].handler_calls; }
    bool queue_is_empty() const { return queue_.empty(); }
    // If the aio's last operation has received: the place of its first byte among all that the peer has sent.
    std::optional<std::size_t> first_byte(unsigned aio) const { return aios_[aio].first_byte; }
    // How many bytes have been sent on the stream.
    std::size_t sent(unsigned stream) const { return streams_[1 - stream].received + streams_[1 - stream].arrived; }

  private:
    static constexpr unsigned kSilent = kAios - 1;  // this one has no callback

    enum class Kind : std::uint8_t { kProvider, kSleep, kStream, kComposed };
    struct Aio {
        bool stopped = false;
        bool in_queue = false;  // naio_aio_set_queue
        // For the operations to come.
        Moment timeout = Moment::kNever;
        std::optional<Moment> expire;
        Moment limit = Moment::kNever;
        Types timeout_types = kAll;
        bool skips = false;
        unsigned signal = kNoSignal;
        Types filter = 0;
        Types remembered = 0;  // of a scope that is gone, to whose slot it is still bound
        // The operation.
        Kind kind{};
        bool in_flight = false;
        bool ready = false;  // its callback waits in the queue
        bool typed = false;
        bool release = false;
        Policy policy{};
        Types permitted = 0, accepted = 0, told = 0, due = 0;
        bool kept = false;                // the reason stays, although nothing is accepted any more
        bool expired = false;             // the deadline has passed
        bool declined_elsewhere = false;  // by a cancel function on the timer's thread, which may not have returned
        int reason = 0;
        // Of a composed operation. Its child is in the array, too.
        int steps_left = 0;
        std::size_t steps_done = 0;
        // Of a stream's operation.
        unsigned stream = 0;
        std::size_t wanted = 0, moved = 0;
        bool all = false;
        std::optional<std::size_t> first_byte;
        Seen seen;
    };
    struct Deadline {
        Moment moment = Moment::kNever;
        Types types = 0;
    };
    struct Signal {
        bool scope = false;
        Types remembered = 0;
        std::vector<unsigned> targets;  // in the order in which they were bound
        bool handler = false, accepts = false;
        unsigned handler_calls = 0;
    };
    struct Stream {
        bool closed = false, shut = false;
        std::size_t arrived = 0;  // bytes that wait to be received
        std::size_t received = 0;
        std::deque<unsigned> receives;
        unsigned sends = 0;  // to this stream, as long as not all bytes have been received
    };

    bool is_single(unsigned i) const { return aios_[i].in_flight && aios_[i].kind == Kind::kProvider; }
    bool is_composed(unsigned i) const { return aios_[i].in_flight && aios_[i].kind == Kind::kComposed; }
    static unsigned child_of(unsigned i) { return kAios + i; }

    static Deadline take_deadline(Aio& aio);
    static Deadline deadline_of(const Aio& aio);
    static bool shows_expiry(const Aio& aio, Types permitted);
    bool leaves_a_part(const Call& call) const;
    bool fills_queue_unseen(const Call& call) const;
    bool is_legal(const Call& call) const;
    bool allows_stream(const Call& call) const;
    void apply_stream(const Call& call);
    std::optional<std::int64_t> apply_signal(const Call& call);
    std::optional<int> refusal(const Aio& aio, const Deadline& deadline) const;
    bool begin(unsigned i, Kind kind, Types guarantee, const Deadline& deadline);
    void start(const Call& call);
    void compose(const Call& call);
    void start_step(unsigned i);
    void step(unsigned i);
    void refuse(unsigned i, int result, Types outcome, std::size_t count);
    void expire_if_near(unsigned i, const Deadline& deadline);
    bool request(unsigned i, Types types, Types lasting, int reason);
    Types ask(unsigned i, Types types);
    Types permit(unsigned i, Types guarantee);
    Types acknowledge(unsigned i, Types clear);
    void end(unsigned i, int result, std::size_t count);
    void complete(unsigned i, int result, std::size_t count);
    void deliver(unsigned i);
    void stop(unsigned i);
    bool would_end(unsigned i) const;
    void replace(unsigned i);
    std::int64_t run_queue();
    bool emit(unsigned signal, Types types);
    void aim(unsigned signal, unsigned i);
    void sleep(unsigned i, int duration);
    void send(const Call& call);
    void receive(const Call& call);
    void move(unsigned i);
    void pump(unsigned stream);
    void end_receives(unsigned stream, int result);
    void close_stream(unsigned stream);
    std::optional<int> stream_end(const Stream& stream) const;

    std::array<Aio, 2 * kAios> aios_;  // the second half: the children of composed operations
    std::array<Signal, kSignals> signals_;
    std::array<Stream, kStreams> streams_;
    std::deque<unsigned> queue_;  // ready callbacks
    std::vector<unsigned> order_;
};

}  // namespace simulation
