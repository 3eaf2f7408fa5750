#include "workload.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "failures.h"

namespace failures {

namespace {

constexpr std::array kSections{
    Section{"library", library, true},
    Section{"sleeping", sleeping, false},
    Section{"providing", providing, false},
    Section{"cancellation", cancellation, false},
    Section{"signals", signals, false},
    Section{"composing", composing, false},
    Section{"groups", groups, false},
    Section{"queues", queues, false},
    Section{"dumps", dumps, false},
    Section{"messages", messages, false},
    Section{"threads", threads, false},
    Section{"blocks", blocks, false},
    Section{"logging", logging, false},
    Section{"id_maps", id_maps, false},
    Section{"addresses", addresses, false},
    Section{"urls", urls, false},
    Section{"names", names, false},
    Section{"files", files, false},
    Section{"fifos", fifos, false},
    Section{"tcp", tcp, false},
    Section{"unix_sockets", unix_sockets, false},
    Section{"abstract_sockets", abstract_sockets, false},
    Section{"handed_over", handed_over, false},
    Section{"stream_options", stream_options, false},
    Section{"datagrams", datagrams, false},
    Section{"nng1", nng1, false},
};

std::atomic<bool> all_must_succeed{false};

[[noreturn]] void give_up(const char* what, const char* why, const char* file, int line) noexcept {
    std::fprintf(stderr, "%s:%d: %s: %s\n", file, line, what, why);
    std::_Exit(1);
}

bool is_named(int result) noexcept {
    return (result & NNG_ESYSERR) != 0 || (result > 0 && result <= NNG_ECONNSHUT && result != 28 && result != 29) ||
           result == NNG_ESTOPPED;
}

}  // namespace

std::span<const Section> sections() noexcept { return kSections; }

void expect_success(bool everything) noexcept { all_must_succeed = everything; }

bool succeeded(int result, const char* what, const char* file, int line) noexcept {
    if (result == NNG_OK) return true;
    if (!is_named(result)) give_up(what, "an error that has no name", file, line);
    if (all_must_succeed) give_up(what, nng_strerror(static_cast<nng_err>(result)), file, line);
    note_failure();
    return false;
}

void require(bool condition, const char* what, const char* file, int line) noexcept {
    if (!condition) give_up(what, "does not hold", file, line);
}

bool holds(bool condition, const char* what, const char* file, int line) noexcept {
    if (!condition && all_must_succeed) give_up(what, "does not hold", file, line);
    if (!condition) note_failure();
    return condition;
}

bool everything_succeeds() noexcept { return all_must_succeed; }

Operation::Operation(Then on_failure, void* argument) noexcept : on_failure_(on_failure), argument_(argument) {
    if (!OK(nng_aio_alloc(&aio_, called, this))) aio_ = nullptr;
}

Operation::~Operation() {
    nng_aio_free(aio_);
    MUST(callbacks_ == submitted_);
}

nng_aio* Operation::submit() noexcept {
    ++submitted_;
    return aio_;
}

nng_err Operation::wait() noexcept {
    nng_aio_wait(aio_);
    MUST(!nng_aio_busy(aio_));
    MUST(callbacks_ == submitted_);
    return nng_aio_result(aio_);
}

bool Operation::ok(const char* what, const char* file, int line) noexcept {
    return succeeded(wait(), what, file, line);
}

bool Operation::set_memory(void* memory, std::size_t size) noexcept {
    const nng_iov piece{memory, size};
    return OK(nng_aio_set_iov(aio_, 1, &piece));
}

void Operation::called(void* self) noexcept {
    auto& operation = *static_cast<Operation*>(self);
    ++operation.callbacks_;
    if (nng_aio_result(operation.aio_) != NNG_OK && operation.on_failure_ != nullptr)
        operation.on_failure_(operation.argument_);
}

}  // namespace failures
