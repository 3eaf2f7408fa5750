#include "exec/task.h"

namespace naio {

constinit thread_local CallOut::Here CallOut::here;

Task* Task::run() noexcept {
    CallOut from_here;
    return from_here.run(*this);
}

bool Task::on_this_stack() const noexcept {
    const CallOut* call = CallOut::here.innermost;
    while (call != nullptr && call->task() != this) call = call->outer_;
    return call != nullptr;
}

}  // namespace naio
