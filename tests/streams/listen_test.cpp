// Tests the states and the addresses of listeners.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <nng/nng.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "stream_test.h"
#include "support/scale.h"

namespace streams {
namespace {

using namespace support;

std::string path_of(const std::string& url) { return url.substr(url.find("://") + 3); }

// True if the system lists the files that sockets are bound to.
bool system_lists_sockets() {
    const Descriptor asking(socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    return asking >= 0;
}

class Listen : public ServiceTest {
  protected:
    // Expects that the listener accepts a dial to the URL.
    static void expect_open(nng_stream_listener* listener, const std::string& url) {
        const Stream near = dial(url);
        send_all(near, {1, 2, 3});
        Transfer recv(3);
        do {  // a process that also wanted to listen there may have connected, to see whether the socket is live
            Transfer accept;
            ASSERT_EQ(accept.accept(listener).wait().result, NNG_OK);
            const Stream far = accept.stream();
            recv.recv(far).wait();
        } while (nng_aio_result(recv) == NNG_ECONNSHUT);
        EXPECT_EQ(recv.moved(), (Bytes{1, 2, 3}));
    }
};

TEST_P(Listen, Twice) { EXPECT_EQ(nng_stream_listener_listen(service.listener()), NNG_ESTATE); }

TEST_P(Listen, AcceptBeforeItIsRefused) {
    const Listener listener = make_listener(fresh_url(scheme()));
    Transfer accept;
    EXPECT_EQ(accept.accept(listener).wait(), (Outcome{NNG_ESTATE, 0}));
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    EXPECT_EQ(accept.within(5).accept(listener).wait(), kTimedOut);
}

TEST_P(Listen, AcceptBeforeItTellsAStoppedHandle) {
    const Listener listener = make_listener(fresh_url(scheme()));
    Transfer accept;
    nng_aio_stop(accept);
    EXPECT_EQ(accept.accept(listener).wait(), kStopped);
}

TEST_P(Listen, WhereAListenerListensAlready) {
    const Listener second = make_listener(service.url());
    EXPECT_EQ(nng_stream_listener_listen(second), NNG_EADDRINUSE);
    expect_open(service.listener(), service.url());
}

TEST_P(Listen, WhereAForeignProcessListensAlready) {
    const std::string url = fresh_full_url(scheme());
    const Descriptor foreign = listen_on(scheme(), url);
    const Listener second = make_listener(url);
    EXPECT_EQ(nng_stream_listener_listen(second), NNG_EADDRINUSE);
    const Descriptor fd = connect_to(scheme(), url);  // the foreign socket can still be reached
}

TEST_P(Listen, AgainAfterAFailureWhenTheAddressIsFree) {
    const Listener second = make_listener(service.url());
    ASSERT_EQ(nng_stream_listener_listen(second), NNG_EADDRINUSE);
    service.free();
    ASSERT_EQ(nng_stream_listener_listen(second), NNG_OK);
    expect_open(second, service.url());
}

TEST_P(Listen, WhereAListenerWasFreedBefore) {
    for (int i = 0; i < 3; ++i) {
        service.free();
        const Listener next = make_listener(service.url());
        ASSERT_EQ(nng_stream_listener_listen(next), NNG_OK);
        expect_open(next, service.url());
    }
}

TEST_P(Listen, WhereAListenerWasClosedBefore) {
    nng_stream_listener_close(service.listener());
    const Listener next = make_listener(service.url());
    ASSERT_EQ(nng_stream_listener_listen(next), NNG_OK);
    nng_stream_listener_stop(service.listener());
    service.free();  // the free must not take the address from `next`
    expect_open(next, service.url());
}

TEST_P(Listen, AfterCloseIsRefused) {
    const Listener listener = make_listener(fresh_url(scheme()));
    nng_stream_listener_close(listener);
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_ECLOSED);
}

TEST_P(Listen, ByAUrlObjectIsTheSame) {
    const std::string text = fresh_full_url(scheme());
    nng_url* url = nullptr;
    ASSERT_EQ(nng_url_parse(&url, text.c_str()), NNG_OK);
    nng_stream_listener* made = nullptr;
    ASSERT_EQ(nng_stream_listener_alloc_url(&made, url), NNG_OK);
    nng_url_free(url);
    const Listener listener(made);
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    expect_open(listener, text);
}

TEST_P(Listen, NeverAndBeFreed) {
    const Listener listener = make_listener(fresh_url(scheme()));
    nng_stream_listener_stop(listener);
}

TEST_P(Listen, DialersAreRefusedAfterClose) {
    nng_stream_listener_close(service.listener());
    nng_stream_listener_stop(service.listener());
    const Dialer dialer = make_dialer(service.url());
    Transfer dial;
    EXPECT_EQ(dial.dial(dialer).wait(), (Outcome{NNG_ECONNREFUSED, 0}));
}

// ---- A descriptor that listens already ----------------------------------------------------------

class ListenFd : public testing::TestWithParam<Scheme> {
  protected:
    static const Scheme& scheme() { return GetParam(); }

