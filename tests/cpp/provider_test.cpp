// Tests naio::aio_list and naio::default_timeout: a provider in C++.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <naio/naio.hpp>
#include <thread>
#include <vector>

namespace cpp {
namespace {

using namespace std::chrono_literals;

// A provider: its operations wait until another thread ends them.
class Waiting {
  public:
    void start(nng_aio* aio) {
        const std::lock_guard lock(mutex_);
        naio::default_timeout(aio, timeout);
        if (nng_aio_start(aio, &Waiting::cancel, this)) list_.push_back(aio);
    }
    // Ends the operation that has waited longest. False if none waits.
    bool end_first() {
        nng_aio* const aio = [&] {
            const std::lock_guard lock(mutex_);
            return list_.pop_front();
        }();
        if (aio != nullptr) nng_aio_finish(aio, NNG_OK);
        return aio != nullptr;
    }
    [[nodiscard]] nng_aio* first() {
        const std::lock_guard lock(mutex_);
        EXPECT_EQ(list_.empty(), list_.front() == nullptr);
        return list_.front();
    }

    std::chrono::milliseconds timeout = 1h;

  private:
    static void cancel(nng_aio* aio, void* self, nng_err reason) {
        auto& waiting = *static_cast<Waiting*>(self);
        std::unique_lock lock(waiting.mutex_);
        const bool ours = waiting.list_.remove(aio);
        EXPECT_FALSE(ours && waiting.list_.remove(aio));
        lock.unlock();
        if (ours) nng_aio_finish(aio, reason);
    }

    std::mutex mutex_;
    naio::aio_list list_;
};

class AioList : public testing::Test {
  protected:
    // Starts this many operations.
    void start(std::size_t count) {
        handles_.clear();
        for (std::size_t i = 0; i < count; ++i) handles_.push_back(std::make_unique<naio::aio>());
        for (const auto& handle : handles_) handle->start(std::ref(waiting_));
    }
    // Ends all operations that wait, and expects that these are the ones with the given numbers, in this order.
    void expect_waiting(const std::vector<std::size_t>& numbers) {
        for (const std::size_t number : numbers) {
            EXPECT_EQ(waiting_.first(), handles_[number]->get());
            EXPECT_TRUE(waiting_.end_first());
            handles_[number]->wait();
            EXPECT_TRUE(handles_[number]->result());
        }
        EXPECT_EQ(waiting_.first(), nullptr);
        EXPECT_FALSE(waiting_.end_first());
    }

    Waiting waiting_;
    std::vector<std::unique_ptr<naio::aio>> handles_;
};

TEST_F(AioList, IsFirstInFirstOut) {
    expect_waiting({});
    start(3);
    expect_waiting({0, 1, 2});
}

TEST_F(AioList, LosesThatWhichIsRemovedWhereverItIs) {
    const std::vector<std::vector<std::size_t>> rest = {{1, 2}, {0, 2}, {0, 1}};
    for (std::size_t removed = 0; removed < 3; ++removed) {
        start(3);
        handles_[removed]->cancel();
        handles_[removed]->wait();
        EXPECT_EQ(handles_[removed]->result().err, NNG_ECANCELED);
        expect_waiting(rest[removed]);
    }
    start(1);
    handles_[0]->cancel();
    expect_waiting({});
}

// The list's lock decides which thread finishes an operation: the one that takes the first one, or the canceller.
TEST_F(AioList, GivesEachOperationToOneThread) {
    for (int round = 0; round < 50; ++round) {
        start(20);
        std::thread canceller([&] {
            for (const auto& handle : handles_) handle->cancel();
        });
        while (waiting_.end_first()) {
        }
        canceller.join();
        for (const auto& handle : handles_) handle->wait();
        EXPECT_EQ(waiting_.first(), nullptr);
    }
}

TEST(ProviderInCpp, SetsADefaultTimeout) {
    Waiting waiting;
    waiting.timeout = 2ms;
    naio::aio handle;
    handle.use_default_timeout();
    handle.start(std::ref(waiting));
    handle.wait();
    EXPECT_EQ(handle.result().err, NNG_ETIMEDOUT);
    handle.start(naio::sleep_for(5ms));  // its provider has no default
    handle.wait();
    EXPECT_TRUE(handle.result());
}

}  // namespace
}  // namespace cpp
