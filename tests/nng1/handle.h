// A handle of NNG 1 for tests, which records the results that its callback sees. tests/support has handles for NNG 2,
// whose header cannot be included with NNG 1's.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

using Results = std::vector<int>;

class Handle {
  public:
    explicit Handle(std::function<void()> then = {}) : then_(std::move(then)) {
        EXPECT_EQ(nng_aio_alloc(&aio_, called, this), 0);
    }
    ~Handle() { nng_aio_free(aio_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    operator nng_aio*() const { return aio_; }
    Results results() const {
        std::lock_guard lock(mutex_);
        return results_;
    }
    // Waits until the callback has run `times` times. Unlike nng_aio_wait, it also waits for an operation that was
    // deferred without begin.
    bool wait_for(std::size_t times) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return results_.size() >= times; });
    }

  private:
    static void called(void* arg) {
        Handle& self = *static_cast<Handle*>(arg);
        {
            std::lock_guard lock(self.mutex_);
            self.results_.push_back(nng_aio_result(self.aio_));
        }
        self.changed_.notify_all();
        if (self.then_) self.then_();
    }

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    Results results_;
    std::function<void()> then_;
    nng_aio* aio_ = nullptr;
};
