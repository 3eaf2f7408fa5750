// Tests Resolver with the names of fake_names.h: order, families, services, failures, and requests to end a look-up.
#include "io/resolver.h"

#include <gtest/gtest.h>
#include <netdb.h>

#include <string>
#include <thread>
#include <vector>

#include "fake_names.h"
#include "io/address.h"
#include "io/system_calls.h"
#include "support/running_services.h"

namespace naio {
namespace {

using namespace support;

class ResolverTest : public testing::Test {
  protected:
    ResolverTest() {
        queue_.start(running_.allocator, 1, "test:name");
        system_calls.getaddrinfo = FakeNames::look_up;
    }
    ~ResolverTest() override {
        aio_->free();
        queue_.stop();
    }

    void start(const char* host, const char* service = "80", int family = NNG_AF_UNSPEC, unsigned flags = 0) {
        resolver_.resolve(*aio_, {host, service, family, flags}, {addresses_, room_});
    }

    // Waits for the operation. Returns the addresses that were found, or the error.
    std::string outcome() {
        aio_->wait();
        if (aio_->result() != NNG_OK) return "error " + std::to_string(aio_->result());
        std::string all;
        for (std::size_t i = 0; i < aio_->count(); ++i) {
            char text[NNG_MAXADDRSTRLEN];
            all += std::string(i != 0 ? " " : "") + text_of(addresses_[i], text, sizeof(text));
        }
        return all;
    }
    std::string resolve(const char* host, const char* service = "80", int family = NNG_AF_UNSPEC, unsigned flags = 0) {
        start(host, service, family, flags);
        return outcome();
    }
    static std::string error(nng_err code) { return "error " + std::to_string(code); }

