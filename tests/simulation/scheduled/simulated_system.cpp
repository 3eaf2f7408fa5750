#include "simulated_system.h"

#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <map>
#include <memory>
#include <span>

#include "base/os.h"
#include "platform.h"
#include "program.h"
#include "scheduler.h"
#include "simulated_uv.h"

namespace {

constexpr int kFirst = 1000;  // below are descriptors of the system
constexpr std::size_t kCapacity = 64 * 1024;

// Bytes on their way in one direction.
struct Channel {
    std::deque<std::uint8_t> bytes;
    bool ended = false;      // nothing more will be written
    bool abandoned = false;  // nothing more will be read
};

struct Open {
    std::shared_ptr<Channel> in, out;  // nullptr: not for that
    int flags = O_RDWR;
};

struct System {
    std::map<int, Open> table;
    int next = kFirst;
    simulation::Random random{1};
};

System& system_now() {
    static System instance;
    return instance;
}

int fail(int error) {
    errno = error;
    return -1;
}

// nullptr: no such descriptor.
Open* find(int descriptor) {
    schedules::point();
    const auto at = system_now().table.find(descriptor);
    return at != system_now().table.end() ? &at->second : nullptr;
}

int open_new(const Open& open) {
    system_now().table[system_now().next] = open;
    return system_now().next++;
}

// A call on a pipe that does not block is never interrupted.
bool interrupts() { return system_now().random.one_in(16); }

ssize_t get(int descriptor, std::span<const iovec> pieces) {
    Open* const open = find(descriptor);
    if (open == nullptr || open->in == nullptr) return fail(EBADF);
    if (open->in != nullptr && open->out != nullptr && interrupts()) return fail(EINTR);
    Channel& from = *open->in;
    if (from.bytes.empty()) return from.ended ? 0 : fail(EAGAIN);
    ssize_t moved = 0;
    for (const iovec& piece : pieces) {
        const std::size_t size = std::min(piece.iov_len, from.bytes.size());
        const auto end = from.bytes.begin() + static_cast<std::ptrdiff_t>(size);
        std::copy(from.bytes.begin(), end, static_cast<std::uint8_t*>(piece.iov_base));
        from.bytes.erase(from.bytes.begin(), end);
        moved += static_cast<ssize_t>(size);
    }
    schedules::descriptors_changed();
    return moved;
}

ssize_t put(int descriptor, std::span<const iovec> pieces) {
    Open* const open = find(descriptor);
    if (open == nullptr || open->out == nullptr) return fail(EBADF);
    if (open->in != nullptr && open->out != nullptr && interrupts()) return fail(EINTR);
    Channel& to = *open->out;
    if (to.ended || to.abandoned) return fail(EPIPE);
    if (to.bytes.size() == kCapacity) return fail(EAGAIN);
    ssize_t moved = 0;
    for (const iovec& piece : pieces) {
        const std::size_t size = std::min(piece.iov_len, kCapacity - to.bytes.size());
        const auto* const from = static_cast<const std::uint8_t*>(piece.iov_base);
        to.bytes.insert(to.bytes.end(), from, from + size);
        moved += static_cast<ssize_t>(size);
    }
    schedules::descriptors_changed();
    return moved;
}

int ready_events(int descriptor, int events) {
    const auto at = system_now().table.find(descriptor);
    if (at == system_now().table.end()) return 0;
    const Open& open = at->second;
    int ready = 0;
    if (open.in != nullptr && (!open.in->bytes.empty() || open.in->ended)) ready |= UV_READABLE;
    if (open.out != nullptr && (open.out->bytes.size() < kCapacity || open.out->abandoned)) ready |= UV_WRITABLE;
    return ready & events;
}

// What the system tells of an address that has none.
int tell_unnamed(int descriptor, sockaddr* address, socklen_t* size) {
    if (find(descriptor) == nullptr) return fail(EBADF);
    address->sa_family = AF_UNIX;
    *size = sizeof(address->sa_family);
    return 0;
}

}  // namespace

