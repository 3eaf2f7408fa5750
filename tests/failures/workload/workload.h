// The workload's sections, and an operation whose callbacks are counted.
//
// A section runs twice in a process. The first time, one call fails, and this failure may make any operation fail. The
// section then skips the steps that depend on a failed operation, and cleans up. The second time, no call fails, and
// every operation must succeed.
#pragma once

#include <naio/naio.h>
#include <nng/nng.h>

#include <atomic>
#include <span>

#include "checks.h"

namespace failures {

struct Section {
    const char* name;
    void (*run)();
    bool starts_the_library;  // the section calls nng_init itself; if false, the driver has called nng_init
};

[[nodiscard]] std::span<const Section> sections() noexcept;

// Sets whether every operation must succeed from now on.
void expect_success(bool everything) noexcept;
[[nodiscard]] bool everything_succeeds() noexcept;

// An aio. Operation checks that each submission has exactly one callback.
class Operation {
  public:
    using Then = void (*)(void*);

    // If the operation fails, the callback calls `on_failure`, which ends the operations that wait for this one.
    explicit Operation(Then on_failure = nullptr, void* argument = nullptr) noexcept;
    ~Operation();
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    [[nodiscard]] explicit operator bool() const noexcept { return aio_ != nullptr; }
    [[nodiscard]] nng_aio* get() const noexcept { return aio_; }

    // Counts a submission and returns the handle, on which the caller starts an operation.
    [[nodiscard]] nng_aio* submit() noexcept;
    // Waits for the operation, and checks that each submission has had one callback. Returns the operation's result.
    nng_err wait() noexcept;
    [[nodiscard]] bool ok(const char* what, const char* file, int line) noexcept;

    // Sets the memory that the operation reads or writes.
    bool set_memory(void* memory, std::size_t size) noexcept;

  private:
    static void called(void* self) noexcept;

    nng_aio* aio_ = nullptr;
    Then on_failure_;
    void* argument_;
    int submitted_ = 0;
    std::atomic<int> callbacks_{0};
};

#define WAIT_OK(operation) (operation).ok("wait for " #operation, __FILE__, __LINE__)

// If a section has left a FIFO, let_openers_go() opens it, so that the threads that are inside an open of the FIFO
// return. After that, forget_fifo() closes and removes the FIFO.
void let_openers_go() noexcept;
void forget_fifo() noexcept;

// The sections.
void library();
void sleeping();
void providing();
void cancellation();
void signals();
void composing();
void groups();
void queues();
void dumps();
void messages();
void threads();
void blocks();
void logging();
void id_maps();
void addresses();
void urls();
void names();
void files();
void fifos();
void tcp();
void unix_sockets();
void abstract_sockets();
void handed_over();
void stream_options();
void datagrams();
void nng1();

}  // namespace failures
