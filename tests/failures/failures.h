// Failures that are ordered: the n-th call of one kind fails in one way. One order at a time, for the whole process.
//
// The wrappers in seam/base/os.h, the memory functions of the workload and the linker's wrappers ask strike() at each
// call; any thread. Counting and failing happen only while the order is armed.
#pragma once

#include <cerrno>
#include <span>

namespace failures {

// Instead of an error: the call moves one byte.
inline constexpr int kShort = -1;
// Instead of an error of errno: what getaddrinfo returns is this one minus the error.
inline constexpr int kOfNames = 100'000;

enum class Kind : unsigned char {
    kMemory,       // the library's memory functions (nng_init_params)
    kMalloc,       // what the library takes from malloc, to see whether libuv could
    kThread,       // pthread_create
    kDescriptor,   // any call that creates a descriptor
    kDescriptors,  // none: the process may have n descriptors more, by RLIMIT_NOFILE, libuv's among them
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

// How a call fails. `from_then_on`: also all later calls of the kind, as when something has run out.
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
    unsigned n;  // from 1 on; 0: only counts
};

// What came of an order. In memory that the driver shares with the run.
struct Tally {
    unsigned counts[kKinds];  // calls of each kind while the order was armed
    bool struck;              // a call has failed as ordered
};

void arm(const Order& order, Tally& tally) noexcept;
void disarm() noexcept;

// 0, or what the calling function fails with: an error, kShort, or kOfNames less an error of names.
[[nodiscard]] int strike(Kind kind) noexcept;
// True if the call fails: with errno.
[[nodiscard]] bool fails(Kind kind) noexcept;
// Something in the workload has failed. Of an order for kDescriptors that is all there is to see.
void note_failure() noexcept;

// Lists that getaddrinfo has returned and that freeaddrinfo has not freed.
[[nodiscard]] int name_lists() noexcept;
void count_name_lists(int more) noexcept;

}  // namespace failures
