#include "service.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <cstring>
#include <filesystem>

#include "transfer.h"

namespace streams {
namespace {

// The directory of the process's socket files. It is removed when the process exits.
class Folder {
  public:
    Folder() {
        std::string path = std::filesystem::temp_directory_path() / "naio-XXXXXX";
        if (mkdtemp(path.data()) == nullptr) std::abort();
        path_ = path;
    }
    ~Folder() {
        std::error_code ignored;
        if (getpid() == owner_) std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    const pid_t owner_ = getpid();
    std::string path_;
};

std::string fresh_name(const Scheme& scheme) {
    static const Folder folder;
    static std::atomic<int> count{0};
    const std::string number = std::to_string(++count);
    if (scheme.file()) return folder.path() + "/" + number;
    return "naio-test-" + std::to_string(getpid()) + "-" + number;
}

std::string after(const std::string& text, const std::string& mark) {
    return text.substr(text.find(mark) + mark.size());
}

// An address in the system's format, and its size.
struct Address {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Address ip_address(int family, int port) {
    Address address;
    if (family == AF_INET) {
        auto& in = reinterpret_cast<sockaddr_in&>(address.storage);
        in.sin_family = AF_INET;
        in.sin_port = htons(static_cast<std::uint16_t>(port));
        in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.size = sizeof in;
    } else {
        auto& in6 = reinterpret_cast<sockaddr_in6&>(address.storage);
        in6.sin6_family = AF_INET6;
        in6.sin6_port = htons(static_cast<std::uint16_t>(port));
        in6.sin6_addr = in6addr_loopback;
        address.size = sizeof in6;
    }
    return address;
}

Address unix_address(const std::string& name, bool abstract) {
    Address address;
    auto& un = reinterpret_cast<sockaddr_un&>(address.storage);
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path + (abstract ? 1 : 0), name.data(), name.size());
    address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + 1);
    return address;
}

Address address_of(const Scheme& scheme, const std::string& url) {
    if (scheme.tcp()) return ip_address(scheme.family, std::stoi(url.substr(url.rfind(':') + 1)));
    return unix_address(after(url, "://"), scheme.is("abstract"));
}

int port_of(int fd) {
    Address address;
    getsockname(fd, address.get(), &address.size);
    return ntohs(reinterpret_cast<const sockaddr_in&>(address.storage).sin_port);  // sin6_port is in this place, too
}

bool is_writable_soon(int fd) {
    pollfd watched{fd, POLLOUT, 0};
    return poll(&watched, 1, 10) == 1;
}

std::string with_port(const std::string& url, int port) {
    return url.substr(0, url.rfind(':') + 1) + std::to_string(port);
}

}  // namespace

std::string fresh_url(const Scheme& scheme) {
    std::string url = scheme.listen;
    const auto mark = url.find('?');
    if (mark != std::string::npos) url.replace(mark, 1, fresh_name(scheme));
    return url;
}

std::string fresh_full_url(const Scheme& scheme) {
    const std::string url = fresh_url(scheme);
    if (!scheme.tcp()) return url;
    const Descriptor taken(socket(scheme.family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    Address any = ip_address(scheme.family, 0);
    EXPECT_EQ(bind(taken, any.get(), any.size), 0);
    return with_port(url, port_of(taken));
}

Listener make_listener(const std::string& url) {
    nng_stream_listener* listener = nullptr;
    EXPECT_EQ(nng_stream_listener_alloc(&listener, url.c_str()), NNG_OK) << url;
    return Listener(listener);
}

Dialer make_dialer(const std::string& url) {
    nng_stream_dialer* dialer = nullptr;
    EXPECT_EQ(nng_stream_dialer_alloc(&dialer, url.c_str()), NNG_OK) << url;
    return Dialer(dialer);
}

Stream dial(const std::string& url) {
    const Dialer dialer = make_dialer(url);
    Transfer dial;
    EXPECT_EQ(dial.dial(dialer).wait().result, NNG_OK) << url;
    return dial.stream();
}

Descriptor connect_to(const Scheme& scheme, const std::string& url) {
    Descriptor fd(socket(scheme.family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    Address address = address_of(scheme, url);
    EXPECT_EQ(connect(fd, address.get(), address.size), 0) << url << ": " << std::strerror(errno);
    return fd;
}

Descriptor bind_to(const Scheme& scheme, const std::string& url) {
    Descriptor fd(socket(scheme.family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    Address address = address_of(scheme, url);
    EXPECT_EQ(bind(fd, address.get(), address.size), 0) << url << ": " << std::strerror(errno);
    return fd;
}

Descriptor listen_on(const Scheme& scheme, const std::string& url, int backlog) {
    Descriptor fd = bind_to(scheme, url);
    EXPECT_EQ(listen(fd, backlog), 0);
    return fd;
}

Crowded::Crowded(const Scheme& scheme) : url_(fresh_full_url(scheme)), listening_(listen_on(scheme, url_, 0)) {
    Address address = address_of(scheme, url_);
    for (;;) {
        Descriptor fd(socket(scheme.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const bool connected = connect(fd, address.get(), address.size) == 0;
        if (!connected && (errno != EINPROGRESS || !is_writable_soon(fd))) break;
        guests_.push_back(std::move(fd));
    }
}

void Crowded::make_room() {
    for (std::size_t i = 0; i < guests_.size(); ++i) EXPECT_GE(Descriptor(accept(listening_, nullptr, nullptr)), 0);
}

Descriptor Crowded::accept_last() { return Descriptor(accept(listening_, nullptr, nullptr)); }

Service::Service(const Scheme& scheme) : scheme_(scheme) {
    url_ = fresh_url(scheme);
    listener_ = make_listener(url_);
    EXPECT_EQ(nng_stream_listener_listen(listener_), NNG_OK) << url_;
    if (!scheme.tcp()) return;
    int port = 0;
    EXPECT_EQ(nng_stream_listener_get_int(listener_, NNG_OPT_BOUND_PORT, &port), NNG_OK);
    url_ = with_port(url_, port);
}

Descriptor Service::raw_peer() {
    if (scheme_.dials()) return connect_to(scheme_, url_);
    int fds[2] = {-1, -1};
    EXPECT_EQ(nng_socket_pair(fds), NNG_OK);
    EXPECT_EQ(nng_stream_listener_set_int(listener_, NNG_OPT_SOCKET_FD, fds[0]), NNG_OK);
    return Descriptor(fds[1]);
}

Stream Service::accept() {
    Transfer accept;
    EXPECT_EQ(accept.accept(listener_).wait().result, NNG_OK);
    return accept.stream();
}

Pair Service::pair() {
    Pair pair;
    if (scheme_.dials()) {
        pair.near = dial(url_);
        pair.far = accept();
        return pair;
    }
    Descriptor other = raw_peer();
    pair.far = accept();
    EXPECT_EQ(nng_stream_listener_set_int(listener_, NNG_OPT_SOCKET_FD, other.release()), NNG_OK);
    pair.near = accept();
    return pair;
}

RawPair Service::raw_pair() {
    RawPair pair;
    pair.far = raw_peer();
    pair.near = accept();
    return pair;
}

}  // namespace streams
