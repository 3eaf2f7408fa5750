// struct nng_aio: an operation's handle. The C type is this class.
//
// The consumer allocates it, sets it up, waits for it, stops and frees it. The provider of an operation starts and
// finishes it, from any thread. The fields belong to whoever owns the operation at the time (consumer while idle,
// provider while PENDING, callback while RUNNING); the word (operation_word.h) says who that is and orders the
// hand-over.
//
// Invariants:
//  1. Every change of the word is one compare-exchange to what a transition of operation_word.h made of it.
//  2. After a transition that leaves the aio idle, the thread touches it no more: somebody may have freed it.
//  3. No lock is held while a cancel function or a callback runs, and nothing is allocated.
#pragma once

#include <nng/nng.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "aio/operation_word.h"
#include "aio/services.h"
#include "exec/task.h"
#include "time/timer.h"

// What one operation touches comes first: two cache lines.
struct alignas(64) nng_aio final : public naio::Task {
  public:
    using Callback = void (*)(void*);

    // When an operation ends by itself, and how.
    struct Limit {
        naio::Nanoseconds deadline = naio::kNever;
        nng_err result = NNG_ETIMEDOUT;
        bool passed = false;
    };

    static constexpr unsigned kMaxVectors = 8;
    static constexpr unsigned kMaxParameters = 4;

    // `home` is for the registry to find the handle's memory again.
    nng_aio(naio::Services& services, Callback callback, void* argument, void* home, bool closed) noexcept;
    ~nng_aio();

    // The consumer's side.
    // `call` names the public function in messages.
    void abort(nng_err reason, const char* call) noexcept;
    void stop(const char* call) noexcept;
    void wait(const char* call) noexcept;
    [[nodiscard]] bool busy() const noexcept;
    // Would a start be refused at this moment, because the aio is stopped or the library goes down?
    [[nodiscard]] bool refuses() const noexcept;
    void free(const char* call) noexcept;
    void reap(const char* call) noexcept;

    void set_timeout(nng_duration timeout) noexcept;
    void set_expire(nng_time time) noexcept;
    void skip_callback(bool* skipped) noexcept;
    [[nodiscard]] nng_err set_vectors(unsigned count, const nng_iov* vectors) noexcept;
    [[nodiscard]] nng_err set_input(unsigned index, void* value) noexcept;
    [[nodiscard]] nng_err set_output(unsigned index, void* value) noexcept;
    [[nodiscard]] void* input(unsigned index) const noexcept;
    [[nodiscard]] void* output(unsigned index) const noexcept;
    void set_message(nng_msg* message) noexcept { message_ = message; }
    [[nodiscard]] nng_msg* message() const noexcept { return message_; }
    [[nodiscard]] nng_err result() const noexcept { return result_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    // The provider's side.
    void reset() noexcept;
    [[nodiscard]] bool start(nng_aio_cancelfn cancel, void* argument, const char* call) noexcept;
    [[nodiscard]] bool start(nng_aio_cancelfn cancel, void* argument, const Limit& limit, const char* call) noexcept;
    void finish(nng_err result, const char* call) noexcept;

    // When the next operation times out if it begins at `at`; consumes what set_expire has set.
    [[nodiscard]] Limit take_limit(naio::Nanoseconds at) noexcept;

    [[nodiscard]] void* home() const noexcept { return home_; }

    // For the registry, whose lock keeps the aio from being destroyed meanwhile.
    // Refuses later starts; true if the caller now has to call end_claimed, with no lock held.
    [[nodiscard]] bool close() noexcept;
    void open() noexcept;
    void end_claimed(nng_err reason) noexcept;
    // Has it been reaped? Then whoever makes it idle destroys it.
    [[nodiscard]] bool doomed() const noexcept;
    // True if it is busy: then the announced waiter is woken when it no longer is.
    [[nodiscard]] bool announce_wait() noexcept;

    // For the timer.
    static naio::Nanoseconds examine(naio::TimerEntry& entry, naio::Nanoseconds at, naio::Nanoseconds now) noexcept;
    static void expire(naio::TimerEntry& entry, naio::TaskList& ready) noexcept;

  private:
    struct Deadline final : naio::TimerEntry {
        explicit Deadline(nng_aio& owner) noexcept : aio(owner) {}
        nng_aio& aio;
    };

    static naio::Task* run(naio::Task& task) noexcept;

    template <class Transition>
    naio::word::Step take(Transition transition) noexcept;
    // Takes a step and does what it says.
    template <class Transition>
    void advance(Transition transition) noexcept;
    [[nodiscard]] bool claim() noexcept;
    void complete(nng_err result, const char* call) noexcept;
    [[nodiscard]] bool refuse(nng_err result, const char* call) noexcept;
    [[nodiscard]] bool on_own_callback() const noexcept;
    static constexpr naio::Nanoseconds kNoExpiry = -1;
    [[nodiscard]] naio::Nanoseconds take_expiry() noexcept;
    [[nodiscard]] bool unlimited() const noexcept;
    void require_up(const char* call) const noexcept;
    void require_not_forked(const char* call) const noexcept;
    [[noreturn]] void broken(const char* call, const char* what) const noexcept;

    std::atomic<naio::word::Word> word_;
    naio::Services& services_;
    Callback callback_;
    void* argument_;
    nng_aio_cancelfn cancel_ = nullptr;
    void* cancel_argument_ = nullptr;

    std::atomic<naio::Nanoseconds> deadline_{naio::kNever};  // of the operation in flight; the timer reads it
    nng_err result_ = NNG_OK;
    nng_err expiry_result_ = NNG_ETIMEDOUT;
    std::size_t count_ = 0;
    bool* skipped_ = nullptr;
    // The consumer may change these while a callback or a provider starts the next operation.
    std::atomic<naio::Nanoseconds> expire_{kNoExpiry};  // by set_expire, for the next operation
    std::atomic<nng_duration> timeout_{NNG_DURATION_INFINITE};
    bool reaping_ = false;            // the timer came for the reaper (the timer's thread only)
    std::atomic<bool> armed_{false};  // it has been linked into the timer since it was allocated
    bool told_stopped_ = false;       // the callback that runs has been given NNG_ESTOPPED
    std::uint8_t outputs_set_ = 0;
    nng_msg* message_ = nullptr;
    void* const home_;

    Deadline timer_{*this};
    unsigned vector_count_ = 0;
    void* inputs_[kMaxParameters] = {};
    void* outputs_[kMaxParameters];
    nng_iov vectors_[kMaxVectors];
};

static_assert(sizeof(nng_aio) <= 384);

namespace naio {
using Aio = ::nng_aio;
}
