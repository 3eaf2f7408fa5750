#include "failures.h"

#include <netdb.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <cstddef>

namespace failures {

namespace {

#define ONCE(error) \
    Way { #error, error, false }
#define FROM_THEN_ON(error) \
    Way { #error "+", error, true }
#define NAMES(error) \
    Way { #error, kOfNames - (error), false }
constexpr Way kShortOnce{"short", kShort, false};

constexpr std::array kNoMemory{ONCE(ENOMEM), FROM_THEN_ON(ENOMEM)};
constexpr std::array kNoThread{ONCE(EAGAIN), FROM_THEN_ON(EAGAIN)};
constexpr std::array kNoDescriptor{ONCE(EMFILE), FROM_THEN_ON(EMFILE)};
constexpr std::array kLimited{FROM_THEN_ON(EMFILE)};
constexpr std::array kAccepting{ONCE(EAGAIN),  ONCE(EINTR),  ONCE(ECONNABORTED), ONCE(ENFILE),
                                ONCE(ENOBUFS), ONCE(ENOMEM), ONCE(EPROTO)};
constexpr std::array kBinding{ONCE(EADDRINUSE), ONCE(EACCES), ONCE(ENOMEM)};
constexpr std::array kChanging{ONCE(EPERM), ONCE(ENOENT)};
constexpr std::array kClosing{ONCE(EINTR), ONCE(EIO)};
constexpr std::array kConnecting{ONCE(ECONNREFUSED), ONCE(ENETUNREACH), ONCE(EAGAIN), ONCE(EADDRNOTAVAIL)};
constexpr std::array kWatching{ONCE(ENOMEM), ONCE(ENOSPC)};
constexpr std::array kLocking{ONCE(EINTR), ONCE(ENOLCK), ONCE(EWOULDBLOCK)};
constexpr std::array kExamining{ONCE(EIO), ONCE(ENOMEM)};
constexpr std::array kSyncing{ONCE(EIO), ONCE(EINTR), ONCE(ENOSPC)};
constexpr std::array kLookingUp{NAMES(EAI_AGAIN), NAMES(EAI_MEMORY), NAMES(EAI_NONAME), NAMES(EAI_FAIL)};
constexpr std::array kAsking{ONCE(ENOBUFS), ONCE(ENOTCONN)};
constexpr std::array kNoTerminal{ONCE(ENOTTY)};
constexpr std::array kListening{ONCE(EADDRINUSE), ONCE(ENOBUFS)};
constexpr std::array kPaths{ONCE(EACCES), ONCE(EIO), ONCE(ENOENT)};
constexpr std::array kInterrupted{ONCE(EINTR)};
constexpr std::array kOpening{ONCE(EINTR), ONCE(ENFILE), ONCE(ENOMEM), ONCE(EACCES), ONCE(ENOENT)};
constexpr std::array kReadingAFile{ONCE(EINTR), ONCE(EIO), kShortOnce};
constexpr std::array kWritingAFile{ONCE(EINTR), ONCE(EIO), ONCE(ENOSPC), kShortOnce};
constexpr std::array kTakingABell{ONCE(EAGAIN), ONCE(EINTR)};
constexpr std::array kReading{ONCE(EAGAIN), ONCE(EINTR), ONCE(EIO), kShortOnce};
constexpr std::array kWriting{ONCE(EAGAIN), ONCE(EINTR), ONCE(EPIPE), kShortOnce};
constexpr std::array kReceiving{ONCE(EAGAIN), ONCE(EINTR), ONCE(ECONNRESET), ONCE(ENOMEM), kShortOnce};
constexpr std::array kSending{ONCE(EAGAIN), ONCE(EINTR), ONCE(ECONNRESET), ONCE(ENOBUFS), ONCE(EPIPE), kShortOnce};
constexpr std::array kShuttingDown{ONCE(ENOTCONN)};
constexpr std::array kCreating{ONCE(ENFILE), ONCE(ENOBUFS), ONCE(EAFNOSUPPORT)};

#undef ONCE
#undef FROM_THEN_ON
#undef NAMES

struct Described {
    const char* name;
    std::span<const Way> ways;
};

constexpr std::array<Described, kKinds> kDescribed{{{"memory", kNoMemory},
                                                    {"malloc", kNoMemory},
                                                    {"thread", kNoThread},
                                                    {"descriptor", kNoDescriptor},
                                                    {"descriptors", kLimited},
                                                    {"accept", kAccepting},
                                                    {"bind", kBinding},
                                                    {"chmod", kChanging},
                                                    {"close", kClosing},
                                                    {"connect", kConnecting},
                                                    {"epoll_ctl", kWatching},
                                                    {"flock", kLocking},
                                                    {"fstat", kExamining},
                                                    {"fsync", kSyncing},
                                                    {"getaddrinfo", kLookingUp},
                                                    {"getpeername", kAsking},
                                                    {"getsockname", kAsking},
                                                    {"getsockopt", kAsking},
                                                    {"isatty", kNoTerminal},
                                                    {"listen", kListening},
                                                    {"lstat", kPaths},
                                                    {"nanosleep", kInterrupted},
                                                    {"open", kOpening},
                                                    {"preadv", kReadingAFile},
                                                    {"pwritev", kWritingAFile},
                                                    {"read", kTakingABell},
                                                    {"readv", kReading},
                                                    {"recv", kReceiving},
                                                    {"send", kSending},
                                                    {"setsockopt", kAsking},
                                                    {"shutdown", kShuttingDown},
                                                    {"socket", kCreating},
                                                    {"stat", kPaths},
                                                    {"unlink", kChanging},
                                                    {"write", kInterrupted},
                                                    {"writev", kWriting}}};

Order current{};
Tally* tally = nullptr;
std::atomic<bool> armed{false};
std::array<std::atomic<unsigned>, kKinds> counts{};
std::atomic<int> lists{0};

}  // namespace

const char* name_of(Kind kind) noexcept { return kDescribed[static_cast<std::size_t>(kind)].name; }

std::span<const Way> ways_of(Kind kind) noexcept { return kDescribed[static_cast<std::size_t>(kind)].ways; }

void arm(const Order& order, Tally& to) noexcept {
    current = order;
    tally = &to;
    for (auto& count : counts) count = 0;
    armed = true;
}

void disarm() noexcept {
    armed = false;
    if (tally == nullptr) return;
    for (unsigned i = 0; i < kKinds; ++i) tally->counts[i] = counts[i];
}

int strike(Kind kind) noexcept {
    if (!armed) return 0;
    const unsigned count = ++counts[static_cast<std::size_t>(kind)];
    if (kind != current.kind || current.n == 0) return 0;
    if (count != current.n && !(current.way.from_then_on && count > current.n)) return 0;
    tally->struck = true;
    return current.way.error;
}

bool fails(Kind kind) noexcept {
    const int error = strike(kind);
    if (error > 0) errno = error;
    return error > 0;
}

void note_failure() noexcept {
    if (armed && current.kind == Kind::kDescriptors) tally->struck = true;
}

int name_lists() noexcept { return lists; }

void count_name_lists(int more) noexcept { lists += more; }

}  // namespace failures

// Because of --wrap, the linker sends the library's own calls of these functions here. It does not send the calls of
// libuv and of the C library here.
extern "C" {

int __real_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
void* __real_malloc(std::size_t);

int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* how, void* (*function)(void*), void* argument) {
    const int error = failures::strike(failures::Kind::kThread);
    return error != 0 ? error : __real_pthread_create(thread, how, function, argument);
}

void* __wrap_malloc(std::size_t size) {
    return failures::fails(failures::Kind::kMalloc) ? nullptr : __real_malloc(size);
}

}  // extern "C"
