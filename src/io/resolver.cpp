#include "io/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/decimal.h"
#include "base/fault.h"
#include "base/os.h"
#include "base/ref.h"
#include "base/system_error.h"
#include "io/address.h"
#include "io/system_calls.h"

namespace naio {

namespace {

constexpr std::size_t kHostSize = 256;  // with a zero byte, as in NNG
constexpr std::size_t kServiceSize = 33;

struct Answer {
    nng_err error;
    std::size_t count = 0;
};

// A query in the form that getaddrinfo takes.
struct Names {
    char host[kHostSize] = "";
    char service[kServiceSize] = "0";
    addrinfo hints{};

    [[nodiscard]] const char* host_or_none() const noexcept { return host[0] != '\0' ? host : nullptr; }
};

template <std::size_t n>
bool copy(char (&to)[n], const char* from) noexcept {
    return from == nullptr || std::snprintf(to, n, "%s", from) < static_cast<int>(n);
}

// True if the text begins with a letter or a digit, but not with a number above 65535. getaddrinfo would cut a larger
// number to 16 bits, and would accept signs and spaces before a number.
bool valid_service(std::string_view text) noexcept {
    if (text.empty() || std::isalnum(static_cast<unsigned char>(text.front())) == 0) return false;
    return decimal_at_begin(text, kMaxPort).value <= kMaxPort;
}

nng_err prepare(const Resolver::Query& query, Names& names) noexcept {
    switch (query.family) {
        case NNG_AF_UNSPEC:
            // Leaves out families of which this machine has no address.
            names.hints.ai_flags = AI_ADDRCONFIG;
            names.hints.ai_family = AF_UNSPEC;
            break;
        case NNG_AF_INET:
            names.hints.ai_family = AF_INET;
            break;
        case NNG_AF_INET6:
            names.hints.ai_family = AF_INET6;
            break;
        default:
            return NNG_ENOTSUP;
    }
    if ((query.flags & ~NAIO_RESOLVE_PASSIVE) != 0) return NNG_EINVAL;
    const bool passive = (query.flags & NAIO_RESOLVE_PASSIVE) != 0;
    if (passive) names.hints.ai_flags |= AI_PASSIVE;
    names.hints.ai_socktype = SOCK_STREAM;  // otherwise each address would be found once per socket type
    const bool all = query.host != nullptr && std::strcmp(query.host, "*") == 0;
    if (all && !passive) return NNG_EADDRINVAL;
    if (!copy(names.host, all ? nullptr : query.host) || !copy(names.service, query.service)) return NNG_EADDRINVAL;
    return valid_service(names.service) ? NNG_OK : NNG_EADDRINVAL;
}

nng_err error_of(int code, int system) noexcept {
    switch (code) {
        case 0:
            return NNG_OK;
        case EAI_MEMORY:
            return NNG_ENOMEM;
        case EAI_SYSTEM:
            return system_error(system);
        case EAI_BADFLAGS:
            return NNG_EINVAL;
        case EAI_FAMILY:
        case EAI_SOCKTYPE:
            return NNG_ENOTSUP;
        default:  // there is no such name, or no name server has answered
            return NNG_EADDRINVAL;
    }
}

bool is_loopback(const addrinfo& found) noexcept {
    if (found.ai_family == AF_INET) {
        const auto& address = *reinterpret_cast<const sockaddr_in*>(found.ai_addr);
        return (ntohl(address.sin_addr.s_addr) >> IN_CLASSA_NSHIFT) == IN_LOOPBACKNET;
    }
    return found.ai_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(found.ai_addr)->sin6_addr);
}

// The result of a look-up. The list is released with give_back.
struct Found {
    int code = 0;    // the result of getaddrinfo
    int system = 0;  // errno, if the code is EAI_SYSTEM
    addrinfo* list = nullptr;
    bool loopback_only = false;  // true: use only the loopback addresses of the list
};

// Releases a list, which may be NULL. On some systems freeaddrinfo does not take NULL.
void give_back(addrinfo* list) noexcept {
    if (list != nullptr) os::freeaddrinfo(list);
}

using LookUp = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

Found ask(LookUp look_up, const Names& names, int flags) noexcept {
    addrinfo hints = names.hints;
    hints.ai_flags = flags;
    Found found;
    do {  // a profiler's signal may interrupt the look-up
        found.code = look_up(names.host_or_none(), names.service, &hints, &found.list);
        found.system = errno;
    } while (found.code == EAI_SYSTEM && found.system == EINTR);
    if (found.code != 0) found.list = nullptr;
    return found;
}

// True if AI_ADDRCONFIG may have hidden a loopback address. With this flag, getaddrinfo leaves out IPv6 if the machine
// has no IPv6 address except ::1. So the answer for the machine's own name lacks ::1, where servers may listen. False
// for an unknown name that has dots, because a second look-up would ask a name server again.
bool may_lack_loopback(const Found& found, const Names& names) noexcept {
    if ((names.hints.ai_flags & AI_ADDRCONFIG) == 0 || (names.hints.ai_flags & AI_PASSIVE) != 0) return false;
    if (found.code != 0) return found.code == EAI_NONAME && std::strchr(names.host, '.') == nullptr;
    for (const addrinfo* each = found.list; each != nullptr; each = each->ai_next)
        if (!is_loopback(*each)) return false;
    return true;
}

Found ask_also_for_loopback(const Names& names) noexcept {
    const Found found = ask(system_calls.getaddrinfo, names, names.hints.ai_flags);
    if (!may_lack_loopback(found, names) || NAIO_FAULT(loopback_is_not_asked_for)) return found;
    Found more = ask(system_calls.getaddrinfo, names, names.hints.ai_flags & ~AI_ADDRCONFIG);
    more.loopback_only = true;
    const addrinfo* each = more.list;
    while (each != nullptr && !is_loopback(*each)) each = each->ai_next;
    give_back(each != nullptr ? found.list : more.list);
    return each != nullptr ? more : found;
}

// Stores the addresses and releases the list.
Answer answer_with(const Found& found, Resolver::Room room) noexcept {
    Answer answer{NNG_OK};
    for (const addrinfo* each = found.list; each != nullptr && answer.count < room.size; each = each->ai_next) {
        SystemAddress address;
        if (each->ai_addrlen > sizeof(address.storage) || (found.loopback_only && !is_loopback(*each))) continue;
        std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
        address.size = each->ai_addrlen;
        if (from_system(address, room.addresses[answer.count])) ++answer.count;
    }
    if (found.list == nullptr) answer.error = NNG_EADDRINVAL;
    give_back(found.list);
    return answer;
}

// Returns the answer if the query is invalid or numeric, so that it needs no look-up; otherwise std::nullopt.
std::optional<Answer> answer_at_once(const Resolver::Query& query, Resolver::Room room, Names& names) noexcept {
    const nng_err error = prepare(query, names);
    if (error != NNG_OK) return Answer{error};
    const int flags = (names.hints.ai_flags & AI_PASSIVE) | AI_NUMERICHOST | AI_NUMERICSERV;
    const Found found = ask(os::getaddrinfo, names, flags);
    if (found.code != 0) return std::nullopt;
    return answer_with(found, room);
}

}  // namespace

