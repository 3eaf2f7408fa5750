// The table of descriptors, pipes, the calls that all sockets have, and the functions of platform.h.
#include "simulated_system.h"

#include <uv.h>

#include <deque>
#include <memory>
#include <utility>

#include "base/os.h"
#include "kernel.h"
#include "scheduler.h"
#include "simulated_uv.h"

namespace simulation::kernel {

void reset_ports();
void reset_datagrams();

namespace {

struct Table {
    std::map<int, std::shared_ptr<Object>> open;
    int next = kFirst;
};

Table& table() {
    static Table instance;
    return instance;
}

// An end of a pipe.
class PipeEnd final : public Object {
  public:
    PipeEnd(std::shared_ptr<Channel> channel, bool reads) : channel_(std::move(channel)), reads_(reads) {}

    int ready() override {
        if (reads_) return !channel_->bytes.empty() || channel_->ended ? UV_READABLE : 0;
        return channel_->bytes.size() < channel_->capacity || channel_->abandoned ? UV_WRITABLE : 0;
    }
    // Calls on a pipe that does not block are never interrupted.
    ssize_t receive(msghdr& message) override {
        if (!reads_) return fail(EBADF);
        if (channel_->bytes.empty()) return channel_->ended ? 0 : fail(EAGAIN);
        return take_bytes(*channel_, message);
    }
    ssize_t send(const msghdr& message, int) override {
        if (reads_) return fail(EBADF);
        return channel_->abandoned ? fail(EPIPE) : put_bytes(*channel_, message);
    }
    void describe(struct stat& status) const override { status.st_mode = S_IFIFO | 0600; }
    void close() override { (reads_ ? channel_->abandoned : channel_->ended) = true; }

  private:
    const std::shared_ptr<Channel> channel_;
    const bool reads_;
};

// Returns the readiness of which the loop learns. By chance the loop learns of readiness late, and then asks again, or
// learns of it without reason.
int report_ready(int descriptor, int events) {
    const auto at = table().open.find(descriptor);
    if (at == table().open.end()) schedules::fail("a closed descriptor is watched");
    const int ready = at->second->ready() & events;
    if (ready == 0) return by_chance(Chances::kDisturbances, 64) ? events : 0;
    if (by_chance(Chances::kReadiness, 8)) return schedules::kLater;
    at->second->reported_to = schedules::this_thread();
    return ready;
}

bool cannot_be_watched() { return fails(Failure::kWatch); }
bool has_no_thread() { return fails(Failure::kThread); }

}  // namespace

bool Object::is_disturbed() {
    errno = EINTR;
    if (by_chance(Chances::kNone, 16)) return true;
    errno = EAGAIN;
    const bool reported = std::exchange(reported_to, 0) == schedules::this_thread();
    return (reported && by_chance(Chances::kReadiness, 8)) || by_chance(Chances::kDisturbances, 8);
}

std::shared_ptr<Object> find(int descriptor) {
    schedules::point();
    const auto at = table().open.find(descriptor);
    if (at != table().open.end()) return at->second;
    errno = EBADF;
    return nullptr;
}

int open_new(std::shared_ptr<Object> object) {
    table().open[table().next] = std::move(object);
    return table().next++;
}

void reset() {
    table() = {};
    reset_ports();
    reset_datagrams();
    reset_files();
}

}  // namespace simulation::kernel

namespace simulation {

void reset_system(std::uint64_t seed, Chances chances) {
    kernel::reset();
    reset_chances(seed, chances);
    schedules::set_ready_events(kernel::report_ready);
    schedules::set_watch_refusal(kernel::cannot_be_watched);
    schedules::set_thread_refusal(kernel::has_no_thread);
}

std::size_t open_descriptors() { return kernel::table().open.size(); }

bool is_readable(int descriptor) {
    const auto object = kernel::find(descriptor);
    return object != nullptr && (object->ready() & UV_READABLE) != 0;
}

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

std::string make_folder() { return kernel::kFolder; }
void remove_folder(const std::string&) {}

}  // namespace simulation

namespace naio::os {

using namespace simulation;
using namespace simulation::kernel;

namespace {

// True if the call has to fail because no descriptors are left. Sets errno.
bool has_no_descriptor() {
    errno = random_below(2) == 0 ? EMFILE : ENFILE;
    return fails(Failure::kDescriptors);
}

msghdr message_of(const iovec& piece) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(&piece);
    message.msg_iovlen = 1;
    return message;
}

}  // namespace

int socketpair(int, int, int, int ends[2]) noexcept {
    if (has_no_descriptor()) return -1;
    const auto here = std::make_shared<Connection>(AF_UNIX), there = std::make_shared<Connection>(AF_UNIX);
    Connection::connect(*here, *there);
    ends[0] = open_new(here);
    ends[1] = open_new(there);
    return 0;
}

int pipe2(int ends[2], int flags) noexcept {
    if (has_no_descriptor()) return -1;
    const auto channel = std::make_shared<Channel>();
    ends[0] = open_new(std::make_shared<PipeEnd>(channel, true));
    ends[1] = open_new(std::make_shared<PipeEnd>(channel, false));
    for (const int end : {ends[0], ends[1]}) find(end)->flags = flags;
    return 0;
}

