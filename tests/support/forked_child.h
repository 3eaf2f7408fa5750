// Runs a function in a forked child of the test, and returns the child's text on stderr and its exit status. Only one
// source file of a program may include this header, because it defines a function with C linkage.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <functional>
#include <string>

// Turns the leak checker off in a forked child. The child does not have the threads whose stacks show which memory is
// still in use, so the checker would report memory that is not lost.
#if defined(__SANITIZE_ADDRESS__)
#define CONFORMANCE_LEAK_CHECKER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CONFORMANCE_LEAK_CHECKER
#endif
#endif
#if defined(CONFORMANCE_LEAK_CHECKER)
namespace {
const pid_t tests_pid = getpid();
}
extern "C" int __lsan_is_turned_off() { return getpid() != tests_pid ? 1 : 0; }
#endif

namespace support {

struct Child {
    int status;        // the status that waitpid has stored
    std::string said;  // the text that the child has printed to stderr

    [[nodiscard]] bool exited() const { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }
    [[nodiscard]] bool aborted() const { return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT; }
};

inline std::string read_all(int descriptor) {
    std::string all;
    std::array<char, 512> some{};
    for (ssize_t n; (n = read(descriptor, some.data(), some.size())) > 0;)
        all.append(some.data(), static_cast<std::size_t>(n));
    return all;
}

// Forks, and runs `body` in the child.
inline Child in_a_forked_child(const std::function<void()>& body) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(pipe(ends), 0);
    std::fflush(nullptr);
    const pid_t pid = fork();
    EXPECT_GE(pid, 0);
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        body();
        _exit(0);
    }
    close(ends[1]);
    Child child{};
    child.said = read_all(ends[0]);
    close(ends[0]);
    EXPECT_EQ(waitpid(pid, &child.status, 0), pid);
    return child;
}

inline void expect_refusal(const Child& child, const std::string& call) {
    EXPECT_TRUE(child.aborted()) << child.status << ' ' << child.said;
    EXPECT_NE(child.said.find(call), std::string::npos) << child.said;
    EXPECT_NE(child.said.find("fork"), std::string::npos) << child.said;
}

}  // namespace support
