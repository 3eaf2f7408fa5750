// Measures how soon the number of pollers follows a change of the load:
//
//     bench_pollers [ROUNDS]
//
// The load is 100 descriptors that are ready all the time, with 5 us of work for each readiness. Each round has new
// pollers, and measures two times. The first is from the beginning of the load until a second poller does some of the
// work. The second is from the end of the load, after which the program asks for each descriptor only every half
// millisecond, until one poller has all descriptors. The program prints the median and the maximum of each time in
// milliseconds.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "base/allocator.h"
#include "base/clock.h"
#include "exec/task_queue.h"
#include "loop/pollers.h"
#include "loop/watch.h"

using naio::Nanoseconds;
using naio::now;

namespace {

void require(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "not so: %s\n", what);
    std::exit(1);
}

std::atomic<bool> busy = false;

// A watch of one end of a pair of sockets, which has something to read all the time.
class Source final : public naio::Watch {
  public:
    Source(naio::Poller& poller, const std::array<int, 2>& ends) : Watch(poller, ends[0]), ends_(ends) {
        require(::write(ends_[1], "x", 1) == 1, "a byte is written");
    }
    ~Source() {
        if (!close())
            while (!is_closed_) std::this_thread::yield();
        for (const int end : ends_) ::close(end);
    }

    // Returns the poller that has called the watch last.
    [[nodiscard]] const naio::Poller* called_on() const { return called_on_; }

  private:
    void attached() noexcept override {}
    unsigned ready(unsigned) noexcept override {
        called_on_ = &poller();
        if (!busy) return 0;
        for (const Nanoseconds end = now() + 5000; now() < end;) {
        }
        return kReadable;
    }
    void refused(int) noexcept override { require(false, "the system watches the descriptor"); }
    void closed() noexcept override { is_closed_ = true; }
    void lost() noexcept override { is_closed_ = true; }

    const std::array<int, 2> ends_;
    std::atomic<const naio::Poller*> called_on_ = nullptr;
    std::atomic<bool> is_closed_ = false;
};

std::unique_ptr<Source> source(naio::Pollers& pollers) {
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0, "there is a pair of sockets");
    naio::Poller* poller = nullptr;
    require(pollers.next(poller) == NNG_OK, "there is a poller");
    return std::make_unique<Source>(*poller, ends);
}

double ms_since(Nanoseconds begin) { return static_cast<double>(now() - begin) / naio::kMillisecond; }

// Blocks until the sources have been called on exactly `n` pollers, and calls `each` again and again until then.
template <typename Each>
void wait_for(unsigned n, const std::vector<std::unique_ptr<Source>>& sources, Each each) {
    for (;;) {
        each();
        std::vector<const naio::Poller*> seen;
        for (const auto& source : sources)
            if (source->called_on() != nullptr) seen.push_back(source->called_on());
        std::sort(seen.begin(), seen.end());
        if (std::unique(seen.begin(), seen.end()) - seen.begin() == n) return;
        std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
}

void print(const char* what, std::vector<double> times) {
    std::sort(times.begin(), times.end());
    std::printf("%-36s %8.1f %8.1f\n", what, times[times.size() / 2], times.back());
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 15;
    if (naio::usable_processors() < 2) {
        std::puts("one processor has one poller");
        return 0;
    }
    const naio::Allocator allocator;
    naio::TaskQueue workers;
    require(workers.start(allocator, {1, 1}, "bench:task"), "a worker starts");
    std::vector<double> up, down;
    for (int round = 0; round < rounds; ++round) {
        naio::Pollers pollers(workers);
        pollers.open_adapting(2);
        std::vector<std::unique_ptr<Source>> sources;
        for (int i = 0; i < 100; ++i) sources.push_back(source(pollers));
        const auto want_all = [&] {
            for (auto& each : sources) require(each->want(naio::Watch::kReadable), "the watch is not closed");
        };
        want_all();
        wait_for(1, sources, [] {});
        std::this_thread::sleep_for(std::chrono::milliseconds(50));  // until the poller has called all of them
        const Nanoseconds begin = now();
        busy = true;
        want_all();
        wait_for(2, sources, [] {});
        up.push_back(ms_since(begin));
        std::this_thread::sleep_for(std::chrono::seconds(1));  // so that the next change follows no other one
        const Nanoseconds end = now();
        busy = false;
        wait_for(1, sources, want_all);
        down.push_back(ms_since(end));
        sources.clear();
        pollers.close();
    }
    workers.stop();
    std::printf("%-36s %8s %8s\n", "", "median", "longest");
    print("the load begins: 2 pollers work, ms", up);
    print("the load ends: 1 poller has all, ms", down);
}
