#include "runtime/trace.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <string_view>

#include "aio/aio.h"
#include "aio/api.h"
#include "base/atomic.h"
#include "base/dump.h"
#include "base/environment.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "base/now.h"
#include "base/os.h"
#include "base/system_error.h"
#include "exec/thread.h"
#include "io/without_signal.h"

namespace naio::trace {

namespace {

constexpr unsigned kBuffers = 32;
constexpr unsigned kRowBits = 8;
constexpr std::size_t kRows = std::size_t{1} << kRowBits;
constexpr std::size_t kSize = std::size_t{16} << 10;
constexpr std::size_t kLongest = 512;      // no event takes more bytes
constexpr int kThreads = 1, kHandles = 2;  // the two groups of rows

Atomic<int> refusal{0};  // the errno of a failed open or write that has yet to be logged; 0: none

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

class File {
  public:
    // Opens the file. Returns 0, or the errno that says why the file cannot be written.
    int open(const char* path) noexcept {
        Lock lock(mutex_);
        // O_NONBLOCK: the open of a FIFO without a reader fails, and does not block nng_init.
        fd_ = os::open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
        if (fd_ < 0) return errno;
        // A program that this one starts has NAIO_TRACE, too. The lock keeps it from writing into this trace. A file
        // system may have no locks, so only a lock of another process is an error.
        if (os::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return EBUSY;
        full_ = false;
        // Begins a new array if the file of an earlier trace is gone.
        struct stat status {};
        if (os::fstat(fd_, &status) != 0 || status.st_size < position_) position_ = 0;
        truncate();
        if (position_ != 0) return 0;
        if (begin_ == 0) begin_ = now();
        return append(
            "[\n{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"threads\"}},"
            "\n{\"ph\":\"M\",\"pid\":2,\"name\":\"process_name\",\"args\":{\"name\":\"handles\"}}");
    }

    // Ends the array of events. A later open continues the array.
    void close() noexcept {
        Lock lock(mutex_);
        const off_t end = position_;
        if (end != 0) static_cast<void>(append("\n]\n"));
        position_ = end;
        close_locked();
    }

    // Closes a file that open has refused, and writes nothing to it.
    void abandon() noexcept {
        Lock lock(mutex_);
        close_locked();
    }

    void put(const char* text, std::size_t size) noexcept {
        Lock lock(mutex_);
        put_locked({text, size});
    }

    // Writes the text unless another thread holds the lock for long. False if the text was not written.
    [[nodiscard]] bool put_soon(const char* text, std::size_t size) noexcept {
        if (!Dump::lock_soon(mutex_)) return false;
        put_locked({text, size});
        mutex_.unlock();
        return true;
    }

    // REQUIRES: the file has been opened once.
    [[nodiscard]] Nanoseconds begin() const noexcept { return begin_; }

  private:
    // Unlocks the file explicitly, because a forked child may have the descriptor, too, and would keep the lock.
    void close_locked() noexcept NAIO_REQUIRES(mutex_) {
        if (fd_ < 0) return;
        os::flock(fd_, LOCK_UN);
        os::close(fd_);
        fd_ = -1;
    }

    // Adds whole events. If they cannot be written, ends the trace.
    void put_locked(std::string_view text) noexcept NAIO_REQUIRES(mutex_) {
        if (full_) return;
        const int error = append(text);
        if (error == 0) return;
        full_ = true;
        Trace::set(nullptr);
        refusal.store(error, std::memory_order_relaxed);
    }

    // Writes the text at the end of the file. Returns 0, or the errno of the write that has failed; then none of the
    // text is in the file, so that the file keeps whole events only, and has room for the end of the array.
    [[nodiscard]] int append(std::string_view text) noexcept NAIO_REQUIRES(mutex_) {
        const off_t begin = position_;
        const int error = write(text.data(), text.size());
        if (error == 0) return 0;
        position_ = begin;
        truncate();
        return error;
    }

    // Removes what the file has after position_. A device has nothing to remove.
    void truncate() noexcept NAIO_REQUIRES(mutex_) { [[maybe_unused]] const int done = os::ftruncate(fd_, position_); }

    int write(const char* text, std::size_t size) noexcept NAIO_REQUIRES(mutex_) {
        while (size != 0) {
            iovec piece{const_cast<char*>(text), size};
            const ssize_t count =
                without_sigxfsz([&piece, fd = fd_, at = position_] { return os::pwritev(fd, &piece, 1, at); });
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return count < 0 ? errno : ENOSPC;
            text += count;
            size -= static_cast<std::size_t>(count);
            position_ += count;
        }
        return 0;
    }

    Mutex mutex_;
    int fd_ NAIO_GUARDED_BY(mutex_) = -1;
    off_t position_ NAIO_GUARDED_BY(mutex_) = 0;
    bool full_ NAIO_GUARDED_BY(mutex_) = false;  // the file cannot take more events
    Nanoseconds begin_ = 0;                      // written before the first event
};

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
        if (size_ != 0 && file.put_soon(text_, size_)) size_ = 0;
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
        if (size_ != 0) file.put(text_, size_);
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
    if (const int error = file.open(path); error != 0) {
        file.abandon();
        refusal.store(error, std::memory_order_relaxed);
        return;
    }
    for (Buffer& buffer : buffers) {
        Lock lock(buffer.mutex);
        buffer.open();
    }
    opened = begun = true;
    Trace::set(record);
}

bool take_refusal(DumpLine& line) noexcept {
    if (refusal.load(std::memory_order_relaxed) == 0) return false;
    const int error = refusal.exchange(0, std::memory_order_relaxed);
    const char* const path = environment("NAIO_TRACE");
    if (error == 0 || path == nullptr) return false;
    line.add("NAIO_TRACE: cannot write %s: %s", path, error_text(system_error(error)));
    return true;
}

void leave_to_parent() noexcept {
    of_parent = begun;
    refusal.store(0, std::memory_order_relaxed);
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
