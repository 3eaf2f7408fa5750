#include "exec/ready_descriptor.h"

#include <unistd.h>

#include "base/fault.h"
#include "base/os.h"
#include "base/pipe.h"

namespace naio {

ReadyDescriptor::~ReadyDescriptor() {
    for (const int end : ends_)
        if (end >= 0) os::close(end);
}

int ReadyDescriptor::open(bool ready) noexcept {
    if (ends_[0] >= 0) return ends_[0];
    if (open_pipe(ends_, PipeMode::kNonBlocking) != NNG_OK) return -1;
    if (ready && !NAIO_FAULT(late_descriptor_is_not_readable)) raise();
    return ends_[0];
}

void ReadyDescriptor::raise() noexcept {
    if (ends_[1] < 0) return;
    const char byte = 0;
    [[maybe_unused]] const auto put = os::write(ends_[1], &byte, 1);
}

void ReadyDescriptor::lower() noexcept {
    if (ends_[0] < 0) return;
    char byte = 0;
    [[maybe_unused]] const auto got = os::read(ends_[0], &byte, 1);
}

}  // namespace naio
