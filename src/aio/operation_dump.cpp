#include "aio/operation_dump.h"

#include "aio/aio.h"
#include "aio/state_text.h"

namespace naio {

namespace {

void add_types(DumpLine& line, const char* what, Types types) noexcept {
    if (types == 0) return;
    line.add("; %s", what);
    if ((types & kTerminal) != 0) line.add(" terminal");
    if ((types & kPartial) != 0) line.add(" partial");
    if ((types & kTotal) != 0) line.add(" total");
}

// Adds the time from `now` to the deadline, or from the deadline to `now`, in seconds.
void add_deadline(DumpLine& line, Nanoseconds deadline, Nanoseconds now) noexcept {
    const Nanoseconds left = deadline - now;
    line.add(left < 0 ? "; deadline " : "; deadline in ");
    line.add_seconds((left < 0 ? -left : left) / kMillisecond);
    if (left < 0) line.add(" ago");
}

// Returns the age of an operation in milliseconds, or -1 if its age is not known. `started`: the lower 32 bits of the
// time in milliseconds at which the operation started.
std::int64_t age_of(std::uint32_t started) noexcept {
    if (!StallReports::on()) return -1;
    const std::int64_t at = now() / kMillisecond;
    const std::int64_t age = static_cast<std::uint32_t>(at) - started;
    return age <= at - StallReports::on_since() / kMillisecond ? age : -1;
}

}  // namespace

void OperationFields::note_begin() noexcept {
    timer().started_at.set(static_cast<std::uint32_t>(now() / kMillisecond));
    if (Trace::on()) Trace::record(Trace::Event::kStart, static_cast<Operation*>(this), started_by_.get());
}

// Every field that this reads is atomic, or does not change while the handle exists.
OperationCopy Operation::copy() const noexcept {
    OperationCopy copy;
    copy.handle = this;
    copy.state = state_.load(std::memory_order_relaxed);
    const std::uint8_t by = started_by_.get();
    copy.started_by = static_cast<Api>(by & ~kWaits);
    if ((by & kWaits) != 0) copy.descriptor = descriptor_.get();
    copy.age = age_of(timer().started_at.get());
    copy.deadline = deadline_.load(std::memory_order_relaxed);
    copy.callback = callback_;
    copy.queue = queue();
    copy.slot = bound_slot();
    copy.name.copy(name_.get());
    return copy;
}

void OperationCopy::find_names() noexcept {
    if (descriptor >= 0) ObjectName::find(ObjectName::key_of(descriptor), descriptor_name);
    if (slot != nullptr) ObjectName::find(ObjectName::key_of(slot), slot_name);
    if (descriptor_name.empty() && slot_name.empty()) return;
    // A pending operation keeps its descriptor open, and a bound handle keeps its slot. So if the operation is still
    // the copied one after the names were found, they are the names of its own objects.
    const OperationCopy later = static_cast<const Operation*>(handle)->copy();
    const bool same = later.state.generation() == state.generation() && later.state.pending() == state.pending();
    if (!same || later.descriptor != descriptor) descriptor_name = {};
    if (!same || later.slot != slot) slot_name = {};
}

void OperationCopy::write(Dump& dump) const noexcept {
    DumpLine line;
    line.add("aio %p", handle);
    name.add_to(line);
    line.add(": %s", describe(state).data());
    if (state.in_flight()) {
        line.add("; started by %s", name_of(started_by));
        if (age >= 0) {
            line.add(" ");
            line.add_seconds(age);
            line.add(" ago");
        }
    }
    if (state.pending()) {
        if (descriptor >= 0) {
            line.add("; waits for descriptor %d", descriptor);
            descriptor_name.add_to(line);
        }
        if (deadline != kNever && !state.expired()) add_deadline(line, deadline, dump.begin());
        if (state.expired()) line.add("; its deadline has passed");
        if (state.permitted() == 0) line.add("; cannot be ended");
        add_types(line, "can be ended by", state.permitted());
        add_types(line, "asked to end by", state.accepted());
        add_types(line, "asked to end, but does not permit", state.sticky() & ~state.accepted());
    }
    if (callback != nullptr) {
        line.add("; callback ");
        line.add_function(reinterpret_cast<const void*>(callback), dump.names());
    }
    if (queue != nullptr) line.add("; queue %p", queue);
    if (slot != nullptr) {
        line.add("; slot %p", slot);
        slot_name.add_to(line);
    }
    dump.line(line);
}

}  // namespace naio
