#include "runtime/trace.h"

#include <array>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>

#include "aio/aio.h"
#include "aio/api.h"
#include "base/dump.h"
#include "base/environment.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "base/now.h"
#include "base/system_error.h"
#include "exec/thread.h"
#include "runtime/trace_file.h"

namespace naio::trace {

namespace {

constexpr unsigned kBuffers = 32;
constexpr unsigned kRowBits = 8;
constexpr std::size_t kRows = std::size_t{1} << kRowBits;
constexpr std::size_t kSize = std::size_t{16} << 10;
constexpr std::size_t kLongest = 512;      // no event takes more bytes
constexpr int kThreads = 1, kHandles = 2;  // the two groups of rows

using Event = Trace::Event;
using Name = std::array<char, 48>;

// Copies a text that becomes a string of JSON. Characters that JSON does not allow in a string become question marks.
// Characters outside of ASCII do, too, because a text that is cut, or is not encoded in UTF-8, would make the file
// invalid.
Name quoted(const char* text) noexcept {
    Name name{};
    for (std::size_t i = 0; i + 1 < name.size() && text[i] != '\0'; ++i) {
        const bool allowed = text[i] >= ' ' && text[i] <= '~' && text[i] != '"' && text[i] != '\\';
        name[i] = allowed ? text[i] : '?';
    }
    return name;
}

constinit File file;

class Buffer {
  public:
    Mutex mutex;

    void open() noexcept NAIO_REQUIRES(mutex) { open_ = true; }
    [[nodiscard]] bool is_open() const noexcept NAIO_REQUIRES(mutex) { return open_; }
    void close() noexcept NAIO_REQUIRES(mutex) {
        flush();
        open_ = false;
    }
    void flush_soon() noexcept NAIO_REQUIRES(mutex) {
        if (size_ != 0 && file.put_soon({text_, size_})) size_ = 0;
    }

    // Adds an event to a row of the group, at `time`. `kind` is the letter of the file format for this kind of event.
    void add(Nanoseconds time, char kind, int group, unsigned row, const char* format, ...) noexcept
        __attribute__((format(printf, 6, 7))) NAIO_REQUIRES(mutex) {
        if (kSize - size_ < kLongest) flush();
        const Nanoseconds since = time - file.begin();
        print(",\n{\"ph\":\"%c\",\"ts\":%" PRId64 ".%03d,\"pid\":%d,\"tid\":%u", kind, since / 1000,
              static_cast<int>(since % 1000), group, row);
        std::va_list arguments;
        va_start(arguments, format);
        vprint(format, arguments);
        va_end(arguments);
        print("}");
    }

  private:
    void print(const char* format, ...) noexcept __attribute__((format(printf, 2, 3))) NAIO_REQUIRES(mutex) {
        std::va_list arguments;
        va_start(arguments, format);
        vprint(format, arguments);
        va_end(arguments);
    }
    void vprint(const char* format, std::va_list arguments) noexcept __attribute__((format(printf, 2, 0)))
    NAIO_REQUIRES(mutex) {
        const int length = std::vsnprintf(text_ + size_, kSize - size_, format, arguments);
        if (length > 0) size_ += static_cast<std::size_t>(length);
    }
    void flush() noexcept NAIO_REQUIRES(mutex) {
        if (size_ != 0) file.put({text_, size_});
        size_ = 0;
    }

