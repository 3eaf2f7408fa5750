// The part of a dump about a completion queue.
#include "exec/completion_queue.h"

naio_queue::Copy naio_queue::copy() noexcept {
    Copy copy;
    copy.queue = this;
    copy.has_runner = runner_.load(std::memory_order_relaxed) != kNone;
    copy.occupied = inside_.load(std::memory_order_relaxed) != kNone;
    copy.name.copy(name_.get());
    if (naio::Dump::lock_soon(mutex_)) {
        copy.tasks = waiting_;
        mutex_.unlock();
    } else {
        copy.locked = true;
    }
    return copy;
}

void naio_queue::Copy::write(naio::Dump& dump) const noexcept {
    naio::DumpLine line;
    line.add("queue %p", queue);
    name.add_to(line);
    if (locked)
        line.add(": another thread holds the lock");
    else
        line.add(": %zu callbacks wait", tasks);
    line.add("; %s", has_runner ? "a thread runs it" : "no thread runs it");
    if (occupied) line.add("; a callback is running");
    dump.line(line);
}
