#include "exec/task_runner.h"

namespace naio {

constinit thread_local TaskRunner* TaskRunner::installed = nullptr;

TaskRunner::TaskRunner() noexcept { installed = this; }

TaskRunner::~TaskRunner() {
    notify_due();
    installed = nullptr;
}

}  // namespace naio