    FakeNames names_;
    RunningServices running_;
    BlockingQueue queue_;
    Resolver resolver_{queue_, running_.allocator};
    Aio* aio_ = running_.registry.create(nullptr, nullptr);
    nng_sockaddr addresses_[16]{};
    std::size_t room_ = 16;
};

TEST_F(ResolverTest, ANameHasItsAddressesInOrder) {
    EXPECT_EQ(resolve("one"), "10.0.0.1:80");
    EXPECT_EQ(resolve("many").substr(0, 23), "10.0.0.1:80 10.0.0.2:80");
    EXPECT_EQ(aio_->count(), 10u);
    EXPECT_EQ(FakeNames::answered(), 2);
}

// The signals of a profiler, for example, interrupt look-ups.
TEST_F(ResolverTest, ALookUpThatASignalInterruptsIsRepeated) {
    EXPECT_EQ(resolve("interrupted"), "10.0.0.1:80");
    EXPECT_EQ(FakeNames::answered(), 2);
}

TEST_F(ResolverTest, OnlyAsManyAsThereIsRoomFor) {
    room_ = 3;
    EXPECT_EQ(resolve("many"), "10.0.0.1:80 10.0.0.2:80 10.0.0.3:80");
    EXPECT_EQ(addresses_[3].s_family, NNG_AF_UNSPEC);
    room_ = 0;
    EXPECT_EQ(resolve("many"), "");
}

TEST_F(ResolverTest, NumbersAreAnsweredWithoutAsking) {
    aio_->set_timeout(0);
    EXPECT_EQ(resolve("127.0.0.1"), "127.0.0.1:80");
    EXPECT_EQ(resolve("::1", "0"), "[::1]:0");
    EXPECT_EQ(resolve("1.2.3.4", nullptr), "1.2.3.4:0");
    EXPECT_EQ(resolve("fe80::1%1"), "[fe80::1%1]:80");
    EXPECT_EQ(FakeNames::answered(), 0);
}

TEST_F(ResolverTest, NumbersHonourSkipCallback) {
    bool skipped = false;
    aio_->skip_callback(&skipped);
    start("127.0.0.1");
    EXPECT_TRUE(skipped);
    EXPECT_EQ(outcome(), "127.0.0.1:80");
}

TEST_F(ResolverTest, NumbersOfTheOtherFamilyAreNoAddress) {
    system_calls.getaddrinfo = ::getaddrinfo;
    EXPECT_EQ(resolve("127.0.0.1", "80", NNG_AF_INET6), error(NNG_EADDRINVAL));
    EXPECT_EQ(resolve("::1", "80", NNG_AF_INET), error(NNG_EADDRINVAL));
}

TEST_F(ResolverTest, NoHostIsThisMachine) {
    for (const char* host : {static_cast<const char*>(nullptr), ""}) {
        EXPECT_EQ(resolve(host, "80", NNG_AF_INET), "127.0.0.1:80");
        EXPECT_EQ(resolve(host, "80", NNG_AF_INET6), "[::1]:80");
        EXPECT_EQ(resolve(host, "80", NNG_AF_INET, NAIO_RESOLVE_PASSIVE), "0.0.0.0:80");
        EXPECT_EQ(resolve(host, "80", NNG_AF_INET6, NAIO_RESOLVE_PASSIVE), "[::]:80");
        resolve(host, "80", NNG_AF_UNSPEC, NAIO_RESOLVE_PASSIVE);
        EXPECT_EQ(aio_->count(), 2u);
    }
    EXPECT_EQ(resolve("*", "80", NNG_AF_INET, NAIO_RESOLVE_PASSIVE), "0.0.0.0:80");
    EXPECT_EQ(resolve("*"), error(NNG_EADDRINVAL));
    EXPECT_EQ(FakeNames::answered(), 0);
}

TEST_F(ResolverTest, ServicesHaveNames) {
    if (::getservbyname("http", "tcp") == nullptr) GTEST_SKIP() << "the system has no list of services";
    system_calls.getaddrinfo = ::getaddrinfo;
    EXPECT_EQ(resolve("127.0.0.1", "http"), "127.0.0.1:80");
}

TEST_F(ResolverTest, RefusesWhatIsNoService) {
    system_calls.getaddrinfo = ::getaddrinfo;
    EXPECT_EQ(resolve("127.0.0.1", "nosuchservice"), error(NNG_EADDRINVAL));
    for (const char* service : {"65536", "99999999999999999999", "-1", "+1", " 1", "", "65536x"})
        EXPECT_EQ(resolve("127.0.0.1", service), error(NNG_EADDRINVAL)) << service;
}

TEST_F(ResolverTest, TheSystemKnowsLocalhost) {
    system_calls.getaddrinfo = ::getaddrinfo;
    EXPECT_EQ(resolve("localhost", "80", NNG_AF_INET), "127.0.0.1:80");
}

TEST_F(ResolverTest, ANameOfThisMachineHasAllOfItsLoopbackAddresses) {
    EXPECT_EQ(resolve("self"), "[::1]:80 127.0.0.1:80");
    EXPECT_EQ(resolve("self6"), "[::1]:80");
    EXPECT_EQ(FakeNames::answered(), 4);
}

TEST_F(ResolverTest, OtherNamesHaveNoAddressThatIsNotReached) {
    EXPECT_EQ(resolve("far6"), error(NNG_EADDRINVAL));
    EXPECT_EQ(FakeNames::answered(), 2);
    EXPECT_EQ(resolve("one"), "10.0.0.1:80");
    EXPECT_EQ(FakeNames::answered(), 3);
}

TEST_F(ResolverTest, AnUnknownNameOfTheNetworkIsAskedForOnce) {
    EXPECT_EQ(resolve("self6.example"), error(NNG_EADDRINVAL));
    EXPECT_EQ(FakeNames::answered(), 1);
}

TEST_F(ResolverTest, APassiveLookUpHasAddressesOfTheMachinesFamilies) {
    EXPECT_EQ(resolve("self", "80", NNG_AF_UNSPEC, NAIO_RESOLVE_PASSIVE), "127.0.0.1:80");
    EXPECT_EQ(FakeNames::answered(), 1);
}

TEST_F(ResolverTest, EachFailureHasItsCode) {
    EXPECT_EQ(resolve("none"), error(NNG_EADDRINVAL));
    EXPECT_EQ(resolve("down"), error(NNG_EADDRINVAL));
    EXPECT_EQ(resolve("broken"), error(NNG_ENOFILES));
    EXPECT_EQ(aio_->count(), 0u);
}

TEST_F(ResolverTest, WhatMakesNoSenseIsRefusedWithoutAsking) {
    EXPECT_EQ(resolve("one", "80", NNG_AF_IPC), error(NNG_ENOTSUP));
    EXPECT_EQ(resolve("one", "80", NNG_AF_UNSPEC, 2), error(NNG_EINVAL));
    EXPECT_EQ(resolve(std::string(256, 'a').c_str()), error(NNG_EADDRINVAL));
    EXPECT_EQ(resolve("one", std::string(33, 'a').c_str()), error(NNG_EADDRINVAL));
    EXPECT_EQ(FakeNames::answered(), 0);
    EXPECT_EQ(resolve(std::string(255, 'a').c_str()), "10.0.0.1:80");
}

TEST_F(ResolverTest, ATimeoutEndsALookUpThatHangs) {
    aio_->set_timeout(1);
    EXPECT_EQ(resolve("hang"), error(NNG_ETIMEDOUT));
    EXPECT_EQ(aio_->outcome(), kTotal);
    EXPECT_EQ(aio_->count(), 0u);
    EXPECT_EQ(FakeNames::answered(), 0);
    FakeNames::let_go();
}

TEST_F(ResolverTest, CancelEndsALookUpThatHangs) {
    start("hang");
    FakeNames::wait_until_asked(1);
    EXPECT_TRUE(aio_->cancel(kTotal, NNG_ECANCELED));
    EXPECT_EQ(outcome(), error(NNG_ECANCELED));
    EXPECT_EQ(aio_->outcome(), kTotal);
    FakeNames::let_go();
}

TEST_F(ResolverTest, TheLateAnswerIsWrittenNowhere) {
    start("hang");
    FakeNames::wait_until_asked(1);
    aio_->cancel(kTotal, NNG_ECANCELED);
    aio_->wait();
    FakeNames::let_go();
    FakeNames::wait_until_answered(1);
    EXPECT_EQ(resolve("none"), error(NNG_EADDRINVAL));  // begins after the first look-up has answered
    queue_.stop();
    EXPECT_EQ(addresses_[0].s_family, NNG_AF_UNSPEC);
}

TEST_F(ResolverTest, OthersNeedNotWaitForALookUpThatWasAbandoned) {
    start("hang");
    FakeNames::wait_until_asked(1);
    aio_->cancel(kTotal, NNG_ECANCELED);
    aio_->wait();
    EXPECT_EQ(resolve("one"), "10.0.0.1:80");
    FakeNames::let_go();
}

TEST_F(ResolverTest, ALookUpThatWaitsForAThreadCanBeCancelled) {
    start("hang");
    FakeNames::wait_until_asked(1);
    Aio* second = running_.registry.create(nullptr, nullptr);
    resolver_.resolve(*second, {"one", nullptr, NNG_AF_UNSPEC, 0}, {addresses_, room_});
    EXPECT_TRUE(second->cancel(kTotal, NNG_ECANCELED));
    second->wait();
    EXPECT_EQ(second->result(), NNG_ECANCELED);
    second->free();
    FakeNames::let_go();
    EXPECT_EQ(outcome(), "10.0.0.1:80");
    EXPECT_EQ(FakeNames::answered(), 1);
}

TEST_F(ResolverTest, StopDoesNotWaitForALookUpThatHangs) {
    start("hang");
    FakeNames::wait_until_asked(1);
    aio_->stop();
    EXPECT_EQ(aio_->result(), NNG_ESTOPPED);
    queue_.stop();
    FakeNames::let_go();
}

TEST_F(ResolverTest, TheAnswerAndARequestMayMeet) {
    int answered = 0, cancelled = 0;
    for (int i = 0; i < 2000; ++i) {
        start("one");
        std::thread other([this] { aio_->cancel(kAllTypes, NNG_ECANCELED); });
        const std::string result = outcome();
        other.join();
        answered += result == "10.0.0.1:80" ? 1 : 0;
        cancelled += result == error(NNG_ECANCELED) ? 1 : 0;
    }
    EXPECT_EQ(answered + cancelled, 2000);
}

TEST_F(ResolverTest, AZeroTimeoutDoesNotAsk) {
    aio_->set_timeout(0);
    EXPECT_EQ(resolve("one"), error(NNG_ETIMEDOUT));
    EXPECT_EQ(FakeNames::answered(), 0);
}

TEST_F(ResolverTest, AStoppedAioIsRefusedWithStopped) {
    aio_->stop();
    for (const char* host : {"one", "127.0.0.1", "*"}) EXPECT_EQ(resolve(host), error(NNG_ESTOPPED));
}

TEST_F(ResolverTest, WithoutMemoryItFails) {
    TestAllocator::fail_after(0);
    EXPECT_EQ(resolve("one"), error(NNG_ENOMEM));
    TestAllocator::fail_after(1);  // no memory is left for the queue's thread
    EXPECT_EQ(resolve("one"), error(NNG_ENOMEM));
    TestAllocator::fail_no_more();
    EXPECT_EQ(resolve("one"), "10.0.0.1:80");
}

}  // namespace
}  // namespace naio
