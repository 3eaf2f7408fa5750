// Tests addresses: the conversion from and to the system's form, the text, equality and the hash.
#include "io/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace naio {
namespace {

nng_sockaddr ipv4(std::uint32_t host, std::uint16_t port) {
    nng_sockaddr address{};
    address.s_in = {NNG_AF_INET, htons(port), htonl(host)};
    return address;
}

nng_sockaddr ipv6(const char* host, std::uint16_t port, std::uint32_t scope = 0) {
    nng_sockaddr address{};
    address.s_in6 = {NNG_AF_INET6, htons(port), scope, {}};
    EXPECT_EQ(inet_pton(AF_INET6, host, address.s_in6.sa_addr), 1);
    return address;
}

nng_sockaddr ipc(std::string_view path) {
    nng_sockaddr address{};
    address.s_ipc.sa_family = NNG_AF_IPC;
    path.copy(address.s_ipc.sa_path, path.size());
    return address;
}

nng_sockaddr inproc(std::string_view name) {
    nng_sockaddr address = ipc(name);
    address.s_family = NNG_AF_INPROC;
    return address;
}

nng_sockaddr abstract(std::string_view name) {
    nng_sockaddr address{};
    address.s_abstract.sa_family = NNG_AF_ABSTRACT;
    address.s_abstract.sa_len = static_cast<std::uint16_t>(name.size());
    std::memcpy(address.s_abstract.sa_name, name.data(), std::min<std::size_t>(name.size(), 107));
    return address;
}

std::string text(const nng_sockaddr& address) {
    char buffer[400];
    return text_of(address, buffer, sizeof(buffer));
}

nng_sockaddr unspecified() { return {}; }

const std::string kLongestName(107, 'n');

std::vector<nng_sockaddr> all_different() {
    using namespace std::string_view_literals;
    return {ipv4(0, 0),         ipv4(1, 0),         ipv4(0, 1),         ipv4(0x7f000001, 80),  ipv6("::", 0),
            ipv6("::1", 0),     ipv6("::", 1),      ipv6("fe80::1", 1), ipv6("fe80::1", 1, 2), ipc("/a"),
            ipc("/b"),          ipc("a"),           ipc(kLongestName),  abstract(""),          abstract("a"),
            abstract("a\0b"sv), abstract("a\0c"sv), abstract("\0"sv),   abstract(kLongestName)};
}

TEST(Address, GoesToTheSystemAndBack) {
    for (const nng_sockaddr& address : all_different()) {
        SystemAddress system;
        nng_sockaddr back;
        ASSERT_TRUE(to_system(address, system)) << text(address);
        ASSERT_TRUE(from_system(system, back)) << text(address);
        EXPECT_EQ(std::memcmp(&address, &back, sizeof(back)), 0) << text(address) << " became " << text(back);
    }
}

TEST(Address, OfTheSystemIsWhatTheSystemExpects) {
    SystemAddress system;
    ASSERT_TRUE(to_system(ipv4(0x7f000001, 80), system));
    EXPECT_EQ(system.get()->sa_family, AF_INET);
    EXPECT_EQ(system.size, sizeof(sockaddr_in));
    ASSERT_TRUE(to_system(abstract("ab"), system));
    EXPECT_EQ(system.get()->sa_family, AF_UNIX);
    EXPECT_EQ(system.size, offsetof(sockaddr_un, sun_path) + 3);
    ASSERT_TRUE(to_system(abstract(""), system));
    EXPECT_EQ(system.size, offsetof(sockaddr_un, sun_path)) << "the system chooses a name";
    ASSERT_TRUE(to_system(ipc("/ab"), system));
    EXPECT_EQ(system.size, offsetof(sockaddr_un, sun_path) + 4);
}

TEST(Address, OfNoFamilyOfTheSystemIsRefused) {
    SystemAddress system;
    EXPECT_FALSE(to_system(unspecified(), system));
    EXPECT_FALSE(to_system(inproc("name"), system));
    nng_sockaddr other{};
    other.s_family = 77;
    EXPECT_FALSE(to_system(other, system));
}

TEST(Address, WithANameThatDoesNotFitIsRefused) {
    SystemAddress system;
    EXPECT_FALSE(to_system(ipc(""), system)) << "an empty path would be an abstract address";
    EXPECT_FALSE(to_system(ipc(kLongestName + "n"), system));
    EXPECT_FALSE(to_system(ipc(std::string(NNG_MAXADDRLEN, 'n')), system)) << "the path has no zero byte";
    EXPECT_FALSE(to_system(abstract(kLongestName + "n"), system));
}

TEST(Address, OfAnUnnamedSocketIsAbstractWithoutName) {
    SystemAddress system;
    system.get()->sa_family = AF_UNIX;
    for (const std::size_t size : {sizeof(sa_family_t), offsetof(sockaddr_un, sun_path)}) {
        system.size = static_cast<socklen_t>(size);
        nng_sockaddr address = ipc("/before");
        EXPECT_TRUE(from_system(system, address));
        EXPECT_TRUE(equal(address, abstract("")));
    }
}

TEST(Address, WithoutAZeroByteAtTheEndIsReadAllTheSame) {
    SystemAddress system;
    system.get()->sa_family = AF_UNIX;
    auto& local = reinterpret_cast<sockaddr_un&>(system.storage);
    std::memset(local.sun_path, 'p', sizeof(local.sun_path));
    system.size = sizeof(sockaddr_un);
    nng_sockaddr address;
    EXPECT_TRUE(from_system(system, address));
    EXPECT_EQ(text(address), std::string(sizeof(local.sun_path), 'p'));
}

TEST(Address, ThatIsCutOrUnknownIsNone) {
    SystemAddress system;
    nng_sockaddr address = ipc("/before");
    ASSERT_TRUE(to_system(ipv6("::1", 1), system));
    system.size = sizeof(sockaddr_in);
    EXPECT_FALSE(from_system(system, address));
    EXPECT_EQ(address.s_family, NNG_AF_UNSPEC);
    system.size = 0;
    EXPECT_FALSE(from_system(system, address));
    system = {};
    system.get()->sa_family = AF_APPLETALK;
    EXPECT_FALSE(from_system(system, address));
}

TEST(Address, IsEqualToItselfAlone) {
    const auto addresses = all_different();
    for (std::size_t i = 0; i < addresses.size(); ++i)
        for (std::size_t j = 0; j < addresses.size(); ++j) EXPECT_EQ(equal(addresses[i], addresses[j]), i == j);
    EXPECT_FALSE(equal(unspecified(), unspecified()));
    EXPECT_FALSE(equal(ipc("name"), inproc("name")));
    EXPECT_TRUE(equal(inproc("name"), inproc("name")));
}

TEST(Address, EqualityIgnoresWhatIsBehindAName) {
    nng_sockaddr a = ipc("/name");
    nng_sockaddr b = a;
    b.s_ipc.sa_path[20] = 'x';
    EXPECT_TRUE(equal(a, b));
    EXPECT_EQ(hash_of(a), hash_of(b));
}

TEST(Address, HashesDiffer) {
    const auto addresses = all_different();
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        EXPECT_NE(hash_of(addresses[i]), 0u);
        for (std::size_t j = 0; j < i; ++j) EXPECT_NE(hash_of(addresses[i]), hash_of(addresses[j]));
    }
    EXPECT_NE(hash_of(unspecified()), 0u);
}

