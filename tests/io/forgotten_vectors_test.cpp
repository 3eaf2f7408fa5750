// Tests operations that move bytes, on a handle without an iov. They succeed with 0 bytes. The library logs the
// first such operation of a process.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cstdlib>
#include <regex>
#include <string>

#include "support/expect_abort.h"
#include "support/stream_pair.h"

namespace naio {
namespace {

using namespace support;

void log_to_stderr() {
    ::setenv("NO_COLOR", "1", 1);
    nng_log_set_logger(nng_stderr_logger);
}

void expect_nothing_moved(const Handle& operation) {
    if (operation.wait() != NNG_OK || nng_aio_count(operation) != 0) ::_exit(1);
}

nng_udp* open_udp() {
    nng_sockaddr address{};
    address.s_in.sa_family = NNG_AF_INET;
    address.s_in.sa_addr = htonl(INADDR_LOOPBACK);
    nng_udp* udp = nullptr;
    if (nng_udp_open(&udp, &address) != NNG_OK) ::_exit(2);
    return udp;
}

naio_file* open_file(unsigned flags) {
    Handle opening;
    naio_file_open("/dev/null", flags, 0, opening);
    if (opening.wait() != NNG_OK) ::_exit(3);
    return static_cast<naio_file*>(nng_aio_get_output(opening, 0));
}

struct Call {
    const char* name;
    void (*make)(nng_aio* aio);
};

const StreamPair& streams() {
    static const auto* const pair = new StreamPair;
    return *pair;
}

const Call kCalls[] = {
    {"nng_stream_recv", [](nng_aio* aio) { nng_stream_recv(streams().near(), aio); }},
    {"nng_stream_send", [](nng_aio* aio) { nng_stream_send(streams().near(), aio); }},
    {"naio_stream_recv_all", [](nng_aio* aio) { naio_stream_recv_all(streams().near(), aio, 0); }},
    {"naio_stream_send_all", [](nng_aio* aio) { naio_stream_send_all(streams().near(), aio, 0); }},
    {"naio_file_read", [](nng_aio* aio) { naio_file_read(open_file(NAIO_FILE_READ), aio); }},
    {"naio_file_pread", [](nng_aio* aio) { naio_file_pread(open_file(NAIO_FILE_READ), 0, aio); }},
    {"naio_file_write", [](nng_aio* aio) { naio_file_write(open_file(NAIO_FILE_WRITE), aio); }},
    {"naio_file_pwrite", [](nng_aio* aio) { naio_file_pwrite(open_file(NAIO_FILE_WRITE), 0, aio); }},
};

class ForgottenVectorsDeathTest : public testing::TestWithParam<Call> {
  protected:
    ForgottenVectorsDeathTest() { testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

TEST_P(ForgottenVectorsDeathTest, AreLoggedOnce) {
    const auto forget_twice = [] {
        Handle operation;
        GetParam().make(operation);  // no logger is set, so this operation does not count as the first
        expect_nothing_moved(operation);
        log_to_stderr();
        for (int i = 0; i < 2; ++i) {
            GetParam().make(operation);
            expect_nothing_moved(operation);
        }
        ::_exit(0);
    };
    EXPECT_EXIT(forget_twice(), testing::ExitedWithCode(0),
                WasSaid(std::string("[^\n]*WARN[^\n]*\\b") + GetParam().name + "\\b[^\n]*nng_aio_set_iov[^\n]*\n"));
}

INSTANTIATE_TEST_SUITE_P(, ForgottenVectorsDeathTest, testing::ValuesIn(kCalls),
                         [](const auto& each) { return each.param.name; });

// A send without an iov is not logged, because an empty datagram is valid. A receive without an iov is logged.
TEST(ForgottenVectorsOfADatagramDeathTest, AreLoggedForAReceiveOnly) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    const auto forget = [] {
        log_to_stderr();
        nng_udp* const udp = open_udp();
        nng_sockaddr self{};
        if (nng_udp_sockname(udp, &self) != NNG_OK) ::_exit(4);
        Handle sending, receiving;
        if (nng_aio_set_input(sending, 0, &self) != NNG_OK) ::_exit(5);
        nng_udp_send(udp, sending);  // sends an empty datagram
        expect_nothing_moved(sending);
        nng_udp_recv(udp, receiving);
        expect_nothing_moved(receiving);
        ::_exit(0);
    };
    EXPECT_EXIT(forget(), testing::ExitedWithCode(0), WasSaid("[^\n]*WARN[^\n]*\\bnng_udp_recv\\b[^\n]*\n"));
}

}  // namespace
}  // namespace naio
