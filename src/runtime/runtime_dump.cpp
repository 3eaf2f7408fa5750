// Writes everything that the library does at this moment, as lines of text.
#include <nng/nng.h>

#include "exec/queues_in_wait.h"
#include "runtime/runtime.h"

namespace naio {

void Runtime::dump(Dump::Write write, void* argument, bool names) noexcept {
    Dump dump(write, argument, names,
              [](Dump& asking, const void* task) noexcept { return runtime().registry_.handle_of(asking, task); });
    bool known = false, going_down = false;
    unsigned count = 0;
    if (dump.lock(mutex_, "the number of nng_init calls")) {
        known = true;
        going_down = going_down_;
        count = count_;
        mutex_.unlock();
    }
    const char* const state = is_forked_child() ? "this is a forked child, which cannot use the library"
                              : going_down      ? "nng_fini waits"
                              : count != 0      ? "up"
                              : known           ? "not initialised"
                                                : "unknown";
    dump.line("naio %s: %s", nng_version(), state);
    registry_.dump(dump);
    QueuesInWait::dump(dump);
    if (known && !going_down && count == 0) return;
    tasks_.dump(dump);
    timer_.dump(dump);
    pollers_.dump(dump);
    names_.dump(dump, "look-ups");
    files_.dump(dump, "files");
    openings_.dump(dump, "opens and closes");
}

}  // namespace naio