TEST(Address, HasThePortOfItsFamily) {
    EXPECT_EQ(port_of(ipv4(1, 8080)), 8080);
    EXPECT_EQ(port_of(ipv6("::1", 65535)), 65535);
    EXPECT_EQ(port_of(ipc("/x")), 0);
    EXPECT_EQ(port_of(unspecified()), 0);
}

TEST(Address, AsTextIsAsInNng) {
    using namespace std::string_view_literals;
    EXPECT_EQ(text(ipv4(0x7f000001, 80)), "127.0.0.1:80");
    EXPECT_EQ(text(ipv6("::1", 80)), "[::1]:80");
    EXPECT_EQ(text(ipv6("::", 80)), "[::]:80");
    EXPECT_EQ(text(ipv6("fc00::", 80)), "[fc00::]:80");
    EXPECT_EQ(text(ipv6("fe80::4", 80, 2)), "[fe80::4%2]:80");
    EXPECT_EQ(text(ipv6("::ffff:192.168.1.100", 80)), "[::ffff:192.168.1.100]:80");
    EXPECT_EQ(text(ipc("/tmp/testing")), "/tmp/testing");
    EXPECT_EQ(text(inproc("one")), "inproc[one]");
    EXPECT_EQ(text(abstract("one")), "abstract[one]");
    EXPECT_EQ(text(abstract("a\0%"sv)), "abstract[a%00%25]");
    EXPECT_EQ(text(unspecified()), "unknown");
}

TEST(Address, AsTextIsCutToTheBuffer) {
    char buffer[] = "xxxxxxxxxxxx";
    EXPECT_STREQ(text_of(ipv4(0x7f000001, 80), buffer, 6), "127.0");
    EXPECT_EQ(buffer[6], 'x');
    EXPECT_EQ(text_of(ipv4(1, 1), buffer, 0), buffer);
    EXPECT_STREQ(buffer, "127.0") << "nothing is written";
    EXPECT_EQ(text_of(ipv4(1, 1), nullptr, 0), nullptr);
}

TEST(Address, AsTextHasRoomInWhatTheHeaderSays) {
    char buffer[NNG_MAXADDRSTRLEN];
    for (const nng_sockaddr& address : all_different())
        EXPECT_EQ(text(address).substr(0, sizeof(buffer) - 1), text_of(address, buffer, sizeof(buffer)));
}

}  // namespace
}  // namespace naio
