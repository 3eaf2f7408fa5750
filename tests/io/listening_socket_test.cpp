// Tests ListeningSocket::open when system calls fail.
#include "io/listening_socket.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>

#include "io/system_calls.h"

namespace naio {
namespace {

nng_sockaddr loopback() {
    nng_sockaddr address{};
    address.s_in = {NNG_AF_INET, 0, htonl(INADDR_LOOPBACK)};
    return address;
}

nng_sockaddr path_of_this_test() {
    const std::string path = std::filesystem::temp_directory_path() / ("naio-listen-" + std::to_string(::getpid()));
    nng_sockaddr address{};
    address.s_ipc.sa_family = NNG_AF_IPC;
    path.copy(address.s_ipc.sa_path, sizeof(address.s_ipc.sa_path) - 1);
    return address;
}

class ListeningSocketTest : public testing::TestWithParam<bool> {
  protected:
    ~ListeningSocketTest() override { system_calls = kSystemCalls; }

    // Opens a socket while the system call that the test has replaced fails with `error`. Returns the result.
    nng_err open(int error) {
        failure = error;
        ListeningSocket socket;
        const nng_err result = ListeningSocket::open(address, NNG_AF_UNSPEC, -1, socket);
        EXPECT_EQ(socket.fd, -1);
        return result;
    }
    [[nodiscard]] bool has_file() const { return GetParam(); }

    static inline int failure = 0;
    const nng_sockaddr address = GetParam() ? path_of_this_test() : loopback();
};

TEST_P(ListeningSocketTest, SaysWhyItCannotBeBound) {
    system_calls.bind = [](int, const sockaddr*, socklen_t) { return errno = failure, -1; };
    EXPECT_EQ(open(EACCES), NNG_EPERM);
    EXPECT_EQ(open(EADDRINUSE), NNG_EADDRINUSE);
    EXPECT_EQ(open(ENOMEM), NNG_ENOMEM);
    if (has_file()) {
        EXPECT_EQ(open(ENOENT), NNG_ENOENT);
        EXPECT_EQ(open(ENOTDIR), NNG_ENOENT);
    } else {
        EXPECT_EQ(open(EADDRNOTAVAIL), NNG_EADDRINVAL);
    }
}

TEST_P(ListeningSocketTest, SaysWhyThereIsNone) {
    system_calls.socket = [](int, int, int) { return errno = failure, -1; };
    EXPECT_EQ(open(EMFILE), NNG_ENOFILES);
    EXPECT_EQ(open(ENFILE), NNG_ENOFILES);
    EXPECT_EQ(open(ENOBUFS), NNG_ENOMEM);
    EXPECT_EQ(open(EAFNOSUPPORT), NNG_ENOTSUP);
}

TEST_P(ListeningSocketTest, LeavesNothingBehindIfItCannotListen) {
    system_calls.listen = [](int, int) { return errno = failure, -1; };
    EXPECT_EQ(open(EADDRINUSE), NNG_EADDRINUSE);
    EXPECT_FALSE(has_file() && std::filesystem::exists(address.s_ipc.sa_path));
}

INSTANTIATE_TEST_SUITE_P(, ListeningSocketTest, testing::Bool(),
                         [](const auto& given) { return std::string(given.param ? "ipc" : "tcp"); });

}  // namespace
}  // namespace naio
