// The objects behind the descriptors of the simulated system, and its table of descriptors. One thread of a schedule
// runs at a time, so there are no locks.
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace simulation::kernel {

inline constexpr int kFirst = 1000;  // smaller descriptors are those of the real system

inline int fail(int error) {
    errno = error;
    return -1;
}

// An object that has a descriptor. A call that a kind of object does not support fails.
class Object {
  public:
    Object() = default;
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    virtual ~Object() = default;

    // Returns the true readiness, UV_READABLE and UV_WRITABLE. By chance the loop learns of it late
    // (simulated_system.cpp).
    [[nodiscard]] virtual int ready() { return 0; }
    virtual ssize_t receive(msghdr&) { return fail(EINVAL); }
    virtual ssize_t send(const msghdr&, int) { return fail(EINVAL); }  // the int: the flags of sendmsg
    virtual void describe(struct stat& status) const { status.st_mode = S_IFSOCK | 0600; }
    virtual void close() {}

    int flags = 0;
    int reported_to = 0;  // the thread that learned of the readiness and has made no call since then

  protected:
    // True if the call has to fail at once: with EINTR, or with EAGAIN even if the descriptor was reported as ready.
    // Sets errno.
    [[nodiscard]] bool is_disturbed();
};

// Lets other threads run, and returns the object of the descriptor, or nullptr with EBADF.
std::shared_ptr<Object> find(int descriptor);
template <class Kind>
std::shared_ptr<Kind> find_as(int descriptor) {
    auto found = std::dynamic_pointer_cast<Kind>(find(descriptor));
    if (found == nullptr && errno != EBADF) errno = ENOTSOCK;
    return found;
}

// Returns a new descriptor for the object.
int open_new(std::shared_ptr<Object> object);

// Forgets all objects and files.
void reset();

// ---- connections (connections.cpp)

// Bytes on their way in one direction.
struct Channel {
    std::deque<std::uint8_t> bytes;
    std::size_t capacity = 64 * 1024;
    bool ended = false;      // nothing more will be written
    bool abandoned = false;  // nothing more will be read
};

// Move as many bytes as possible, or by chance fewer. Return their number, or -1 with EAGAIN if none can be moved.
ssize_t take_bytes(Channel& from, const msghdr& to);
ssize_t put_bytes(Channel& to, const msghdr& from);

// An end of a pair of sockets, or a socket of TCP or of the file system, which listens, is connected, or neither.
class Connection final : public Object, public std::enable_shared_from_this<Connection> {
  public:
    explicit Connection(int family) : family_(family) {}
    static void connect(Connection& one, Connection& other);

    int bind(const sockaddr* address, socklen_t size);
    int listen(int backlog);
    int connect_to(const sockaddr* address, socklen_t size);
    std::shared_ptr<Connection> accept();
    int shut_down(int how);
    int take_error();
    int self_address(sockaddr* address, socklen_t* size) const;
    int peer_address(sockaddr* address, socklen_t* size);
    [[nodiscard]] bool listens() const { return listens_; }

    int ready() override;
    ssize_t receive(msghdr& message) override;
    ssize_t send(const msghdr& message, int flags) override;
    void close() override;

  private:
    enum class State : std::uint8_t { kNew, kConnecting, kConnected };

    void establish(Connection& dialed);
    void decide(int error);
    void settle();
    void lose(int error);
    void accept_waiting();

    const int family_;
    State state_ = State::kNew;
    bool decided_ = false;  // while the socket connects: the result is known; it is in error_, which is 0 for success
    int error_ = 0;         // one call reports it
    std::shared_ptr<Channel> in_, out_;
    std::weak_ptr<Connection> peer_;
    sockaddr_storage self_{}, other_{};
    socklen_t self_size_ = 0, other_size_ = 0;
    bool listens_ = false;
    std::size_t backlog_ = 0;
    std::deque<std::shared_ptr<Connection>> accepted_;  // wait for accept
    std::deque<std::weak_ptr<Connection>> waiting_;     // wait for room in accepted_
    std::int64_t lacked_at_ = INT64_MIN / 2;            // the time at which an accept last had no descriptor
};

// ---- datagrams (datagrams.cpp)

class DatagramSocket final : public Object, public std::enable_shared_from_this<DatagramSocket> {
  public:
    explicit DatagramSocket(int family) : family_(family) {}

    int bind(const sockaddr* address, socklen_t size);
    int self_address(sockaddr* address, socklen_t* size) const;
    int ready() override;
    ssize_t receive(msghdr& message) override;
    ssize_t send(const msghdr& message, int flags) override;

  private:
    struct Datagram {
        std::vector<std::uint8_t> bytes;
        sockaddr_storage from;
        socklen_t size;
    };
    const int family_;
    sockaddr_storage self_{};
    socklen_t self_size_ = 0;
    std::deque<Datagram> arrived_;
};

// Returns the port of the address, and sets a free one first if the port is 0. Returns 0 if the port is for a datagram
// socket and another datagram socket has it.
std::uint16_t take_port(sockaddr_storage& address, bool datagrams);

// ---- files (files.cpp)

inline constexpr const char* kFolder = "/simulated";

struct File {
    mode_t mode = S_IFREG | 0600;
    ino_t number = 0;
    std::vector<std::uint8_t> bytes;
    std::weak_ptr<Connection> bound;    // the socket that is bound to this file
    const Object* locked_by = nullptr;  // flock
};

// Returns the file at the path, or nullptr.
std::shared_ptr<File> find_file(const std::string& path);
// Makes and returns a file, or returns nullptr with EEXIST or ENOENT.
std::shared_ptr<File> make_file(const std::string& path, mode_t mode);
void reset_files();

}  // namespace simulation::kernel
