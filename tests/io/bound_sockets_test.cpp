// Tests the search for the sockets that are bound to a path.
#include "io/bound_sockets.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "io/system_calls.h"
#include "support/objects.h"

namespace naio {
namespace {

using namespace support;
using support::Descriptor;

class BoundSocketsTest : public testing::Test {
  protected:
    BoundSocketsTest() { std::filesystem::create_directory(folder_); }
    ~BoundSocketsTest() override {
        system_calls = kSystemCalls;
        std::filesystem::remove_all(folder_);
    }
    void SetUp() override {
        const Descriptor probe = bind_to("probe");
        if (find("probe") == Bound::kUnknown) GTEST_SKIP() << "this system does not tell of its Unix sockets";
    }

    [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }

    Descriptor bind_to(const std::string& name, int type = SOCK_STREAM) const {
        Descriptor bound(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path(name).copy(address.sun_path, sizeof(address.sun_path) - 1);
        EXPECT_EQ(::bind(bound, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
        return bound;
    }

    [[nodiscard]] Bound find(const std::string& name) const {
        struct stat file {};
        EXPECT_EQ(::lstat(path(name).c_str(), &file), 0);
        return find_bound_socket(file, path(name).c_str());
    }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("naio-bound-" + std::to_string(::getpid()));
};

TEST_F(BoundSocketsTest, OneThatDoesNotListenYetIsFound) {
    const Descriptor bound = bind_to("a");
    EXPECT_EQ(find("a"), Bound::kYes);
}

TEST_F(BoundSocketsTest, ASocketThatListensIsFound) {
    const Descriptor bound = bind_to("a");
    ASSERT_EQ(::listen(bound, 1), 0);
    EXPECT_EQ(find("a"), Bound::kYes);
}

TEST_F(BoundSocketsTest, OneForDatagramsIsFound) {
    const Descriptor bound = bind_to("a", SOCK_DGRAM);
    EXPECT_EQ(find("a"), Bound::kYes);
}

TEST_F(BoundSocketsTest, OneUnderAnotherNameIsFound) {
    const Descriptor bound = bind_to("a");
    std::filesystem::rename(path("a"), path("b"));
    EXPECT_EQ(find("b"), Bound::kYes);
}

TEST_F(BoundSocketsTest, AFileThatWasLeftBehindIsNotBound) {
    const Descriptor other = bind_to("other");
    bind_to("a").reset();
    EXPECT_EQ(find("a"), Bound::kNo);
}

TEST_F(BoundSocketsTest, OneOfManyIsFound) {
    std::vector<Descriptor> all;  // more than fit into one answer of the system
    for (int i = 0; i < 400; ++i) all.push_back(bind_to(std::to_string(i)));
    bind_to("a").reset();
    EXPECT_EQ(find("a"), Bound::kNo);
    for (const int i : {0, 7, 200, 399}) EXPECT_EQ(find(std::to_string(i)), Bound::kYes) << i;
}

TEST_F(BoundSocketsTest, IsUnknownIfTheSystemRefusesToTell) {
    const Descriptor bound = bind_to("a");
    system_calls.socket = [](int, int, int) { return errno = EAFNOSUPPORT, -1; };
    EXPECT_EQ(find("a"), Bound::kUnknown);
}

}  // namespace
}  // namespace naio
