// Tests that each C function of URLs, addresses and socket pairs calls the right implementation.
#include <gtest/gtest.h>
#include <nng/nng.h>
#include <unistd.h>

#include <cstring>

namespace {

TEST(CapiUrl, EveryAccessorReadsItsPart) {
    nng_url* url = nullptr;
    ASSERT_EQ(nng_url_parse(&url, "http://u@h:0/p?q#f"), NNG_OK);
    nng_url* copy = nullptr;
    ASSERT_EQ(nng_url_clone(&copy, url), NNG_OK);
    nng_url_resolve_port(url, 81);
    EXPECT_STREQ(nng_url_scheme(url), "http");
    EXPECT_STREQ(nng_url_userinfo(url), "u");
    EXPECT_STREQ(nng_url_hostname(url), "h");
    EXPECT_STREQ(nng_url_path(url), "/p");
    EXPECT_STREQ(nng_url_query(url), "q");
    EXPECT_STREQ(nng_url_fragment(url), "f");
    EXPECT_EQ(nng_url_port(url), 81u);
    EXPECT_EQ(nng_url_port(copy), 0u);
    char text[32];
    EXPECT_EQ(nng_url_sprintf(text, sizeof(text), url), 17);
    EXPECT_STREQ(text, "http://h:81/p?q#f");
    nng_url_free(url);
    nng_url_free(copy);
    nng_url_free(nullptr);
}

TEST(CapiUrl, WhatIsRefusedLeavesThePointerAlone) {
    nng_url* url = nullptr;
    EXPECT_EQ(nng_url_parse(&url, "www.example.com"), NNG_EINVAL);
    EXPECT_EQ(nng_url_parse(&url, "nosuch://x"), NNG_ENOTSUP);
    EXPECT_EQ(url, nullptr);
}

TEST(CapiSockaddr, EveryFunctionIsWired) {
    nng_sockaddr a{};
    a.s_in.sa_family = NNG_AF_INET;
    const unsigned char port[] = {0x1f, 0x90}, host[] = {127, 0, 0, 1};
    std::memcpy(&a.s_in.sa_port, port, 2);
    std::memcpy(&a.s_in.sa_addr, host, 4);
    nng_sockaddr b = a;
    EXPECT_EQ(nng_sockaddr_port(&a), 8080u);
    EXPECT_TRUE(nng_sockaddr_equal(&a, &b));
    EXPECT_EQ(nng_sockaddr_hash(&a), nng_sockaddr_hash(&b));
    b.s_in.sa_port = 0;
    EXPECT_FALSE(nng_sockaddr_equal(&a, &b));
    char text[NNG_MAXADDRSTRLEN];
    EXPECT_STREQ(nng_str_sockaddr(&a, text, sizeof(text)), "127.0.0.1:8080");
}

TEST(CapiSocketPair, IsConnected) {
    int ends[2];
    ASSERT_EQ(nng_socket_pair(ends), NNG_OK);
    char byte = 0;
    EXPECT_EQ(write(ends[0], "x", 1), 1);
    EXPECT_EQ(read(ends[1], &byte, 1), 1);
    EXPECT_EQ(byte, 'x');
    close(ends[0]);
    close(ends[1]);
}

}  // namespace
