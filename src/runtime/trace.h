// Writes a trace of all operations, for Perfetto and chrome://tracing, to the file that the environment variable
// NAIO_TRACE names.
//
// The file has a row for each thread, with its callbacks, waits and turns of loops; a row for each handle that has a
// name when its operation begins, with its operations; and an arrow from each finish to the callback. Each thread
// writes to one of a fixed number of buffers, so the memory is bounded. A buffer goes to the file when it is full, and
// at the end of the trace. Besides, all buffers go to the file once a second, and before each dump and stall report, so
// if a process hangs and is killed, the file shows the last events of the process.
//
// Invariants:
//  1. A thread that holds a buffer's lock takes only the locks of the rows and of the file. So a thread may record an
//     event while it holds any other lock.
//  2. The file is valid JSON whenever the library is down. At other times only the end of the array is missing, because
//     each write to the file has whole events. A later init continues the file. An init in a forked child does not,
//     because the file belongs to the parent.
#pragma once

#include "base/dump.h"
#include "base/probe.h"

namespace naio::trace {

// Begins a trace if NAIO_TRACE names a file. If the file cannot be written, begins no trace, and keeps the error.
void open() noexcept;
// Adds the error of the open, or of the write that has ended the trace, to the line, and forgets it. False if there is
// none.
[[nodiscard]] bool take_refusal(DumpLine& line) noexcept;
// Called in a forked child. If the parent has begun a trace, the child begins none.
void leave_to_parent() noexcept;
// Writes the events that are in the buffers to the file. Skips a buffer if the lock of the buffer or of the file does
// not become free soon, because a debugger may have stopped the thread that holds the lock, and may then call flush
// through a dump.
void flush() noexcept;
// Writes the events that are in the buffers to the file, and ends the trace.
void close() noexcept;

}  // namespace naio::trace
