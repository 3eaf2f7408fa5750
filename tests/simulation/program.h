// A program as data: the calls that one thread makes, in order. A seed determines it. Any part of a program is a
// program, too, because a call that is not allowed in the state after the calls before it is left out (Model::allows).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/random.h"

namespace simulation {

// The public function that is called, or a combination of calls.
enum class Do : std::uint8_t {
    kFree,             // nng_aio_free, and nng_aio_alloc of another handle in its place
    kReap,             // nng_aio_reap, and nng_aio_alloc
    kStop,             // nng_aio_stop
    kClose,            // naio_aio_close
    kWaitUntil,        // naio_aio_wait_until a moment that has passed
    kSetTimeout,       // value: the duration
    kSetExpire,        // value: milliseconds from now
    kLimit,            // value: milliseconds from now
    kSetTimeoutTypes,  // types
    kSkipCallback,
    kStart,        // nng_aio_start
    kStartTyped,   // naio_aio_start; types: the guarantee, value 1: with a release function
    kFinish,       // naio_aio_finish of the operation in flight; value: the result
    kFinishSync,   // naio_aio_finish_sync of the operation in flight
    kComplete,     // nng_aio_reset and naio_aio_finish without a start
    kSleep,        // value: the duration
    kCancel,       // nng_aio_cancel
    kAbort,        // value: the code
    kCancelTyped,  // naio_aio_cancel; types, value: the reason
    kPermit,       // types: the guarantee
    kAcknowledge,  // types: clear
    kSetQueue,     // value 1: the queue, 0: none
    kRunQueue,
    kBind,       // other: the signal, or kNoSignal; types: the filter
    kEmit,       // other: the signal; types
    kAssign,     // other: the signal; value 1: the function accepts
    kClearSlot,  // other: the signal
    kNewSignal,  // other: the signal, which is freed and made again
    kSend,       // nng_stream_send; other: the stream; value: bytes
    kRecv,
    kSendAll,
    kRecvAll,  // types: accept
    kShutdown,
    kCloseStream,  // other: the stream
    kNewStreams,   // both streams are freed, and made again
    kCompose,      // naio_compose; types: the guarantee, policy, value: of inner operations, and their number
    kGroupStart,   // other: the group; types: of the request to the other members; value: need + kFlag * flags
    kGroupSeal,    // other: the group
    kNewGroup,     // other: the group, which is freed and made again
    kAgain,        // value: the number of next callbacks of the aio that make the calls in `then`
    kEnd           // the number of kinds
};

// The behaviour of the cancel function of the test's provider.
enum class Policy : std::uint8_t {
    kFinish,   // finishes the operation with the reason
    kDefer,    // takes up the request, but does not finish yet
    kDecline,  // declines the request (naio_aio_start only)
    kNone      // there is no cancel function
};

inline constexpr unsigned kAios = 5;
inline constexpr unsigned kGroups = 2;
inline constexpr unsigned kMembers = 3;                          // members of each group
inline constexpr unsigned kPlaces = kAios + kGroups * kMembers;  // handles: the aios, then the groups' members
inline constexpr int kFlag = 8;                                  // the factor of the flags in the value of kGroupStart
inline constexpr unsigned kStreams = 2;                          // connected with each other
inline constexpr unsigned kSignals = 2;                          // the first is plain, the second a scope
inline constexpr unsigned kNoSignal = kSignals;

struct Call {
    Do what{};
    std::uint8_t aio = 0;
    std::uint8_t other = 0;  // a signal, a stream or a group
    std::uint8_t types = 0;
    Policy policy{};
    std::int32_t value = 0;
    std::vector<Call> then{};

    bool operator==(const Call&) const = default;
};

using Program = std::vector<Call>;

// Returns the program of a seed, which has `length` calls.
Program generate(std::uint64_t seed, unsigned length);

const char* name(Do what);

// Returns a line for people to read, and one more for each call in `then`.
std::string text(const Call& call);

// Random numbers from a seed, or numbers from a fuzzer's input: two bytes each, and 0 after its end.
class Random {
  public:
    explicit Random(std::uint64_t seed) : random_(seed) {}
    Random(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes), end_(bytes + size) {}
    // True if the fuzzer's input is used up.
    [[nodiscard]] bool is_over() const { return bytes_ != nullptr && end_ - bytes_ < 2; }
    std::uint64_t next() {
        if (is_over()) return 0;
        if (bytes_ != nullptr) {
            const std::uint8_t* const number = std::exchange(bytes_, bytes_ + 2);
            return static_cast<std::uint64_t>(number[0] << 8 | number[1]);
        }
        return random_.next();
    }
    // Returns a number from 0 to n - 1.
    unsigned below(unsigned n) { return static_cast<unsigned>(next() % n); }
    bool one_in(unsigned n) { return below(n) == 0; }
    template <class T, std::size_t n>
    T of(const T (&values)[n]) {
        return values[below(n)];
    }

  private:
    support::Random random_{0};
    const std::uint8_t* bytes_ = nullptr;
    const std::uint8_t* end_ = nullptr;
};

// Returns the program of these numbers. It has fewer than `length` calls if a fuzzer's input is used up before that.
Program generate(Random& random, unsigned length);

}  // namespace simulation
