// An nng_aio whose callback is a function object, with a record of its callbacks.
//
// The destructor of Handle checks, in every test, that no callback began inside the stack of another callback, and that
// no two callbacks of the handle overlapped.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "support/event.h"

namespace support {

using Results = std::vector<nng_err>;

class Handle {
  public:
    using Callback = std::function<void(nng_aio*)>;

    explicit Handle(Callback callback = {}) : callback_(std::move(callback)) {
        if (nng_aio_alloc(&aio_, &Handle::called, this) != NNG_OK) std::abort();
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    ~Handle() {
        if (owned_) nng_aio_free(aio_);
        EXPECT_FALSE(nested_) << "a callback began inside another callback's stack";
        EXPECT_FALSE(overlapped_) << "two callbacks of one handle overlapped";
    }

    operator nng_aio*() const { return aio_; }

    // Gives the nng_aio to the test, which must free or reap it. The record stays readable.
    [[nodiscard]] nng_aio* release() {
        owned_ = false;
        return aio_;
    }

    // Makes the following operations move bytes to or from this memory.
    void use(void* memory, std::size_t size) const {
        const nng_iov vector{memory, size};
        EXPECT_EQ(nng_aio_set_iov(aio_, 1, &vector), NNG_OK);
    }

    // Waits until the handle is idle, and returns the result of its latest operation.
    nng_err wait() const {
        nng_aio_wait(aio_);
        return nng_aio_result(aio_);
    }

    // Returns output 0 of the latest operation.
    template <class T>
    [[nodiscard]] T* output() const {
        return static_cast<T*>(nng_aio_get_output(aio_, 0));
    }

    // Waits until `n` callbacks have ended. False if fewer have ended within kPatience.
    [[nodiscard]] bool called_back(int n = 1) { return ended_.wait(n); }
    [[nodiscard]] bool stays_silent() { return ended_.stays_away(ended_.count() + 1); }
    [[nodiscard]] int callbacks() const { return ended_.count(); }

    // Returns a list of the values that nng_aio_result returned at the beginning of each callback.
    [[nodiscard]] Results results() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return results_;
    }
    // Returns the thread of the latest callback.
    [[nodiscard]] std::thread::id thread() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return thread_;
    }

  private:
    static void called(void* arg) { static_cast<Handle*>(arg)->call(); }

    void call() {
        thread_local int depth = 0;
        if (depth++ != 0) nested_ = true;
        if (inside_.exchange(true)) overlapped_ = true;
        record(nng_aio_result(aio_));
        if (callback_) callback_(aio_);
        inside_ = false;
        --depth;
        ended_.set();  // the test may destroy a released handle's record from here on
    }

    void record(nng_err result) {
        const std::lock_guard<std::mutex> lock(mutex_);
        results_.push_back(result);
        thread_ = std::this_thread::get_id();
    }

    const Callback callback_;
    nng_aio* aio_ = nullptr;
    bool owned_ = true;
    std::atomic<bool> inside_{false};
    std::atomic<bool> nested_{false};
    std::atomic<bool> overlapped_{false};
    mutable std::mutex mutex_;
    Results results_;
    std::thread::id thread_;
    Event ended_;
};

struct FreeAio {
    void operator()(nng_aio* aio) const { nng_aio_free(aio); }
};
using SilentHandle = std::unique_ptr<nng_aio, FreeAio>;

// Returns a handle with a NULL callback.
inline SilentHandle make_silent_handle() {
    nng_aio* aio = nullptr;
    if (nng_aio_alloc(&aio, nullptr, nullptr) != NNG_OK) std::abort();
    return SilentHandle(aio);
}

}  // namespace support
