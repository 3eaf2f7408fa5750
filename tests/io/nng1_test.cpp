// Tests addresses and URLs in the form of NNG 1.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "base/allocator.h"
#include "io/nng1_address.h"
#include "io/nng1_url.h"
#include "io/url.h"

extern "C" const std::size_t nng1_layout[];

namespace naio {
namespace {

TEST(Nng1, TypesHaveTheLayoutOfTheHeader) {
    using In6 = Nng1Address::In6;
    const std::vector<std::size_t> wanted{
        sizeof(Nng1Address),
        sizeof(In6),
        offsetof(In6, port),
        offsetof(In6, address),
        offsetof(In6, scope),
        offsetof(nng_sockaddr_in, sa_addr),
        offsetof(nng_sockaddr_path, sa_path),
        offsetof(nng_sockaddr_abstract, sa_len),
        offsetof(nng_sockaddr_abstract, sa_name),
        NNG_AF_INET6,
        Nng1Address::kAbstract,
        sizeof(Nng1Url),
        offsetof(Nng1Url, rawurl),
        offsetof(Nng1Url, scheme),
        offsetof(Nng1Url, userinfo),
        offsetof(Nng1Url, host),
        offsetof(Nng1Url, hostname),
        offsetof(Nng1Url, port),
        offsetof(Nng1Url, path),
        offsetof(Nng1Url, query),
        offsetof(Nng1Url, fragment),
        offsetof(Nng1Url, requri),
    };
    EXPECT_EQ(wanted, std::vector<std::size_t>(nng1_layout, nng1_layout + wanted.size()));
}

TEST(Nng1, AddressesOfEachFamilySurviveBothConversions) {
    for (const std::uint16_t family : {NNG_AF_INPROC, NNG_AF_IPC, NNG_AF_INET, NNG_AF_INET6, NNG_AF_ABSTRACT}) {
        nng_sockaddr address;
        std::memset(&address, 0x5a, sizeof(address));
        address.s_family = family;
        const nng_sockaddr back = from_nng1(to_nng1(address));
        EXPECT_EQ(std::memcmp(&address, &back, sizeof(back)), 0) << family;
    }
}

TEST(Nng1, AnIpv6AddressHasItsScopeLast) {
    nng_sockaddr address{};
    address.s_in6 = {.sa_family = NNG_AF_INET6, .sa_port = 7, .sa_scope = 9, .sa_addr = {1, 2, 3}};
    const Nng1Address converted = to_nng1(address);
    EXPECT_EQ(converted.in6.port, 7);
    EXPECT_EQ(converted.in6.scope, 9u);
    EXPECT_EQ(converted.in6.address[2], 3);
}

TEST(Nng1, AnAddressOfZeroTierIsOfNoFamily) {
    Nng1Address address{};
    address.family = 5;
    EXPECT_EQ(from_nng1(address).s_family, NNG_AF_UNSPEC);
}

// ---- URLs

const Allocator memory;

std::string text(const char* part) { return part != nullptr ? part : "NULL"; }

// Returns the parts of the URL, one after the other, or the error.
std::string parts(const char* raw) {
    Nng1Url* url = nullptr;
    const nng_err error = Nng1Url::parse(memory, raw, url);
    if (error != NNG_OK) return "error " + std::to_string(error);
    Nng1Url* const copy = Nng1Url::clone(memory, *url);
    std::string all, copied;
    for (char* Nng1Url::*const each : Nng1Url::kStrings) {
        if (each != &Nng1Url::rawurl) all += text(url->*each) + "|";
        if (each != &Nng1Url::rawurl) copied += text(copy->*each) + "|";
    }
    EXPECT_EQ(all, copied);
    EXPECT_EQ(text(url->rawurl), raw);
    Nng1Url::free(memory, url);
    Nng1Url::free(memory, copy);
    return all;
}

TEST(Nng1Url, HasThePartsThatNng1Makes) {
    EXPECT_EQ(parts("tcp://Host:80"), "tcp|NULL|host:80|host|80||NULL|NULL||");
    EXPECT_EQ(parts("HTTP://u:p@Host/a?q#f"), "http|u:p|host|host|80|/a|q|f|/a?q#f|");
    EXPECT_EQ(parts("wss4://[::1]:9/x"), "wss4|NULL|[::1]:9|::1|9|/x|NULL|NULL|/x|");
    EXPECT_EQ(parts("wss4://h"), "wss4|NULL|h|h|443||NULL|NULL||");
    EXPECT_EQ(parts("tcp://*:5"), "tcp|NULL|:5||5||NULL|NULL||");
    EXPECT_EQ(parts("any+scheme://h"), "any+scheme|NULL|h|h|||NULL|NULL||");
    EXPECT_EQ(parts("ipc:///tmp/A?b"), "ipc|NULL|NULL|NULL|NULL|/tmp/A?b|NULL|NULL|NULL|");
}

TEST(Nng1Url, HasThePathInNng1sNormalForm) {
    EXPECT_EQ(parts("http://h/a//b/./c/../%7e%2f"), "http|NULL|h|h|80|/a/b/~%2F|NULL|NULL|/a/b/~%2F|");
    EXPECT_EQ(parts("http://h/a/b/.."), "http|NULL|h|h|80|/a|NULL|NULL|/a|");
    EXPECT_EQ(parts("http://h/.."), "http|NULL|h|h|80||NULL|NULL||");
    EXPECT_EQ(parts("http://h/a/?x//y/../z"), "http|NULL|h|h|80|/a/|x//y/../z|NULL|/a/?x//y/../z|");
}

TEST(Nng1Url, RefusesWhatIsNoUrl) {
    for (const char* raw : {"", "tcp", "tcp:/h", "tcp://h:", "http://[::1", "http://[::1]x", "http://a@b@c",
                            "http://h/%zz", "http://h/\xff"})
        EXPECT_EQ(parts(raw), "error 3") << raw;
}

// Returns the address that a dialer or a listener gets for the URL, or the error.
std::string converted(const char* raw, bool listens) {
    Nng1Url* url = nullptr;
    EXPECT_EQ(Nng1Url::parse(memory, raw, url), NNG_OK) << raw;
    nng_url* made = nullptr;
    const nng_err error = url->convert(memory, listens, made);
    Nng1Url::free(memory, url);
    if (error != NNG_OK) return "error " + std::to_string(error);
    const std::string scheme = made->scheme();
    const std::string address =
        scheme == "ipc" ? made->path() : made->hostname() + (" " + std::to_string(made->port()));
    made->free();
    return address;
}

TEST(Nng1Url, BecomesAUrlOfItsPartsForADialer) {
    EXPECT_EQ(converted("tcp://[::1]:5/ignored", false), "::1 5");
    EXPECT_EQ(converted("tcp4://Host:http", false), "host 80");
    EXPECT_EQ(converted("ipc:///a?b#c", false), "/a?b#c");
    for (const char* raw : {"tcp://:5", "tcp://h:no-port", "tcp://h:-1", "tcp://h:65536", "tcp://h h:5"})
        EXPECT_EQ(converted(raw, false), "error 15") << raw;
    for (const char* raw : {"http://h", "http://h h:no-port", "any+scheme://h", "\xc3\xa9://h"})
        EXPECT_EQ(converted(raw, false), "error 9") << raw;
}

TEST(Nng1Url, WithoutAHostListensAtIpv4) {
    EXPECT_EQ(converted("tcp://*:5", true), "0.0.0.0 5");
    EXPECT_EQ(converted("tcp://:5", true), "0.0.0.0 5");
    EXPECT_EQ(converted("tcp4://*:5", true), "0.0.0.0 5");
    EXPECT_EQ(converted("tcp6://*:5", true), " 5");
    EXPECT_EQ(converted("tcp://h", true), "h 0");
    EXPECT_EQ(converted("tcp://*", true), "error 15");
}

}  // namespace
}  // namespace naio
