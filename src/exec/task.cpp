#include "exec/task.h"

namespace naio {

namespace {

// The tasks whose runs are on this thread's stack, the innermost first.
struct Frame {
    const Task* task;
    const Frame* outer;
};
thread_local const Frame* innermost = nullptr;

}  // namespace

Task* Task::run() noexcept {
    const Frame frame{this, innermost};
    innermost = &frame;
    Task* again = run_(*this);
    innermost = frame.outer;
    return again;
}

bool Task::any_on_this_stack() noexcept { return innermost != nullptr; }

bool Task::on_this_stack() const noexcept {
    const Frame* frame = innermost;
    while (frame != nullptr && frame->task != this) frame = frame->outer;
    return frame != nullptr;
}

}  // namespace naio
