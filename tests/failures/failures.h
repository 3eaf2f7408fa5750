// Makes calls fail on purpose. An order says that the n-th call of one kind fails in one way. The process has one order
// at a time.
//
// At each call, the wrappers in seam/base/os.h, the memory functions of the workload and the linker's wrappers call
// strike(), on any thread. strike() counts calls and lets them fail only while the order is armed.
#pragma once

#include <cerrno>
#include <span>

namespace failures {

// The value of Way::error for a call that succeeds, but moves only one byte.
inline constexpr int kShort = -1;
// The errors of getaddrinfo (EAI_...) are not errno values. For such an error, Way::error is kOfNames minus the error.
inline constexpr int kOfNames = 100'000;

enum class Kind : unsigned char {
    kMemory,       // the library's memory functions (nng_init_params)
    kMalloc,       // the library's own calls of malloc, which test whether libuv could allocate
    kThread,       // pthread_create
    kDescriptor,   // any call that creates a descriptor
    kDescriptors,  // no call: RLIMIT_NOFILE allows n - 1 more descriptors, including those of libuv
    kAccept,
    kBind,
    kChmod,
    kClose,
    kConnect,
    kEpollControl,
    kFlock,
    kFstat,
    kFsync,
    kGetaddrinfo,
    kGetpeername,
    kGetsockname,
    kGetsockopt,
    kIsatty,
    kListen,
    kLstat,
    kNanosleep,
    kOpen,
    kPreadv,
    kPwritev,
    kRead,
    kReadv,
    kRecv,
    kSend,
    kSetsockopt,
    kShutdown,
    kSocket,
    kStat,
    kUnlink,
    kWrite,
    kWritev,
    kCount
};
inline constexpr auto kKinds = static_cast<unsigned>(Kind::kCount);

// A way in which a call fails. If `from_then_on` is true, all later calls of the kind fail, too, as when a resource has
// run out.
struct Way {
    const char* name;
    int error;
    bool from_then_on;
};

[[nodiscard]] const char* name_of(Kind kind) noexcept;
[[nodiscard]] std::span<const Way> ways_of(Kind kind) noexcept;

struct Order {
    Kind kind;
    Way way;
    unsigned n;  // the number of the call that fails, from 1 on; 0: no call fails, and calls are only counted
};

// The effect of an order, in memory that the driver shares with the process of the run.
struct Tally {
    unsigned counts[kKinds];  // calls of each kind while the order was armed
    bool struck;              // a call has failed as ordered
};

void arm(const Order& order, Tally& tally) noexcept;
void disarm() noexcept;

// Counts a call. Returns 0 if the order does not concern the call, otherwise the way in which the call is to fail: an
// errno value, kShort, or kOfNames minus an EAI_ error.
[[nodiscard]] int strike(Kind kind) noexcept;
// Counts a call. If the order says that the call fails with an errno value, sets errno and returns true. Otherwise
// returns false.
[[nodiscard]] bool fails(Kind kind) noexcept;
// Marks an order of kDescriptors as struck. The workload calls note_failure when an operation has failed, because
// strike() does not know that RLIMIT_NOFILE has made a call fail.
void note_failure() noexcept;

// Returns the number of lists that getaddrinfo has returned and freeaddrinfo has not freed.
[[nodiscard]] int name_lists() noexcept;
void count_name_lists(int more) noexcept;

}  // namespace failures
