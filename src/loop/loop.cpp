#include "loop/loop.h"

#include <fcntl.h>
#include <unistd.h>

namespace naio {

namespace {

// The first loop of a process that cannot open descriptors does not fail in libuv: it aborts. So see whether those that
// a loop takes are to be had, before it asks.
bool descriptors_are_left() noexcept {
    constexpr int kPipes = 5;
    std::array<int, 2 * kPipes> ends{};
    int pipes = 0;
    while (pipes < kPipes && ::pipe(&ends[static_cast<std::size_t>(2 * pipes)]) == 0) ++pipes;
    for (int i = 0; i < 2 * pipes; ++i) ::close(ends[static_cast<std::size_t>(i)]);
    return pipes == kPipes;
}

// A program may have closed its standard descriptors. What is opened next would take their numbers, and libuv insists
// that none of its own is one of them.
class StandardDescriptors {
  public:
    StandardDescriptors() noexcept {
        for (int& filler : fillers_) {
            filler = ::open("/dev/null", O_RDWR | O_CLOEXEC);
            if (filler > STDERR_FILENO || filler < 0) return;
        }
    }
    ~StandardDescriptors() {
        for (const int filler : fillers_)
            if (filler >= 0) ::close(filler);
    }
    StandardDescriptors(const StandardDescriptors&) = delete;
    StandardDescriptors& operator=(const StandardDescriptors&) = delete;

  private:
    std::array<int, 4> fillers_{-1, -1, -1, -1};  // of the last one the number is free
};

}  // namespace

Loop::Loop() noexcept : stop_([](void* loop) noexcept { uv_stop(static_cast<uv_loop_t*>(loop)); }, &loop_) {
    attach(stop_);
}

bool Loop::open() noexcept {
    const StandardDescriptors taken;
    if (!descriptors_are_left() || uv_loop_init(&loop_) != 0) return false;
    std::size_t opened = 0;
    while (opened < attached_ && sources_[opened]->open(loop_)) ++opened;
    if (opened == attached_) return true;
    close_all(opened);
    return false;
}

void Loop::close_all(std::size_t opened) noexcept {
    for (std::size_t i = 0; i < opened; ++i) sources_[i]->close();
    // What was closed is done with only when the loop has turned once more; then it has nothing left to watch.
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
}

}  // namespace naio