namespace simulation {

void reset_system(std::uint64_t seed) {
    system_now() = {};
    system_now().random = Random(seed);
    schedules::set_ready_events(ready_events);
}

std::size_t open_descriptors() { return system_now().table.size(); }

bool is_readable(int descriptor) { return ready_events(descriptor, UV_READABLE) != 0; }
void let_others_run() { schedules::yield(); }

void run_threads(unsigned count, const std::function<void(unsigned)>& function) {
    struct Thread {
        const std::function<void(unsigned)>* function;
        unsigned number;
        int id;
    };
    std::deque<Thread> threads;
    for (unsigned i = 0; i < count; ++i) {
        Thread& each = threads.emplace_back(Thread{&function, i, 0});
        each.id = schedules::start_thread(
            [](void* self) {
                const Thread& thread = *static_cast<const Thread*>(self);
                (*thread.function)(thread.number);
            },
            &each);
    }
    for (const Thread& each : threads) schedules::join(each.id);
}

}  // namespace simulation

namespace naio::os {

int socketpair(int, int, int, int ends[2]) noexcept {
    const auto there = std::make_shared<Channel>(), back = std::make_shared<Channel>();
    ends[0] = open_new({.in = back, .out = there});
    ends[1] = open_new({.in = there, .out = back});
    return 0;
}

int pipe2(int ends[2], int flags) noexcept {
    const auto channel = std::make_shared<Channel>();
    ends[0] = open_new({.in = channel, .out = nullptr, .flags = flags});
    ends[1] = open_new({.in = nullptr, .out = channel, .flags = flags});
    return 0;
}

int pipe(int ends[2]) noexcept { return pipe2(ends, 0); }

int close(int descriptor) noexcept {
    if (descriptor < kFirst) return ::close(descriptor);
    const Open* const open = find(descriptor);
    if (open == nullptr) schedules::fail("a descriptor is closed that is not open");
    if (open->out != nullptr) open->out->ended = true;
    if (open->in != nullptr) open->in->abandoned = true;
    system_now().table.erase(descriptor);
    schedules::descriptors_changed();
    return 0;
}

int shutdown(int descriptor, int how) noexcept {
    const Open* const open = find(descriptor);
    if (open == nullptr) return fail(EBADF);
    if (how != SHUT_RD) open->out->ended = true;
    if (how != SHUT_WR) open->in->ended = open->in->abandoned = true;
    schedules::descriptors_changed();
    return 0;
}

int fcntl(int descriptor, int command, int argument) noexcept {
    Open* const open = find(descriptor);
    if (open == nullptr) return fail(EBADF);
    if (command == F_GETFL) return open->flags;
    if (command == F_SETFL) open->flags = argument;
    return 0;
}

int getsockopt(int descriptor, int, int option, void* value, socklen_t*) noexcept {
    if (find(descriptor) == nullptr) return fail(EBADF);
    *static_cast<int*>(value) = option == SO_TYPE ? SOCK_STREAM : 0;
    return 0;
}

int setsockopt(int descriptor, int, int, const void*, socklen_t) noexcept {
    return find(descriptor) != nullptr ? 0 : fail(EBADF);
}

int getsockname(int descriptor, sockaddr* address, socklen_t* size) noexcept {
    return tell_unnamed(descriptor, address, size);
}

int getpeername(int descriptor, sockaddr* address, socklen_t* size) noexcept {
    return tell_unnamed(descriptor, address, size);
}

ssize_t read(int descriptor, void* to, size_t size) noexcept {
    if (descriptor < kFirst) return ::read(descriptor, to, size);
    const iovec piece{to, size};
    return get(descriptor, {&piece, 1});
}

ssize_t write(int descriptor, const void* from, size_t size) noexcept {
    if (descriptor < kFirst) return ::write(descriptor, from, size);
    const iovec piece{const_cast<void*>(from), size};
    return put(descriptor, {&piece, 1});
}

ssize_t recv(int descriptor, void* to, size_t size, int) noexcept {
    const iovec piece{to, size};
    return get(descriptor, {&piece, 1});
}

ssize_t send(int descriptor, const void* from, size_t size, int) noexcept {
    const iovec piece{const_cast<void*>(from), size};
    return put(descriptor, {&piece, 1});
}

ssize_t recvmsg(int descriptor, msghdr* message, int) noexcept {
    message->msg_flags = 0;
    return get(descriptor, {message->msg_iov, message->msg_iovlen});
}

ssize_t sendmsg(int descriptor, const msghdr* message, int) noexcept {
    return put(descriptor, {message->msg_iov, message->msg_iovlen});
}

}  // namespace naio::os
