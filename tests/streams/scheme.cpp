#include "scheme.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace streams {
namespace {

std::vector<Scheme> present() {
    std::vector<Scheme> schemes = {
        {"tcp", AF_INET, "tcp://127.0.0.1:0"}, {"ipc", AF_UNIX, "ipc://?"},      {"unix", AF_UNIX, "unix://?"},
        {"abstract", AF_UNIX, "abstract://?"}, {"socket", AF_UNIX, "socket://"},
    };
    if (has_ipv6()) schemes.push_back({"tcp6", AF_INET6, "tcp6://[::1]:0"});
    return schemes;
}

template <class Predicate>
std::vector<Scheme> only(Predicate predicate) {
    std::vector<Scheme> some;
    std::copy_if(all_schemes().begin(), all_schemes().end(), std::back_inserter(some), predicate);
    return some;
}

}  // namespace

bool has_ipv6() {
    const int fd = socket(AF_INET6, SOCK_STREAM, 0);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    const bool bound = fd >= 0 && bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (fd >= 0) close(fd);
    return bound;
}

const std::vector<Scheme>& all_schemes() {
    static const std::vector<Scheme> schemes = present();
    return schemes;
}

const std::vector<Scheme>& dialing_schemes() {
    static const std::vector<Scheme> schemes = only([](const Scheme& scheme) { return scheme.dials(); });
    return schemes;
}

const std::vector<Scheme>& tcp_schemes() {
    static const std::vector<Scheme> schemes = only([](const Scheme& scheme) { return scheme.tcp(); });
    return schemes;
}

const std::vector<Scheme>& file_schemes() {
    static const std::vector<Scheme> schemes = only([](const Scheme& scheme) { return scheme.file(); });
    return schemes;
}

}  // namespace streams