    const std::string url = fresh_full_url(scheme());
    Descriptor fd = listen_on(scheme(), url);
    Listener listener = make_listener(fresh_url(scheme()));
};

TEST_P(ListenFd, AcceptsWithoutListen) {
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, fd.release()), NNG_OK);
    const Stream near = dial(url);
    Transfer accept;
    ASSERT_EQ(accept.accept(listener).wait().result, NNG_OK);
    const Stream far = accept.stream();
    send_all(near, {1});
    EXPECT_EQ(recv_all(far, 1), Bytes{1});
}

TEST_P(ListenFd, IsMadeNotToBlock) {
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, fd.release()), NNG_OK);
    Transfer accept;
    EXPECT_EQ(accept.within(5).accept(listener).wait(), kTimedOut);
}

TEST_P(ListenFd, IsTakenOver) {
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, fd.release()), NNG_OK);
    listener.reset();
    const Dialer dialer = make_dialer(url);
    Transfer dial;
    EXPECT_EQ(dial.dial(dialer).wait().result, NNG_ECONNREFUSED);
}

TEST_P(ListenFd, IsForAListenerThatDoesNotListenYet) {
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, fd), NNG_EBUSY);
    const Descriptor still_ours = connect_to(scheme(), url);
}

TEST_P(ListenFd, IsListeningItself) {
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, fd.release()), NNG_OK);
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_ESTATE);
}

TEST_P(ListenFd, OfAClosedListenerIsRefused) {
    nng_stream_listener_close(listener);
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, fd), NNG_ECLOSED);
}

TEST_P(ListenFd, OfNoSocketIsRefused) {
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, -1), NNG_EINVAL);
    const Descriptor file(open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, file), NNG_EINVAL);
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_OK);  // the refused options have changed nothing
}

TEST_P(ListenFd, OfAnotherFamilyIsRefused) {
    for (const Scheme& other : dialing_schemes()) {
        if (other.tcp() == scheme().tcp()) continue;
        const Descriptor foreign = listen_on(other, fresh_full_url(other));
        EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, foreign), NNG_EADDRINVAL);
    }
}

TEST_P(ListenFd, IsReadWhileTheListenerListens) {
    int value = -1;
    EXPECT_EQ(nng_stream_listener_get_int(listener, NNG_OPT_LISTEN_FD, &value), NNG_ESTATE);
    const int taken = fd.release();
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, taken), NNG_OK);
    bool wrong_type = false;
    EXPECT_EQ(nng_stream_listener_get_bool(listener, NNG_OPT_LISTEN_FD, &wrong_type), NNG_EBADTYPE);
    EXPECT_EQ(nng_stream_listener_get_int(listener, NNG_OPT_LISTEN_FD, &value), NNG_OK);
    EXPECT_EQ(value, taken);
    nng_stream_listener_close(listener);
    value = -1;
    EXPECT_EQ(nng_stream_listener_get_int(listener, NNG_OPT_LISTEN_FD, &value), NNG_ECLOSED);
    EXPECT_EQ(value, -1);
}