    bool open_ = false;
    std::size_t size_ = 0;
    char text_[kSize] = {};
};

constinit std::array<Buffer, kBuffers> buffers{};

// The row of a handle that has a name. If another handle takes this place in the table, the first handle gets a new row
// at its next operation.
struct Row {
    const void* handle = nullptr;
    Name name{};
    unsigned number = 0;
    bool busy = false;  // an operation has begun, and has not ended
};
constinit Mutex rows_mutex;
constinit std::array<Row, kRows> rows{};
constinit unsigned last_row = 0;

Row& row_of(const void* handle) noexcept { return rows[hash_of_address(handle, kRowBits)]; }

// Records that an operation begins, in the row of its handle. A handle without a name has no row.
void begin_operation(Buffer& buffer, Nanoseconds time, const Operation& operation, Api by) noexcept
    NAIO_REQUIRES(buffer.mutex) {
    const char* const name = operation.name();
    if (name == nullptr) return;
    Lock lock(rows_mutex);
    Row& row = row_of(&operation);
    if (row.busy) buffer.add(time, 'E', kHandles, row.number, "%s", "");
    // Compares the texts: a new handle may have the address of an old one, and its name the address of the old name.
    const Name text = quoted(name);
    if (row.handle != &operation || row.name != text) {
        row = {.handle = &operation, .name = text, .number = ++last_row};
        buffer.add(time, 'M', kHandles, row.number, ",\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}",
                   text.data());
    }
    row.busy = true;
    buffer.add(time, 'B', kHandles, row.number, ",\"name\":\"%s\"", name_of(by));
}

void end_all_operations(Buffer& buffer) noexcept NAIO_REQUIRES(buffer.mutex) {
    Lock lock(rows_mutex);
    for (Row& row : rows) {
        if (row.busy) buffer.add(now(), 'E', kHandles, row.number, "%s", "");
        row.busy = false;
    }
}

void end_operation(Buffer& buffer, Nanoseconds time, const Operation& operation) noexcept NAIO_REQUIRES(buffer.mutex) {
    Lock lock(rows_mutex);
    Row& row = row_of(&operation);
    if (!row.busy || row.handle != &operation) return;
    row.busy = false;
    buffer.add(time, 'E', kHandles, row.number, "%s", "");
}

// The row of the calling thread.
struct Here {
    unsigned number = static_cast<unsigned>(Thread::current());
    bool named = false;
};
thread_local Here here;

// Returns the text for the handle in the row of a thread: the handle's name, or its address.
Name label(const Operation& operation) noexcept {
    const char* const name = operation.name();
    if (name != nullptr) return quoted(name);
    Name address{};
    std::snprintf(address.data(), address.size(), "aio %p", static_cast<const void*>(&operation));
    return address;
}

void add(Buffer& buffer, Event event, const void* object, std::uint64_t detail) noexcept NAIO_REQUIRES(buffer.mutex) {
    const Nanoseconds time = now();
    const unsigned row = here.number;
    const auto* const operation = static_cast<const Operation*>(object);
    switch (event) {
        case Event::kStart:
            return begin_operation(buffer, time, *operation, static_cast<Api>(detail));
        case Event::kRequest:
            return buffer.add(time, 'i', kThreads, row,
                              ",\"s\":\"t\",\"name\":\"request\",\"args\":{\"aio\":\"%p\",\"reason\":%" PRIu64 "}",
                              object, detail);
        case Event::kFinish:
            buffer.add(time, 'B', kThreads, row, ",\"name\":\"finish %s\",\"args\":{\"aio\":\"%p\",\"result\":%d}",
                       label(*operation).data(), object, static_cast<int>(operation->result()));
            if ((detail & Trace::kHasCallback) != 0)
                buffer.add(time, 's', kThreads, row,
                           ",\"cat\":\"naio\",\"name\":\"callback\",\"id\":\"%p.%" PRIu64 "\"", object, detail >> 1);
            end_operation(buffer, time, *operation);
            return buffer.add(now(), 'E', kThreads, row, "%s", "");
        case Event::kSkip:
            return end_operation(buffer, time, *operation);
        case Event::kCallback:
            buffer.add(time, 'B', kThreads, row, ",\"name\":\"%s\",\"args\":{\"aio\":\"%p\"}", label(*operation).data(),
                       object);
            return buffer.add(time, 'f', kThreads, row,
                              ",\"bp\":\"e\",\"cat\":\"naio\",\"name\":\"callback\",\"id\":\"%p.%" PRIu64 "\"", object,
                              detail);
        case Event::kPost:
            return buffer.add(time, 'i', kThreads, row, ",\"s\":\"t\",\"name\":\"post\",\"args\":{\"aio\":\"%p\"}",
                              object);
        case Event::kPostCallback:
            return buffer.add(time, 'B', kThreads, row, ",\"name\":\"%s\",\"args\":{\"aio\":\"%p\",\"for\":\"post\"}",
                              label(*operation).data(), object);
        case Event::kPark:
            return buffer.add(time, 'B', kThreads, row, ",\"name\":\"sleep\",\"args\":{\"for\":\"%p\"}", object);
        case Event::kTurn:
            return buffer.add(time, 'B', kThreads, row, ",\"name\":\"poll\"");
        case Event::kCallbackEnd:
        case Event::kParkEnd:
        case Event::kTurnEnd:
            return buffer.add(time, 'E', kThreads, row, "%s", "");
    }
}

void record(Event event, const void* object, std::uint64_t detail) noexcept {
    Buffer& buffer = buffers[here.number % kBuffers];
    Lock lock(buffer.mutex);
    if (!buffer.is_open()) return;
    if (!here.named) {
        here.named = true;
        buffer.add(now(), 'M', kThreads, here.number, ",\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}",
                   quoted(Thread::own_name().data()).data());
    }
    add(buffer, event, object, detail);
}

// True while a trace is open. Only the thread that brings the library up or down uses this variable.
bool opened = false;
// begun and of_parent are guarded by the lock of the Runtime, which is held while the library comes up, and during a
// fork.
bool begun = false;      // a trace has been opened
bool of_parent = false;  // the process is a forked child, and its parent has begun a trace

}  // namespace

void open() noexcept {
    const char* const path = environment("NAIO_TRACE");
    if (path == nullptr || *path == '\0' || of_parent) return;
    if (!file.open(path)) return;
    for (Buffer& buffer : buffers) {
        Lock lock(buffer.mutex);
        buffer.open();
    }
    opened = begun = true;
    Trace::set(record);
}

bool take_refusal(DumpLine& line) noexcept {
    const int error = file.take_refusal();
    const char* const path = environment("NAIO_TRACE");
    if (error == 0 || path == nullptr) return false;
    line.add("NAIO_TRACE: cannot write %s: %s", path, error_text(system_error(error)));
    return true;
}

void leave_to_parent() noexcept {
    of_parent = begun;
    file.forget_refusal();
    Trace::set(nullptr);
}

// Does nothing in a forked child, because the parent writes the events that its buffers had at the fork.
void flush() noexcept {
    if (!Trace::on()) return;
    for (Buffer& buffer : buffers) {
        if (!Dump::lock_soon(buffer.mutex)) continue;
        buffer.flush_soon();
        buffer.mutex.unlock();
    }
}

void close() noexcept {
    if (!opened) return;
    opened = false;
    Trace::set(nullptr);
    {
        Lock lock(buffers[0].mutex);
        end_all_operations(buffers[0]);
    }
    for (Buffer& buffer : buffers) {
        Lock lock(buffer.mutex);
        buffer.close();
    }
    file.close();
}

}  // namespace naio::trace
