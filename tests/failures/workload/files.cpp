// Sections of the workload: look-ups of names, regular files, and FIFOs.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <iterator>

#include "workload.h"

namespace failures {

namespace {

// A path that only this process uses. The destructor removes the file, unless keep() was called.
class Path {
  public:
    explicit Path(const char* name) noexcept {
        std::snprintf(text_, sizeof(text_), "/tmp/naio_failures_%ld_%s", static_cast<long>(getpid()), name);
        unlink(text_);
    }
    ~Path() {
        if (!kept_) unlink(text_);
    }
    Path(const Path&) = delete;
    Path& operator=(const Path&) = delete;

    [[nodiscard]] const char* get() const noexcept { return text_; }
    void keep() noexcept { kept_ = true; }

  private:
    char text_[100];
    bool kept_ = false;
};

naio_file* opened(Operation& operation) noexcept {
    return WAIT_OK(operation) ? static_cast<naio_file*>(nng_aio_get_output(operation.get(), 0)) : nullptr;
}

// The path of a FIFO whose open was canceled. A thread of the library is still inside open(). That call returns when
// let_openers_go() opens both ends of the FIFO.
char left_fifo[100];
int left_fifo_for_both = -1;

void cancel(void* operation) { nng_aio_cancel(static_cast<Operation*>(operation)->get()); }

}  // namespace

void names() {
    Operation look_up;
    if (!look_up) return;
    nng_sockaddr found[4];
    naio_resolve("127.0.0.1", "80", NNG_AF_INET, 0, found, std::size(found), look_up.submit());
    if (WAIT_OK(look_up)) MUST(nng_aio_count(look_up.get()) == 1);
    naio_resolve("localhost", "80", NNG_AF_UNSPEC, 0, found, std::size(found), look_up.submit());
    if (WAIT_OK(look_up)) MUST(nng_aio_count(look_up.get()) > 0);
    naio_resolve(nullptr, nullptr, NNG_AF_INET, NAIO_RESOLVE_PASSIVE, found, std::size(found), look_up.submit());
    static_cast<void>(WAIT_OK(look_up));
}

void files() {
    const Path path("file");
    Operation operation;
    if (!operation) return;
    naio_file_open(path.get(), NAIO_FILE_READ | NAIO_FILE_WRITE | NAIO_FILE_CREATE, 0600, operation.submit());
    naio_file* const file = opened(operation);
    if (file == nullptr) return;

    char text[] = "what is written";
    if (!operation.set_memory(text, sizeof(text))) return naio_file_free(file);
    naio_file_write(file, operation.submit());
    bool written = WAIT_OK(operation) && HOLDS(nng_aio_count(operation.get()) == sizeof(text));
    static_cast<void>(operation.set_memory(text, sizeof(text)));
    naio_file_pwrite(file, 0, operation.submit());
    written = WAIT_OK(operation) && written;
    naio_file_sync(file, operation.submit());
    static_cast<void>(WAIT_OK(operation));

    naio_file_status status{};
    naio_file_stat(file, &status, operation.submit());
    if (WAIT_OK(operation) && written) MUST(status.size == sizeof(text) && status.kind == NAIO_FILE_REGULAR);

    char read[sizeof(text)] = {};
    static_cast<void>(operation.set_memory(read, sizeof(read)));
    naio_file_pread(file, 0, operation.submit());
    if (WAIT_OK(operation) && written)
        MUST(nng_aio_count(operation.get()) == sizeof(text) && std::memcmp(read, text, sizeof(text)) == 0);
    static_cast<void>(operation.set_memory(read, sizeof(read)));
    naio_file_read(file, operation.submit());  // at the end of the file
    if (WAIT_OK(operation) && written) MUST(nng_aio_count(operation.get()) == 0);

    naio_file_close(file, operation.submit());
    static_cast<void>(WAIT_OK(operation));  // the file is closed even if the operation fails
    naio_file_free(nullptr);
}

namespace {

// Opens both ends of the FIFO. Each open waits for the other one. If an open fails, open_both keeps the FIFO's file for
// let_openers_go().
void open_both(Path& path, Operation& reading, Operation& writing) noexcept {
    nng_aio* const reader = reading.submit();
    nng_aio* const writer = writing.submit();
    naio_file_open(path.get(), NAIO_FILE_READ, 0, reader);
    naio_file_open(path.get(), NAIO_FILE_WRITE, 0, writer);
    nng_aio_wait(reader);
    // If the reader failed, its callback has canceled the writer. The cancellation had no effect if the writer's
    // operation had not started yet, so this thread cancels the writer again.
    if (nng_aio_result(reader) != NNG_OK) nng_aio_cancel(writer);
    nng_aio_wait(writer);
    if (nng_aio_result(reader) == NNG_OK && nng_aio_result(writer) == NNG_OK) return;
    path.keep();
    std::snprintf(left_fifo, sizeof(left_fifo), "%s", path.get());
}

}  // namespace

void fifos() {
    static int times = 0;
    Path path(times++ == 0 ? "fifo" : "another_fifo");
    MUST(mkfifo(path.get(), 0600) == 0);
    Operation* peer[2] = {};
    Operation reading([](void* peers) { cancel(static_cast<Operation**>(peers)[1]); }, peer);
    Operation writing([](void* peers) { cancel(static_cast<Operation**>(peers)[0]); }, peer);
    if (!reading || !writing) return;
    peer[0] = &reading;
    peer[1] = &writing;
    open_both(path, reading, writing);
    naio_file* const from = opened(reading);
    naio_file* const to = opened(writing);

    char text[] = "through the pipe";
    char read[sizeof(text)] = {};
    if (from != nullptr && to != nullptr && writing.set_memory(text, sizeof(text)) &&
        reading.set_memory(read, sizeof(read))) {
        naio_file_read(from, reading.submit());  // waits for the write
        naio_file_write(to, writing.submit());
        static_cast<void>(WAIT_OK(writing));
        static_cast<void>(WAIT_OK(reading));
        const std::size_t got = nng_aio_count(reading.get());
        MUST(std::memcmp(read, text, got) == 0);
    }
    naio_file_free(to);
    if (from != nullptr) {
        naio_file_close(from, reading.submit());
        static_cast<void>(WAIT_OK(reading));
    }
}

void let_openers_go() noexcept {
    if (left_fifo[0] != '\0') left_fifo_for_both = ::open(left_fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

void forget_fifo() noexcept {
    if (left_fifo_for_both < 0) return;
    ::close(left_fifo_for_both);
    unlink(left_fifo);
}

}  // namespace failures