// A copy, because one descriptor cannot belong to two listeners.
TEST_P(ListenFd, IsReadToLetAnotherListenerAccept) {
    const std::string listened = fresh_full_url(scheme());
    const Listener first = make_listener(listened);
    ASSERT_EQ(nng_stream_listener_listen(first), NNG_OK);
    int value = -1;
    ASSERT_EQ(nng_stream_listener_get_int(first, NNG_OPT_LISTEN_FD, &value), NNG_OK);
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, dup(value)), NNG_OK);
    const Stream near = dial(listened);
    Transfer accept;
    ASSERT_EQ(accept.accept(listener).wait().result, NNG_OK);
    const Stream far = accept.stream();
    send_all(near, {1});
    EXPECT_EQ(recv_all(far, 1), Bytes{1});
    nng_stream_listener_stop(first);  // it has opened the socket, so the copy listens no more
    Transfer refused;
    EXPECT_EQ(refused.dial(make_dialer(listened)).wait().result, NNG_ECONNREFUSED);
}

// ---- Files --------------------------------------------------------------------------------------

class ListenFile : public ServiceTest {};

TEST_P(ListenFile, ThatADeadListenerLeftIsReplaced) {
    const std::string url = fresh_full_url(scheme());
    listen_on(scheme(), url).reset();
    ASSERT_TRUE(std::filesystem::exists(path_of(url)));
    const Listener listener = make_listener(url);
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    EXPECT_NE(dial(url), nullptr);
}

TEST_P(ListenFile, ThatADeadListenerLeftIsReplacedByOneWithItsOwnPermissions) {
    const std::string url = fresh_full_url(scheme());
    listen_on(scheme(), url).reset();
    std::filesystem::permissions(path_of(url), std::filesystem::perms::all);
    const Listener listener = make_listener(url);
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0620), NNG_OK);
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    struct stat status {};
    ASSERT_EQ(stat(path_of(url).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0620u);
    EXPECT_NE(dial(url), nullptr);
}

TEST_P(ListenFile, OfASocketThatDoesNotListenYetIsLeftAlone) {
    const std::string url = fresh_full_url(scheme());
    const Descriptor bound = bind_to(scheme(), url);
    const Listener listener = make_listener(url);
    const nng_err result = nng_stream_listener_listen(listener);
    if (!system_lists_sockets()) GTEST_SKIP() << "the system does not tell";
    EXPECT_EQ(result, NNG_EADDRINUSE);
    ASSERT_EQ(::listen(bound, 16), 0);
    const Descriptor fd = connect_to(scheme(), url);
}

TEST_P(ListenFile, OfALiveListenerIsLeftAloneWithoutAConnectionToIt) {
    if (!system_lists_sockets()) GTEST_SKIP() << "the system does not tell";
    const Listener listener = make_listener(service.url());
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_EADDRINUSE);
    Transfer accept;
    EXPECT_EQ(accept.within(0).accept(service.listener()).wait(), kTimedOut);
}

// Tests listeners while another descriptor holds the lock on the directory.
class ListenInALockedFolder : public ServiceTest {
  protected:
    ListenInALockedFolder() { EXPECT_EQ(flock(folder, LOCK_EX), 0); }

    const Descriptor folder{
        open(std::filesystem::path(path_of(service.url())).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
};

TEST_P(ListenInALockedFolder, IsPossibleWhereThereIsNoFile) {
    const std::string url = fresh_full_url(scheme());
    const Listener listener = make_listener(url);
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    EXPECT_NE(dial(url), nullptr);
}

TEST_P(ListenInALockedFolder, ReplacesNothing) {
    const std::string url = fresh_full_url(scheme());
    listen_on(scheme(), url).reset();
    const Listener listener = make_listener(url);
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_EADDRINUSE);
    EXPECT_TRUE(std::filesystem::exists(path_of(url)));
    ASSERT_EQ(flock(folder, LOCK_UN), 0);
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_OK);
}

TEST_P(ListenInALockedFolder, EndsWithItsFileAllTheSame) {
    nng_stream_listener_close(service.listener());
    EXPECT_FALSE(std::filesystem::exists(path_of(service.url())));
}

TEST_P(ListenFile, ThatIsNoSocketIsLeftAlone) {
    const std::string url = fresh_full_url(scheme());
    std::ofstream(path_of(url)) << "precious";
    const Listener listener = make_listener(url);
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_EADDRINUSE);
    std::string content;
    std::ifstream(path_of(url)) >> content;
    EXPECT_EQ(content, "precious");
}

TEST_P(ListenFile, OfALiveListenerWithAFullBacklogIsLeftAlone) {
    const Crowded crowded(scheme());
    const Listener listener = make_listener(crowded.url());
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_EADDRINUSE);
    EXPECT_TRUE(std::filesystem::exists(path_of(crowded.url())));
}

