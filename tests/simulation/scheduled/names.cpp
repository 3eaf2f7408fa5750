// Look-ups in the simulated system. They find numeric addresses and the name "localhost", and no other name.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "base/os.h"
#include "failures.h"
#include "kernel.h"
#include "scheduler.h"

namespace naio::os {

using namespace simulation;

namespace {

struct Answer {
    addrinfo info{};
    sockaddr_in6 address{};  // has room for an address of IPv4, too
};

addrinfo* answer(int family, const void* bytes, in_port_t port, int type) {
    auto* const made = new Answer;
    made->info.ai_family = family;
    made->info.ai_socktype = type;
    made->info.ai_addr = reinterpret_cast<sockaddr*>(&made->address);
    made->address.sin6_family = static_cast<sa_family_t>(family);
    made->address.sin6_port = port;  // sin_port is in the same place
    if (family == AF_INET) {
        made->info.ai_addrlen = sizeof(sockaddr_in);
        std::memcpy(&reinterpret_cast<sockaddr_in&>(made->address).sin_addr, bytes, sizeof(in_addr));
    } else {
        made->info.ai_addrlen = sizeof(sockaddr_in6);
        std::memcpy(&made->address.sin6_addr, bytes, sizeof(in6_addr));
    }
    return &made->info;
}

}  // namespace

int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found) noexcept {
    schedules::point();
    const in_port_t port = htons(static_cast<std::uint16_t>(service != nullptr ? std::atoi(service) : 0));
    const int family = hints->ai_family;
    const bool numeric = (hints->ai_flags & AI_NUMERICHOST) != 0;
    std::string name = host != nullptr ? host : (hints->ai_flags & AI_PASSIVE) != 0 ? "0.0.0.0" : "127.0.0.1";
    if (host == nullptr && family == AF_INET6) name = (hints->ai_flags & AI_PASSIVE) != 0 ? "::" : "::1";
    if (!numeric) {
        errno = EINTR;
        if (by_chance(Chances::kNone, 16)) return EAI_SYSTEM;
        errno = EMFILE;
        if (fails(Failure::kDescriptors)) return EAI_SYSTEM;
        if (name == "localhost") name = family == AF_INET6 ? "::1" : "127.0.0.1";
    }
    in6_addr bytes{};
    if (family != AF_INET6 && inet_pton(AF_INET, name.c_str(), &bytes) == 1)
        *found = answer(AF_INET, &bytes, port, hints->ai_socktype);
    else if (family != AF_INET && inet_pton(AF_INET6, name.c_str(), &bytes) == 1)
        *found = answer(AF_INET6, &bytes, port, hints->ai_socktype);
    else
        return EAI_NONAME;
    return 0;
}

void freeaddrinfo(addrinfo* list) noexcept {
    // `info` is the first member of Answer.
    while (list != nullptr) delete reinterpret_cast<Answer*>(std::exchange(list, list->ai_next));
}

}  // namespace naio::os
