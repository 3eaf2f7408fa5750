#include "exec/task_runner.h"

namespace naio {

namespace {

thread_local TaskRunner* installed = nullptr;

}  // namespace

TaskRunner::TaskRunner() noexcept { installed = this; }

TaskRunner::~TaskRunner() {
    notify_due();
    installed = nullptr;
}

TaskRunner* TaskRunner::current() noexcept { return installed; }

}  // namespace naio