int pipe(int ends[2]) noexcept { return pipe2(ends, 0); }

int close(int descriptor) noexcept {
    if (descriptor < kFirst) return ::close(descriptor);
    const auto object = find(descriptor);
    if (object == nullptr) schedules::fail("a descriptor is closed that is not open");
    table().open.erase(descriptor);
    object->close();
    schedules::descriptors_changed();
    // The descriptor is closed even if the call returns EINTR.
    return by_chance(Chances::kDisturbances, 16) ? fail(EINTR) : 0;
}

int fcntl(int descriptor, int command, int argument) noexcept {
    const auto object = find(descriptor);
    if (object == nullptr) return -1;
    if (command == F_GETFL) return object->flags;
    if (command == F_SETFL) object->flags = argument;
    return 0;
}

int socket(int family, int type, int) noexcept {
    schedules::point();
    if (family == AF_NETLINK) return fail(EPROTONOSUPPORT);
    if (has_no_descriptor()) return -1;
    if ((type & SOCK_DGRAM) == SOCK_DGRAM) return open_new(std::make_shared<DatagramSocket>(family));
    return open_new(std::make_shared<Connection>(family));
}

int bind(int descriptor, const sockaddr* address, socklen_t size) noexcept {
    const auto object = find(descriptor);
    if (const auto datagrams = std::dynamic_pointer_cast<DatagramSocket>(object)) return datagrams->bind(address, size);
    const auto connection = std::dynamic_pointer_cast<Connection>(object);
    return connection != nullptr ? connection->bind(address, size) : -1;
}

int listen(int descriptor, int backlog) noexcept {
    const auto connection = find_as<Connection>(descriptor);
    return connection != nullptr ? connection->listen(backlog) : -1;
}

int connect(int descriptor, const sockaddr* address, socklen_t size) noexcept {
    const auto connection = find_as<Connection>(descriptor);
    return connection != nullptr ? connection->connect_to(address, size) : -1;
}

int accept4(int descriptor, sockaddr*, socklen_t*, int) noexcept {
    const auto listener = find_as<Connection>(descriptor);
    const auto taken = listener != nullptr ? listener->accept() : nullptr;
    return taken != nullptr ? open_new(taken) : -1;
}

int shutdown(int descriptor, int how) noexcept {
    const auto connection = find_as<Connection>(descriptor);
    return connection != nullptr ? connection->shut_down(how) : -1;
}

int getsockopt(int descriptor, int, int option, void* value, socklen_t*) noexcept {
    const auto object = find(descriptor);
    if (object == nullptr) return -1;
    const auto connection = std::dynamic_pointer_cast<Connection>(object);
    int& answer = *static_cast<int*>(value);
    answer = 0;
    if (option == SO_TYPE) answer = connection != nullptr ? SOCK_STREAM : SOCK_DGRAM;
    if (option == SO_ERROR && connection != nullptr) answer = connection->take_error();
    if (option == SO_ACCEPTCONN && connection != nullptr) answer = connection->listens() ? 1 : 0;
    return 0;
}

int setsockopt(int descriptor, int, int, const void*, socklen_t) noexcept {
    return find(descriptor) != nullptr ? 0 : -1;
}

int getsockname(int descriptor, sockaddr* address, socklen_t* size) noexcept {
    const auto object = find(descriptor);
    if (const auto datagrams = std::dynamic_pointer_cast<DatagramSocket>(object))
        return datagrams->self_address(address, size);
    const auto connection = std::dynamic_pointer_cast<Connection>(object);
    return connection != nullptr ? connection->self_address(address, size) : -1;
}

int getpeername(int descriptor, sockaddr* address, socklen_t* size) noexcept {
    const auto connection = find_as<Connection>(descriptor);
    return connection != nullptr ? connection->peer_address(address, size) : -1;
}

ssize_t recvmsg(int descriptor, msghdr* message, int) noexcept {
    const auto object = find(descriptor);
    return object != nullptr ? object->receive(*message) : -1;
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) noexcept {
    const auto object = find(descriptor);
    return object != nullptr ? object->send(*message, flags) : -1;
}

ssize_t recv(int descriptor, void* to, size_t size, int flags) noexcept {
    const iovec piece{to, size};
    msghdr message = message_of(piece);
    return os::recvmsg(descriptor, &message, flags);
}

ssize_t send(int descriptor, const void* from, size_t size, int flags) noexcept {
    const iovec piece{const_cast<void*>(from), size};
    const msghdr message = message_of(piece);
    return os::sendmsg(descriptor, &message, flags);
}

ssize_t read(int descriptor, void* to, size_t size) noexcept {
    if (descriptor < kFirst) return ::read(descriptor, to, size);
    return os::recv(descriptor, to, size, 0);
}

ssize_t write(int descriptor, const void* from, size_t size) noexcept {
    if (descriptor < kFirst) return ::write(descriptor, from, size);
    return os::send(descriptor, from, size, 0);
}

}  // namespace naio::os
