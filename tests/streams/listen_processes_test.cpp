// Tests processes that listen at one path at the same time. This process itself does not use the library; it forks the
// processes that do.
#include <gtest/gtest.h>
#include <nng/nng.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <new>
#include <vector>

#include "scheme.h"
#include "service.h"
#include "support/library.h"
#include "support/objects.h"
#include "support/scale.h"

namespace streams {
namespace {

using namespace support;

constexpr int kProcesses = 4;
constexpr int kRounds = static_cast<int>(rounds(300));
constexpr unsigned kPatience = 240;  // seconds until SIGALRM kills a process that waits for a dead one

// The memory that the processes share.
class Common {
  public:
    explicit Common(unsigned members) {
        pthread_barrierattr_t attributes;
        pthread_barrierattr_init(&attributes);
        pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_barrier_init(&barrier_, &attributes, members);
    }
    void meet() { pthread_barrier_wait(&barrier_); }

    std::array<std::atomic<int>, kProcesses> results{};
    std::atomic<int> listened{0};
    std::atomic<int> wrong{0};

  private:
    pthread_barrier_t barrier_;
};

class ListenProcesses : public testing::Test {
  protected:
    ListenProcesses() {
        bring_library_down();  // if earlier tests of this process have used the library
        void* const memory = mmap(nullptr, sizeof(Common), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        common = new (memory) Common(kProcesses + 1);
        alarm(kPatience);
    }
    ~ListenProcesses() override { alarm(0); }

    void fork_all(const std::function<void(int)>& work) {
        for (int i = 0; i < kProcesses; ++i) {
            const pid_t child = fork();
            if (child == 0) {
                alarm(kPatience);
                work(i);
                nng_fini();
                _exit(0);
            }
            children_.push_back(child);
        }
    }
    void expect_good_ends() {
        for (const pid_t child : children_) {
            int status = -1;
            waitpid(child, &status, 0);
            EXPECT_EQ(status, 0);
        }
    }
    void leave_a_file_behind() const { listen_on(scheme, url).reset(); }
    [[nodiscard]] bool is_there() const { return std::filesystem::exists(path); }

    const Scheme scheme = file_schemes().front();
    const std::string url = fresh_full_url(scheme);
    const std::string path = url.substr(url.find("://") + 3);
    Common* common = nullptr;

  private:
    std::vector<pid_t> children_;
};

TEST_F(ListenProcesses, OfSeveralThatFindAnOldFileAtOnceOneListens) {
    fork_all([this](int self) {
        for (int round = 0; round < kRounds; ++round) {
            Listener listener = make_listener(url);
            common->meet();
            common->results[static_cast<std::size_t>(self)] = nng_stream_listener_listen(listener);
            common->meet();
            common->meet();
            listener.reset();
            common->meet();
        }
    });
    for (int round = 0; round < kRounds; ++round) {
        if (round % 4 != 3) leave_a_file_behind();
        common->meet();
        common->meet();
        int listening = 0;
        for (const auto& result : common->results) {
            listening += result == NNG_OK ? 1 : 0;
            EXPECT_TRUE(result == NNG_OK || result == NNG_EADDRINUSE) << nng_strerror(static_cast<nng_err>(+result));
        }
        EXPECT_EQ(listening, 1) << "in round " << round;
        const Descriptor reached = connect_to(scheme, url);
        common->meet();
        common->meet();
        EXPECT_FALSE(is_there());
    }
    expect_good_ends();
}

int peer_of(int fd) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 ? credentials.pid : -1;
}

TEST_F(ListenProcesses, WhatAListenerMakesIsItsOwnUntilItCloses) {
    leave_a_file_behind();
    fork_all([this](int) {
        for (int round = 0; round < kRounds; ++round) {
            Listener listener = make_listener(url);
            if (nng_stream_listener_listen(listener) != NNG_OK) continue;
            ++common->listened;
            for (int i = 0; i < 3; ++i) {
                const Descriptor reached = connect_to(scheme, url);
                if (peer_of(reached) != getpid()) ++common->wrong;
            }
            if (round % 2 == 0) continue;
            nng_stream_listener_close(listener);
        }
    });
    expect_good_ends();
    EXPECT_GT(common->listened, 0);
    EXPECT_EQ(common->wrong, 0);
    EXPECT_FALSE(is_there());
}

}  // namespace
}  // namespace streams