TEST_P(ListenFile, GoesWithItsListener) {
    ASSERT_TRUE(std::filesystem::is_socket(path_of(service.url())));
    nng_stream_listener_close(service.listener());
    nng_stream_listener_stop(service.listener());
    EXPECT_FALSE(std::filesystem::exists(path_of(service.url())));
}

TEST_P(ListenFile, OfAListenerThatTookTheNameOverStays) {
    ASSERT_TRUE(std::filesystem::remove(path_of(service.url())));
    const Listener next = make_listener(service.url());
    ASSERT_EQ(nng_stream_listener_listen(next), NNG_OK);
    service.free();
    EXPECT_TRUE(std::filesystem::is_socket(path_of(service.url())));
    nng_stream_listener_close(next);
    EXPECT_FALSE(std::filesystem::exists(path_of(service.url())));
}

TEST_P(ListenFile, OfARefusedListenerIsNotTaken) {
    Listener second = make_listener(service.url());
    ASSERT_EQ(nng_stream_listener_listen(second), NNG_EADDRINUSE);
    second.reset();
    EXPECT_TRUE(std::filesystem::is_socket(path_of(service.url())));
    EXPECT_NE(dial(service.url()), nullptr);
}

// The library removes the file before it closes the socket, whichever thread closes the listener. If it closed the
// socket first, it could remove the next listener's file.
TEST_P(ListenFile, OfTheNextListenerStaysWhenTwoThreadsCloseTheOneBefore) {
    const std::string url = fresh_full_url(scheme());
    for (unsigned round = 0; round < rounds(200); ++round) {
        const Listener first = make_listener(url);
        const Listener next = make_listener(url);
        ASSERT_EQ(nng_stream_listener_listen(first), NNG_OK);
        std::thread closing([&] { nng_stream_listener_close(first); });
        nng_stream_listener_stop(first);
        EXPECT_EQ(nng_stream_listener_listen(next), NNG_OK);
        closing.join();
        EXPECT_TRUE(std::filesystem::is_socket(path_of(url)));
    }
}

TEST_P(ListenFile, InAFolderThatIsNotThere) {
    const Listener listener = make_listener(fresh_url(scheme()) + "/there/is/none");
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_ENOENT);
}

TEST_P(ListenFile, BelowAFile) {
    const std::string url = service.url() + "/below";
    const Listener listener = make_listener(url);
    EXPECT_EQ(nng_stream_listener_listen(listener), NNG_ENOENT);
    const Dialer dialer = make_dialer(url);
    Transfer dial;
    EXPECT_EQ(dial.dial(dialer).wait().result, NNG_ECONNREFUSED);
}

TEST_P(ListenFile, HasThePermissionsThatWereSet) {
    const std::string url = fresh_full_url(scheme());
    const Listener listener = make_listener(url);
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0640), NNG_OK);
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    struct stat status {};
    ASSERT_EQ(stat(path_of(url).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0640u);
    EXPECT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0600), NNG_EBUSY);
}

TEST_P(ListenFile, WithPermissionsThatAreNone) {
    EXPECT_EQ(nng_stream_listener_set_int(make_listener(fresh_url(scheme())), NNG_OPT_IPC_PERMISSIONS, S_IFREG | 0600),
              NNG_EINVAL);
    EXPECT_EQ(nng_stream_listener_set_int(make_listener(fresh_url(scheme())), NNG_OPT_IPC_PERMISSIONS, -1), NNG_EINVAL);
}

TEST_P(ListenFile, WithANameThatIsTooLong) {
    const std::string url = fresh_url(scheme()) + std::string(100, 'x');
    nng_stream_listener* made = nullptr;
    const nng_err allocated = nng_stream_listener_alloc(&made, url.c_str());
    const Listener listener(made);
    const nng_err result = allocated == NNG_OK ? nng_stream_listener_listen(listener) : allocated;
    EXPECT_TRUE(result == NNG_EADDRINVAL || result == NNG_EINVAL) << nng_strerror(result);
}

NAIO_OVER(dialing_schemes, Listen);
NAIO_OVER(dialing_schemes, ListenFd);
NAIO_OVER(file_schemes, ListenFile);
NAIO_OVER(file_schemes, ListenInALockedFolder);

}  // namespace
}  // namespace streams
