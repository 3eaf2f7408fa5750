// Tests the parts of parsed URLs, and the refusal of malformed URLs.
#include "io/url.h"

#include <gtest/gtest.h>
#include <netdb.h>

#include <string>

#include "support/test_allocator.h"
#include "url_parts.h"

namespace naio {
namespace {

using namespace support;

class Url : public testing::Test {
  protected:
    nng_err parse(std::string_view text) {
        nng_url* url = nullptr;
        const nng_err error = nng_url::parse(allocator_, text, url);
        EXPECT_EQ(error == NNG_OK, url != nullptr);
        if (url != nullptr) url->free();
        return error;
    }

    OwnedUrl good(std::string_view text) {
        nng_url* url = nullptr;
        EXPECT_EQ(nng_url::parse(allocator_, text, url), NNG_OK) << text;
        return OwnedUrl(url);
    }

    UrlParts parts(std::string_view text) {
        const OwnedUrl url = good(text);
        return url != nullptr ? parts_of(*url) : UrlParts{};
    }

    std::string normal_form(std::string_view text) {
        const OwnedUrl url = good(text);
        return url != nullptr ? printed(*url) : "";
    }

    TestAllocator allocator_;
};

TEST_F(Url, HasAllPartsThatAreWritten) {
    EXPECT_EQ(parts("http://user@www.example.com:1234/some/where?result=yes#chapter1"),
              (UrlParts{"http", "user", "www.example.com", "/some/where", "result=yes", "chapter1", 1234}));
}

TEST_F(Url, HasNoPartsThatAreNotWritten) {
    EXPECT_EQ(parts("http://www.example.com"), (UrlParts{"http", "-", "www.example.com", "", "-", "-", 80}));
    EXPECT_EQ(parts("http://h?q"), (UrlParts{"http", "-", "h", "", "q", "-", 80}));
    EXPECT_EQ(parts("http://h#f"), (UrlParts{"http", "-", "h", "", "-", "f", 80}));
    EXPECT_EQ(parts("http://h/p#f?no"), (UrlParts{"http", "-", "h", "/p", "-", "f?no", 80}));
    EXPECT_EQ(parts("http://h/?#"), (UrlParts{"http", "-", "h", "/", "", "", 80}));
    EXPECT_EQ(parts("tcp://:9876/"), (UrlParts{"tcp", "-", "", "/", "-", "-", 9876}));
    EXPECT_EQ(parts("ws://"), (UrlParts{"ws", "-", "", "", "-", "-", 80}));
    EXPECT_EQ(parts("tcp://*:0"), (UrlParts{"tcp", "-", "*", "", "-", "-", 0}));
}

TEST_F(Url, OfTheOtherKindIsTakenAsItIs) {
    for (const std::string scheme : {"ipc", "unix", "abstract", "socket", "inproc"})
        for (const std::string path : {"", "/tmp//x/../y", "a b?c#d", "%", "//", "Name@host:1", "\xff"}) {
            EXPECT_EQ(parts(scheme + "://" + path), (UrlParts{scheme, "-", "-", path, "-", "-", 0}));
            EXPECT_EQ(normal_form(scheme + "://" + path), scheme + "://" + path);
        }
}

TEST_F(Url, HasThePortOfItsScheme) {
    EXPECT_EQ(parts("https://h").port, 443u);
    EXPECT_EQ(parts("wss6://h").port, 443u);
    EXPECT_EQ(parts("ws4://h").port, 80u);
    EXPECT_EQ(parts("ssh://u@h").port, 22u);
    EXPECT_EQ(parts("git://h").port, 9418u);
    EXPECT_EQ(parts("tcp://h").port, 0u);
    EXPECT_EQ(parts("udp://h").port, 0u);
}

TEST_F(Url, HasThePortOfAService) {
    if (::getservbyname("http", "tcp") == nullptr) GTEST_SKIP() << "the system has no list of services";
    EXPECT_EQ(parts("tcp://h:http").port, 80u);
    EXPECT_EQ(parts("tcp://h:HTTPS").port, 443u);
}

TEST_F(Url, RefusesWhatIsNoService) {
    EXPECT_EQ(parse("tcp://h:nosuchservice"), NNG_EINVAL);
    EXPECT_EQ(parse("tcp://h:" + std::string(40, 'a')), NNG_EINVAL);
}

TEST_F(Url, RefusesWhatIsNoPort) {
    EXPECT_EQ(parts("tcp://h:0").port, 0u);
    EXPECT_EQ(parts("tcp://h:00080").port, 80u);
    EXPECT_EQ(parts("tcp://h:65535").port, 65535u);
    for (const char* port : {"", "65536", "99999999999999999999", "-1", "+1", "0x50", "80:80", "1.5", "%38%30"})
        EXPECT_EQ(parse("tcp://h:" + std::string(port)), NNG_EINVAL) << port;
}

TEST_F(Url, TakesIpv6InBrackets) {
    EXPECT_EQ(parts("http://[::1]"), (UrlParts{"http", "-", "::1", "", "-", "-", 80}));
    EXPECT_EQ(parts("http://[::1]:29/bottles"), (UrlParts{"http", "-", "::1", "/bottles", "-", "-", 29}));
    EXPECT_EQ(parts("tcp6://[FE80::A%25Eth0]:1").host, "fe80::a%Eth0");
    EXPECT_EQ(parts("tcp6://[fe80::1%eth0]:1").host, "fe80::1%eth0");
    EXPECT_EQ(parts("tcp6://[fe80::1%25]:1").host, "fe80::1%25") << "25 is the number of an interface";
    EXPECT_EQ(normal_form("tcp://[fe80::1%eth0]:1"), "tcp://[fe80::1%25eth0]:1");
    EXPECT_EQ(normal_form("tcp://[::1]:1"), "tcp://[::1]:1");
}

TEST_F(Url, RefusesWhatIsNoIpv6) {
    for (const char* host : {"[::1", "[::1]x", "[::1]]", "[]", "[127.0.0.1]", "[::g]", "[::1%]", "[::1%a/b]", "[[::1]]",
                             "::1", "a[::1]", "[1:2:3:4:5:6:7:8:9]", "[::1%25a%25b]"})
        EXPECT_EQ(parse("tcp://" + std::string(host) + ":80"), NNG_EINVAL) << host;
}

TEST_F(Url, RefusesWhatIsNoHost) {
    EXPECT_EQ(parts("http://" + std::string(255, 'a')).host.size(), 255u);
    EXPECT_EQ(parse("http://" + std::string(256, 'a')), NNG_EINVAL);
    for (const char* host : {"a b", "a\\b", "a%20b", "a\"", "<a>", "a|b", "\xc3\xa4", "a\tb", "{a}"})
        EXPECT_EQ(parse("tcp://" + std::string(host)), NNG_EINVAL) << host;
}

TEST_F(Url, HasOneUserinfoAtMost) {
    EXPECT_EQ(parts("ssh://a:b@h").userinfo, "a:b");
    EXPECT_EQ(parts("ssh://@h").userinfo, "");
    EXPECT_EQ(parts("http://h/a@b").userinfo, "-");
    EXPECT_EQ(parse("http://user@@user@h"), NNG_EINVAL);
    EXPECT_EQ(parse("http://a@b@h"), NNG_EINVAL);
    EXPECT_EQ(parse("http://a%@h"), NNG_EINVAL);
    EXPECT_EQ(normal_form("ssh://user@h"), "ssh://h");
}

TEST_F(Url, NeedsASchemeThatIsKnown) {
    for (const char* text : {"", "://", "www.example.com", "http:www.example.com", "http:/x", "a b://x", "1",
                             "tcp:", "tcp:/", "//x", "\xff://x"})
        EXPECT_EQ(parse(text), NNG_EINVAL) << text;
    for (const char* text : {"nosuch://bogus", "ht://x", "tcp5://x", "tc://x", "httpx://x"})
        EXPECT_EQ(parse(text), NNG_ENOTSUP) << text;
    EXPECT_EQ(parts("HTTP://X").scheme, "http");
}

TEST_F(Url, ComesIntoItsNormalForm) {
    EXPECT_EQ(normal_form("HTTP://www.EXAMPLE.com:80/bogus/.%2e/%7egarrett"), "http://www.example.com/~garrett");
    EXPECT_EQ(normal_form("http://www.x.com//abc/def/./x/..///./../y"), "http://www.x.com/abc/y");
    EXPECT_EQ(normal_form("http://www.x.com/?/abc/def/./x/.././../y"), "http://www.x.com/?/abc/def/./x/.././../y");
    EXPECT_EQ(normal_form("http://x/a%2fb?c%3d#d%3D"), "http://x/a%2Fb?c%3D#d%3D");
    EXPECT_EQ(normal_form("tcp://x"), "tcp://x:0");
    EXPECT_EQ(normal_form("http://x:0"), "http://x:0");
}

TEST_F(Url, IsUtf8) {
    EXPECT_EQ(parts("http://x/%c2%a2_cents").path, "/\xc2\xa2_cents");
    EXPECT_EQ(parts("http://x/\xc2\xa2").path, "/\xc2\xa2");
    for (const char* rest : {"/x%80x", "/x%c0%81", "/%c2", "/?%ff", "/#%ed%a0%80", "/%c2/%a2"})
        EXPECT_EQ(parse("http://x" + std::string(rest)), NNG_EINVAL) << rest;
}

TEST_F(Url, RefusesBrokenEncodingsAndControlCharacters) {
    for (const char* rest : {"/%", "/%2", "/%zz", "/?%", "/#%1", "/a b", "/a\n", "/\x7f", "/?\x01"})
        EXPECT_EQ(parse("http://x" + std::string(rest)), NNG_EINVAL) << rest;
    EXPECT_EQ(parse(std::string_view("http://x/\0y", 11)), NNG_EINVAL);
}

TEST_F(Url, MayBeLongButNotEndless) {
    const std::string long_one =
        "http://example.com/" + std::string(8192, 'a') + "?" + std::string(8192, 'b') + "#frag";
    EXPECT_EQ(normal_form(long_one), long_one);
    EXPECT_EQ(parse("ipc://" + std::string(nng_url::kMaxSize - 6, 'a')), NNG_OK);
    EXPECT_EQ(parse("ipc://" + std::string(nng_url::kMaxSize - 5, 'a')), NNG_EINVAL);
}

TEST_F(Url, PrintsLikeSnprintf) {
    const OwnedUrl url = good("tcp://host:80/p");
    char buffer[8] = "xxxxxxx";
    EXPECT_EQ(url->print(nullptr, 0), 15);
    EXPECT_EQ(url->print(buffer, 5), 15);
    EXPECT_STREQ(buffer, "tcp:");
    EXPECT_EQ(buffer[5], 'x');
}

TEST_F(Url, CanBeCloned) {
    OwnedUrl url = good("http://u@h:1/p?q#f");
    const OwnedUrl copy(url->clone());
    const UrlParts before = parts_of(*url);
    url->resolve_port(7);
    url.reset();
    EXPECT_EQ(parts_of(*copy), before);
}

TEST_F(Url, ResolvesThePortOnlyIfItIsOpen) {
    const OwnedUrl open = good("tcp://h:0");
    open->resolve_port(7);
    EXPECT_EQ(open->port(), 7u);
    open->resolve_port(8);
    EXPECT_EQ(open->port(), 7u);
    EXPECT_EQ(printed(*open), "tcp://h:7");
}

TEST_F(Url, KnowsTheFamilyOfItsScheme) {
    EXPECT_EQ(good("tcp://h")->family(), NNG_AF_UNSPEC);
    EXPECT_EQ(good("tcp4://h")->family(), NNG_AF_INET);
    EXPECT_EQ(good("tls+tcp6://h")->family(), NNG_AF_INET6);
}

TEST_F(Url, WithoutMemoryIsAnError) {
    const OwnedUrl url = good("tcp://h");
    TestAllocator::fail_after(0);
    EXPECT_EQ(parse("tcp://h"), NNG_ENOMEM);
    EXPECT_EQ(url->clone(), nullptr);
    TestAllocator::fail_no_more();
}

}  // namespace
}  // namespace naio
