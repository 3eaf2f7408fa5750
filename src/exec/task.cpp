#include "exec/task.h"

namespace naio {

namespace {

thread_local const CallOut* innermost = nullptr;

}  // namespace

CallOut::CallOut(const Task* task) noexcept : task_(task), outer_(innermost) { innermost = this; }

CallOut::~CallOut() { innermost = outer_; }

bool CallOut::any() noexcept { return innermost != nullptr; }

Task* Task::run() noexcept {
    const CallOut from_here(this);
    return run_(*this);
}

bool Task::on_this_stack() const noexcept {
    const CallOut* call = innermost;
    while (call != nullptr && call->task_ != this) call = call->outer_;
    return call != nullptr;
}

}  // namespace naio
