#include "shared.h"

#include <naio/naio.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "platform.h"
#include "program.h"

namespace simulation {

namespace {

constexpr unsigned kThreads = 3;
constexpr unsigned kShared = 3;  // handles; only thread n starts operations on handle n and waits for it
constexpr int kFirstCode = 1'000'000;

struct Request {
    unsigned handle = 0;
    // The numbers of the handle's latest operation before and after the request, counted from 1. The request can have
    // met only operations from `first` to `last`.
    unsigned first = 0, last = 0;
    bool accepted = false;
};

// An operation of a handle, as its provider sees it.
struct Operation {
    bool refused = false;
    bool by_cancel = false;  // the cancel function has finished it
    bool reachable = false;  // a timeout, a signal or a scope may end it, too
    int code = 0;            // the result that the provider finished it with
};

class Shared;

// A handle and its provider. `lock` guards open, typed, declines and operations.
struct Handle {
    Shared* all = nullptr;
    nng_aio* aio = nullptr;
    nng_mtx* lock = nullptr;
    bool open = false;  // an operation is in flight that the provider has not finished
    bool typed = false;
    bool bound = false;     // true if bound to a slot; only the owner reads and writes this
    unsigned declines = 0;  // requests that the cancel function will decline before it takes one
    std::vector<Operation> operations;
    std::atomic<bool> closed{false};
    std::atomic<unsigned> begun{0};  // the number of operations
    std::atomic<unsigned> callbacks{0}, releases{0}, to_release{0}, in_cancel{0}, in_release{0}, in_callback{0};
};

class Shared {
  public:
    Shared(std::uint64_t seed, unsigned length) : seed_(seed), length_(length) {
        naio_signal_alloc(&scope_, NAIO_SIGNAL_SCOPE);
        naio_signal_alloc(&signal_, 0);
        for (Handle& handle : handles_) {
            handle.all = this;
            nng_mtx_alloc(&handle.lock);
            nng_aio_alloc(&handle.aio, call_back, &handle);
        }
    }
    ~Shared() {
        for (Handle& handle : handles_) {
            nng_aio_free(handle.aio);
            nng_mtx_free(handle.lock);
        }
        naio_signal_free(signal_);
        naio_signal_free(scope_);
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    std::string run() {
        run_threads(kThreads, [this](unsigned thread) { make_calls(thread); });
        for (Handle& handle : handles_) {
            end(handle);
            nng_aio_stop(handle.aio);
            check_idle(handle);
        }
        check_codes();
        return wrong_;
    }

  private:
    // ---- on the library's threads

    static void call_back(void* argument) {
        Handle& handle = *static_cast<Handle*>(argument);
        handle.all->require(handle.in_callback.fetch_add(1) == 0, "two callbacks ran at the same time");
        handle.all->require(handle.in_cancel == 0, "the callback began while the cancel function ran");
        handle.all->require(handle.releases == handle.to_release,
                            "the callback began before the release function had returned");
        handle.all->check_result(handle);
        ++handle.callbacks;
        let_others_run();
        handle.all->require(handle.in_cancel == 0, "the cancel function began while the callback ran");
        handle.in_callback.fetch_sub(1);
    }

    static void release(void* argument) {
        Handle& handle = *static_cast<Handle*>(argument);
        handle.in_release.fetch_add(1);
        let_others_run();
        handle.all->require(handle.in_cancel == 0, "the release function and the cancel function ran at the same time");
        ++handle.releases;
        handle.in_release.fetch_sub(1);
    }

    static bool cancel(nng_aio*, void* argument, naio_cancel, nng_err reason) {
        Handle& handle = *static_cast<Handle*>(argument);
        handle.all->require(handle.in_cancel.fetch_add(1) == 0, "two cancel functions ran at the same time");
        handle.all->require(handle.in_release == 0, "the cancel function began while the release function ran");
        handle.all->require(handle.in_callback == 0, "the cancel function began while the callback ran");
        nng_mtx_lock(handle.lock);
        const bool takes = handle.open && handle.declines == 0;
        if (handle.declines != 0) --handle.declines;
        nng_mtx_unlock(handle.lock);
        if (takes) handle.all->finish(handle, reason, true);
        handle.in_cancel.fetch_sub(1);
        return takes;
    }

    static void cancel_plain(nng_aio* aio, void* argument, nng_err reason) { cancel(aio, argument, 0, reason); }

    // ---- calls of the threads

    // Finishes the operation if no other thread has finished it.
    void finish(Handle& handle, int code, bool by_cancel) {
        nng_mtx_lock(handle.lock);
        const bool was_open = handle.open;
        handle.open = false;
        if (was_open) {
            handle.operations.back().code = code;
            handle.operations.back().by_cancel = by_cancel;
        }
        nng_mtx_unlock(handle.lock);
        if (was_open) naio_aio_finish(handle.aio, static_cast<nng_err>(code), 0);
    }

    void start(Handle& handle, Random& random) {
        const nng_duration timeout = random.of<nng_duration>({-1, -1, 0, 1, 2});
        nng_aio_set_timeout(handle.aio, timeout);
        naio_slot* const slots[] = {nullptr, naio_signal_slot(signal_), naio_signal_slot(scope_)};
        if (random.one_in(3)) {
            naio_slot* const slot = slots[random.below(3)];
            naio_aio_bind_slot(handle.aio, slot, NAIO_CANCEL_ALL);
            handle.bound = slot != nullptr;
        }
        const bool typed = !random.one_in(4);
        const bool releases = typed && random.one_in(2);
        const naio_cancel guarantee = random.of<naio_cancel>({0, 1, 2, 4, 4});
        nng_mtx_lock(handle.lock);
        handle.typed = typed;
        handle.declines = typed ? random.below(3) : 0;
        handle.operations.push_back({.refused = true, .reachable = timeout >= 0 || handle.bound});
        ++handle.begun;
        const bool started = typed
                                 ? naio_aio_start(handle.aio, guarantee, cancel, releases ? release : nullptr, &handle)
                                 : nng_aio_start(handle.aio, cancel_plain, &handle);
        if (started) {
            handle.open = true;
            handle.operations.back().refused = false;
            if (releases) ++handle.to_release;
        }
        nng_mtx_unlock(handle.lock);
    }

    void request(Handle& handle, Random& random) {
        unsigned number = 0;
        {
            const std::scoped_lock lock(mutex_);
            number = static_cast<unsigned>(requests_.size());
            requests_.push_back({.handle = static_cast<unsigned>(&handle - handles_.data()), .first = handle.begun});
        }
        const auto code = static_cast<nng_err>(kFirstCode + 2 * static_cast<int>(number));
        const bool accepted = naio_aio_cancel(handle.aio, random.one_in(2) ? NAIO_CANCEL_ALL : random.below(8), code);
        const std::scoped_lock lock(mutex_);
        requests_[number].accepted = accepted;
        requests_[number].last = handle.begun;
    }

    void permit(Handle& handle, Random& random) {
        nng_mtx_lock(handle.lock);
        if (handle.open && handle.typed) {
            const naio_cancel accepted = naio_aio_permit(handle.aio, random.of<naio_cancel>({0, 1, 2, 4}));
            if (accepted != 0) require(naio_aio_reason(handle.aio) != NNG_OK, "an accepted request has no reason");
        }
        nng_mtx_unlock(handle.lock);
    }

    // Finishes the handle's operation and waits until it is over. Called by the owner, and by the main thread when all
    // owners have returned.
    void end(Handle& handle) {
        finish(handle, own_code(), false);
        nng_aio_wait(handle.aio);
        check_idle(handle);
    }

    void make_calls(unsigned thread) {
        Random random(seed_ * kThreads + thread);
        for (unsigned i = 0; i < length_; ++i) {
            Handle& own = handles_[thread];
            Handle& handle = handles_[random.below(kShared)];
            switch (random.below(12)) {
                case 0:
                case 1:
                case 2:
                    if (!nng_aio_busy(own.aio)) start(own, random);
                    break;
                case 3:
                    end(own);
                    break;
                case 4:
                    finish(handle, own_code(), false);
                    break;
                case 5:
                case 6:
                case 7:
                    request(handle, random);
                    break;
                case 8:
                    permit(handle, random);
                    break;
                case 9:
                    naio_signal_emit(random.one_in(6) ? scope_ : signal_, random.below(8));
                    break;
                case 10:
                    if (naio_aio_wait_until(own.aio, nng_clock() + 1)) check_idle(own);
                    break;
                default:
                    if (!random.one_in(4)) break;
                    handle.closed = true;
                    naio_aio_close(handle.aio);
            }
        }
    }

    // ---- checks

    // Returns a result for a finish. The result is odd, and no other finish has the same one. The reasons of requests
    // are even.
    int own_code() { return kFirstCode + 1 + 2 * static_cast<int>(codes_++); }

    void require(bool holds, const char* what) {
        if (holds) return;
        const std::scoped_lock lock(mutex_);
        if (wrong_.empty()) wrong_ = what;
    }

    // Checks the result and outcome of the latest operation. Called in its callback, or while the handle is idle.
    void check_result(Handle& handle) {
        nng_mtx_lock(handle.lock);
        const Operation operation = handle.operations.back();
        nng_mtx_unlock(handle.lock);
        const int result = nng_aio_result(handle.aio);
        const naio_cancel outcome = naio_aio_outcome(handle.aio);
        if (operation.refused) {
            require(result == NNG_ESTOPPED || result == NNG_ETIMEDOUT || result == NNG_ECANCELED,
                    "a refused start has a result that no refusal has");
            require(outcome == NAIO_CANCEL_TOTAL, "a refused start has another outcome than TOTAL");
            return;
        }
        require(result == operation.code, "the result is not the one that the provider finished with");
        if (!operation.by_cancel)
            require(outcome == NAIO_CANCEL_NONE, "the operation has an outcome although no request ended it");
    }

    void check_idle(Handle& handle) {
        require(handle.callbacks == handle.begun, "the wait returned before each start had had one callback");
        require(handle.in_callback == 0, "the wait returned before the callback had returned");
        require(handle.releases == handle.to_release, "the wait returned before each operation was released");
        if (handle.begun != 0) check_result(handle);
    }

    // Checks the answers of the requests. Called when all threads have returned.
    void check_codes() {
        for (unsigned h = 0; h < kShared; ++h) {
            for (unsigned k = 0; k < handles_[h].operations.size(); ++k) {
                const Operation& operation = handles_[h].operations[k];
                const int code = operation.code - kFirstCode;
                if (!operation.by_cancel || code < 0) continue;
                const auto meets = [&](const Request& each) {
                    return each.handle == h && each.first <= k + 1 && k + 1 <= each.last;
                };
                require(code % 2 == 0 && meets(requests_[static_cast<unsigned>(code) / 2]),
                        "the result is the code of a request to another operation");
                // See rule 4 of shared.h. Without the exceptions `reachable` and `closed`, `simulation_scheduled
                // --shared 1 --first 138 --schedules 1` fails: in operation 4 of handle 2 the timeout comes while the
                // cancel function declines a request.
                require(operation.reachable || handles_[h].closed ||
                            std::any_of(requests_.begin(), requests_.end(),
                                        [&](const Request& each) { return meets(each) && each.accepted; }),
                        "an operation was ended by requests whose callers learned that they had no effect");
            }
        }
    }

    const std::uint64_t seed_;
    const unsigned length_;
    std::array<Handle, kShared> handles_;
    naio_signal* scope_ = nullptr;
    naio_signal* signal_ = nullptr;
    std::atomic<unsigned> codes_{0};
    std::mutex mutex_;               // guards the following members
    std::vector<Request> requests_;  // number n has the code kFirstCode + 2 * n
    std::string wrong_;
};

}  // namespace

std::string run_shared(std::uint64_t seed, unsigned length) {
    auto shared = std::make_unique<Shared>(seed, length);
    std::string wrong = shared->run();
    if (!wrong.empty()) static_cast<void>(shared.release());  // ~Shared waits for its handles, which may never end
    return wrong;
}

}  // namespace simulation
