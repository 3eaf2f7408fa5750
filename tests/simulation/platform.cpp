#include "platform.h"

#include <poll.h>
#include <sched.h>

namespace simulation {

bool is_readable(int descriptor) {
    pollfd ready{descriptor, POLLIN, 0};
    return poll(&ready, 1, 0) == 1;
}

void let_others_run() { sched_yield(); }

}  // namespace simulation