// A look-up in progress. The operation has one reference, and the job has the other.
struct Resolver::Pending final : BlockingQueue::Job {
    Pending(Resolver& owner, Aio& operation, const Names& given, Room place) noexcept
        : Job(call, ended), resolver(owner), aio(operation), names(given), room(place) {}

    static void call(Job& job) noexcept {
        auto& self = static_cast<Pending&>(job);
        self.found = ask_also_for_loopback(self.names);
    }

    static void ended(Job& job, BlockingQueue::End how) noexcept {
        auto& self = static_cast<Pending&>(job);
        if (how == BlockingQueue::End::kReturned) self.finish();
        if (how == BlockingQueue::End::kNoThread) self.aio.finish({NNG_ENOMEM});
        if (how == BlockingQueue::End::kAbandoned) give_back(self.found.list);
        release(&self);
    }

    void finish() noexcept {
        const Answer answer = found.code == 0 ? answer_with(found, room) : Answer{error_of(found.code, found.system)};
        aio.finish({answer.error, answer.count});
    }

    static bool cancel(Aio* aio, void* pending, Types, nng_err reason) noexcept {
        auto& self = *static_cast<Pending*>(pending);
        if (!self.resolver.queue_.abandon(self)) return false;
        aio->finish({reason});
        return true;
    }

    static void release(void* pending) noexcept {
        auto& self = *static_cast<Pending*>(pending);
        if (self.references.release()) self.resolver.allocator_.destroy(&self);
    }

    Resolver& resolver;
    Aio& aio;
    const Names names;
    const Room room;
    Found found;
    ReferenceCount references{2};
};

void Resolver::resolve(Aio& aio, const Query& query, Room room) noexcept {
    Names names;
    const auto answer = answer_at_once(query, room, names);
    if (answer) {
        if (aio.attempt_or_report()) aio.finish({answer->error, answer->count});
        return;
    }
    auto* pending = allocator_.create<Pending>(*this, aio, names, room);
    if (pending == nullptr) return aio.complete(NNG_ENOMEM);
    const Cancellation cancellation{
        .guarantee = kTotal, .cancel = Pending::cancel, .release = Pending::release, .argument = pending, .own = true};
    if (aio.start(cancellation)) return queue_.submit(*pending);
    allocator_.destroy(pending);
}

}  // namespace naio
