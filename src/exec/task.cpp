#include "exec/task.h"

namespace naio {

constinit thread_local CallOut::Here CallOut::here;

Task* Task::run() noexcept {
    CallOut from_here;
    return from_here.run(*this);
}

const CallOut* Task::call_here() const noexcept {
    const CallOut* call = CallOut::here.innermost;
    while (call != nullptr && call->task() != this) call = call->outer_;
    return call;
}

bool Task::runs_extra_here() const noexcept {
    const CallOut* const call = call_here();
    return call != nullptr && call->extra_;
}

}  // namespace naio
