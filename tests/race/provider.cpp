#include "provider.h"

#include "courier.h"
#include "random.h"
#include "verdict.h"

namespace race {

const char* name(Style style) {
    static constexpr const char* kNames[] = {"locked", "lockless", "lingering", "stubborn", "posting", "sleeping"};
    return kNames[static_cast<unsigned>(style)];
}

unsigned bit(nng_err reason) {
    switch (reason) {
        case NNG_ECANCELED:
            return 1;
        case NNG_ECONNABORTED:
            return 2;
        case NNG_ETIMEDOUT:
            return 4;
        case NNG_ESTOPPED:
            return 8;
        default:
            return 0;
    }
}

bool Provider::may_give(nng_err reason) const { return (bit(reason) & reasons_) != 0; }

bool Provider::start(Operation& operation, Number number) {
    if (has_list()) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!nng_aio_start(operation.aio, cancel, &operation)) return false;
        operation.before = nullptr;
        operation.after = waiting_;
        if (waiting_ != nullptr) waiting_->before = &operation;
        waiting_ = &operation;
        operation.held.store(number, std::memory_order_relaxed);
        return true;
    }
    operation.held.store(number, std::memory_order_release);  // the cancel function reads `held`
    if (!nng_aio_start(operation.aio, cancel, &operation)) return false;
    raise(operation.known, number);  // the other threads read `known`
    return true;
}

bool Provider::take(Operation& operation, Number number) {
    if (has_list()) {
        const std::lock_guard<std::mutex> lock(mutex_);
        return unlink(operation, number);
    }
    return operation.held.compare_exchange_strong(number, 0, std::memory_order_acq_rel);
}

bool Provider::unlink(Operation& operation, Number number) {
    if (operation.held.load(std::memory_order_relaxed) != number) return false;
    operation.held.store(0, std::memory_order_relaxed);
    (operation.before != nullptr ? operation.before->after : waiting_) = operation.after;
    if (operation.after != nullptr) operation.after->before = operation.before;
    return true;
}

void Provider::end(Operation& operation, Number number, nng_err result) {
    operation.result = result;
    nng_aio* const aio = operation.aio;
    nng_aio_set_output(aio, 0, reinterpret_cast<void*>(std::uintptr_t{number}));
    nng_aio_finish(aio, result);
    raise(operation.finished, number);
}

bool Provider::finish(Operation& operation, Number number, nng_err result) {
    if (!has_list() && operation.known.load(std::memory_order_acquire) != number) return false;
    if (!take(operation, number)) return false;
    end(operation, number, result);
    return true;
}

void Provider::finish_at_once(Operation& operation, Number number, nng_err result) {
    const bool in_flight = has_list() || nng_aio_busy(operation.aio);
    if (in_flight && take(operation, number)) end(operation, number, result);
}

void Provider::cancel(nng_aio* aio, void* argument, nng_err reason) {
    auto& operation = *static_cast<Operation*>(argument);
    const Number number = operation.number.load(std::memory_order_relaxed);
    verify(operation.aio == aio, "a cancel function is called for its own aio");
    verify(operation.cancels.fetch_add(1, std::memory_order_relaxed) == 0, "a cancel function is called at most once");
    verify(!operation.in_cancel.exchange(true, std::memory_order_relaxed), "a cancel function runs once at a time");
    verify(!operation.begun.load(std::memory_order_relaxed),
           "no cancel function is called after the callback has begun");
    verify(operation.provider->may_give(reason), "a cancel function is given the reason of a request");
    verify(reason != NNG_ETIMEDOUT || now_ns() >= operation.not_before, "no timeout is early");
    operation.provider->on_cancel(operation, number, reason);
    verify(!operation.begun.load(std::memory_order_relaxed), "no callback begins while the cancel function runs");
    verify(operation.number.load(std::memory_order_relaxed) == number, "a cancel function meets no later operation");
    operation.in_cancel.store(false, std::memory_order_relaxed);
}

void Provider::on_cancel(Operation& operation, Number number, nng_err reason) {
    switch (style_) {
        case Style::kLocked:
        case Style::kLockless:
            if (take(operation, number)) end(operation, number, reason);
            break;
        case Style::kLingering: {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (unlink(operation, number)) end(operation, number, reason);
            break;
        }
        case Style::kStubborn:
            courier_.post({this, &operation, number, NNG_EBUSY, false});
            break;
        case Style::kPosting:
            if (take(operation, number)) courier_.post({this, &operation, number, reason, true});
            break;
        case Style::kSleeping:
            break;
    }
    if (style_ == Style::kLingering) Random::spin(number % 512);
}

}  // namespace race
