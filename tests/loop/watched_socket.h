// A watch of one end of a socket pair, for tests.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <utility>

#include "loop/watch.h"
#include "support/event.h"

namespace naio {

// A watch of one end of a socket pair. The test writes to the other end.
class Socket final : public Watch {
  public:
    explicit Socket(Poller& poller) : Socket(poller, pair()) {}
    // Watches a descriptor that is `lowest` or higher.
    Socket(Poller& poller, int lowest) : Socket(poller, renumbered(pair(), lowest)) {}
    ~Socket() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }

    void put() const { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }

    // Called when the descriptor is ready. Returns the events that are still wanted.
    std::function<unsigned(unsigned)> on_ready = [](unsigned) { return 0u; };
    std::function<void()> on_closed = [] {};
    std::function<void()> on_refused = [] {};
    support::Event readied;
    support::Event is_closed;
    support::Event is_lost;
    support::Event is_refused;

    [[nodiscard]] int descriptor() const { return ends_[0]; }
    [[nodiscard]] int get() const {
        char byte = 0;
        return static_cast<int>(::read(ends_[0], &byte, 1));
    }

  private:
    using Pair = std::array<int, 2>;
    static Pair pair() {
        Pair ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
        return ends;
    }
    static Pair renumbered(Pair ends, int lowest) {
        const int number = ::fcntl(ends[0], F_DUPFD_CLOEXEC, lowest);
        ::close(std::exchange(ends[0], number));
        return ends;
    }
    Socket(Poller& poller, Pair ends) : Watch(poller, ends[0]), ends_(ends) {}

    void attached() noexcept override {}
    unsigned ready(unsigned events) noexcept override {
        const unsigned left = on_ready(events);
        readied.set();
        return left;
    }
    void refused(int) noexcept override {
        on_refused();
        is_refused.set();
    }
    void closed() noexcept override {
        on_closed();
        is_closed.set();
    }
    void lost() noexcept override { is_lost.set(); }

    Pair ends_;
};

}  // namespace naio
