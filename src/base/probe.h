// The places where tools can watch operations: USDT probes, and the events of a trace.
//
// NAIO_PROBE(name, object) is a probe of the provider `naio` for bpftrace, perf and SystemTap: one nop, and a note in
// the library's file that says where the address of the object is. A build without <sys/sdt.h> (CMake: NAIO_PROBES) has
// none.
//
// NAIO_EVENT(name, event, object, detail) is also an event of a trace. While there is no trace, it costs one branch
// that is not taken, and `detail` is not evaluated. runtime/trace.h records the events: it sets Trace, for all layers.
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

// Whether a start notes its time, and tells a trace of it: one flag, so that a start has one branch for both.
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
    // The object, and the detail. An object of a wait or a turn is only an address.
    enum class Event : std::uint8_t {
        kStart,        // the handle; the public function, as a number (aio/api.h). Only for operations of the program
        kRequest,      // the handle; the reason of the accepted request
        kFinish,       // the handle; kHasCallback, and the operation's generation above. Before the transition
        kSkip,         // the handle, whose callback is skipped; 0
        kCallback,     // the handle; the operation's generation
        kCallbackEnd,  // the handle, which has called back; 0
        kPark,         // the handle or object that the thread waits for, or nullptr; 0
        kParkEnd,
        kTurn,  // the loop whose leader waits for events and handles them; 0
        kTurnEnd,
    };
    static constexpr std::uint64_t kHasCallback = 1;

    // Any thread, also with a lock held.
    using Recorder = void (*)(Event event, const void* object, std::uint64_t detail) noexcept;

    [[nodiscard]] static bool on() noexcept { return on_.get(); }
    // nullptr: there is no trace.
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
    static inline constinit Relaxed<Recorder> recorder_;  // stays, for the threads that are about to record
};

// A thread sleeps, as long as this object exists.
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

// One iteration of a loop.
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
