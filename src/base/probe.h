// Marks the places in the code where tools can watch operations: USDT probes, and the events of a trace.
//
// NAIO_PROBE(name, object) is a probe of the provider `naio` for bpftrace, perf and SystemTap: one nop, and a note in
// the library's file with the location of the object's address. A build without <sys/sdt.h> (CMake: NAIO_PROBES) has no
// probes.
//
// NAIO_EVENT(name, event, object, detail) is a probe and an event of a trace. While there is no trace, the event costs
// one branch that is not taken, and `detail` is not evaluated. runtime/trace.cpp records the events; it passes its
// recorder to Trace, because the other layers must not depend on trace.cpp.
#pragma once

#include <cstdint>

#include "base/relaxed.h"

#if defined(NAIO_PROBES)
#include <sys/sdt.h>
#define NAIO_PROBE(name, object) DTRACE_PROBE1(naio, name, static_cast<const void*>(object))
#else
#define NAIO_PROBE(name, object) static_cast<void>(0)
#endif

#define NAIO_EVENT(name, event, object, detail)                                                         \
    do {                                                                                                \
        NAIO_PROBE(name, object);                                                                       \
        if (naio::Trace::on()) [[unlikely]]                                                             \
            naio::Trace::record(naio::Trace::Event::event, static_cast<const void*>(object), (detail)); \
    } while (false)

namespace naio {

// Tells a start whether stall reports or a trace need to know of the start. One flag serves both, so that a start has
// only one branch.
class StartNotes {
  public:
    enum Reader : unsigned { kForReports, kForTrace };

    [[nodiscard]] static bool wanted() noexcept { return wanted_.get(); }
    static void want(Reader reader, bool wanted) noexcept {
        by_[reader].set(wanted);
        wanted_.set(by_[kForReports].get() || by_[kForTrace].get());
    }

  private:
    static inline constinit Relaxed<bool> wanted_{false};
    static inline constinit Relaxed<bool> by_[2];
};

class Trace {
  public:
    // Each comment says what the object and the detail of the event are. The object of a wait or a turn is only an
    // address, which the recorder does not dereference.
    enum class Event : std::uint8_t {
        kStart,         // the handle; the number of the public function (aio/api.h). Only for operations of the program
        kRequest,       // the handle; the reason of the accepted request
        kFinish,        // the handle; the generation << 1 | kHasCallback. Recorded before the transition
        kSkip,          // the handle, whose callback is skipped; 0
        kCallback,      // the handle, whose callback begins; the operation's generation
        kPost,          // the handle, for which a post is accepted; 0
        kPostCallback,  // the handle, whose callback begins for a post alone; 0
        kCallbackEnd,   // the handle, whose callback has returned; 0
        kPark,          // the handle or object that the thread waits for, or nullptr; 0
        kParkEnd,       // the object of kPark; 0
        kTurn,          // the loop whose leader waits for events and handles them; 0
        kTurnEnd,       // the object of kTurn; 0
    };
    static constexpr std::uint64_t kHasCallback = 1;

    // Records an event. Any thread may call a Recorder, even with a lock held.
    using Recorder = void (*)(Event event, const void* object, std::uint64_t detail) noexcept;

    [[nodiscard]] static bool on() noexcept { return on_.get(); }
    // Begins a trace, whose events the recorder records. With nullptr, ends the trace.
    static void set(Recorder recorder) noexcept {
        if (recorder != nullptr) recorder_.set(recorder);
        on_.set(recorder != nullptr);
        StartNotes::want(StartNotes::kForTrace, recorder != nullptr);
    }
    [[gnu::cold, gnu::noinline]] static void record(Event event, const void* object, std::uint64_t detail) noexcept {
        if (const Recorder recorder = recorder_.get()) recorder(event, object, detail);
    }

  private:
    static inline constinit Relaxed<bool> on_{false};
    static inline constinit Relaxed<Recorder> recorder_;  // stays set, because threads may still be about to record
};

// Marks a sleep of a thread: the Parked exists as long as the thread sleeps.
class Parked {
  public:
    explicit Parked(const void* object) noexcept : object_(object), traced_(Trace::on()) {
        NAIO_PROBE(park, object_);
        if (traced_) Trace::record(Trace::Event::kPark, object_, 0);
    }
    ~Parked() {
        NAIO_PROBE(park_end, object_);
        if (traced_) Trace::record(Trace::Event::kParkEnd, object_, 0);
    }
    Parked(const Parked&) = delete;
    Parked& operator=(const Parked&) = delete;

  private:
    const void* const object_;
    const bool traced_;
};

// Marks one iteration of a loop.
class Turn {
  public:
    explicit Turn(const void* loop) noexcept : loop_(loop), traced_(Trace::on()) {
        NAIO_PROBE(turn, loop_);
        if (traced_) Trace::record(Trace::Event::kTurn, loop_, 0);
    }
    ~Turn() {
        NAIO_PROBE(turn_end, loop_);
        if (traced_) Trace::record(Trace::Event::kTurnEnd, loop_, 0);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

  private:
    const void* const loop_;
    const bool traced_;
};

}  // namespace naio
