// Tests the notifications that a TaskRunner makes later.
#include "exec/task_runner.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <thread>

#include "exec/library_wait.h"
#include "support/event.h"
#include "support/task_without_queue.h"

namespace naio {
namespace {

using namespace support;

// A thread that waits for a condition. The constructor returns when the thread waits.
class Sleeper {
  public:
    Sleeper() : thread_([this] { sleep(); }) {
        EXPECT_TRUE(begins_.wait());
        Lock lock(mutex_);  // the thread has the lock until it waits
    }
    ~Sleeper() {
        if (thread_.joinable()) thread_.join();
    }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;

    [[nodiscard]] bool is_notified() { return notified_.wait(); }
    [[nodiscard]] bool is_not_notified() { return notified_.stays_away(); }

    Condition condition;

  private:
    void sleep() {
        Lock lock(mutex_);
        begins_.set();
        condition.wait(mutex_);
        notified_.set();
    }

    Mutex mutex_;
    Event begins_, notified_;
    std::thread thread_;
};

TEST(TaskRunnerTest, ALateNotificationIsMadeWhenItIsDue) {
    TaskWithoutQueue runner;
    Sleeper sleeper;
    runner.notify_later(sleeper.condition);
    runner.notify_later(sleeper.condition);
    EXPECT_TRUE(sleeper.is_not_notified());
    runner.notify_due();
    EXPECT_TRUE(sleeper.is_notified());
}

TEST(TaskRunnerTest, ALateNotificationIsMadeBeforeAWait) {
    TaskWithoutQueue runner;
    Sleeper sleeper;
    runner.notify_later(sleeper.condition);
    const LibraryWait waiting;
    EXPECT_TRUE(sleeper.is_notified());
}

TEST(TaskRunnerTest, ALateNotificationIsMadeBeforeTheThreadEnds) {
    std::optional<TaskWithoutQueue> runner(std::in_place);
    Sleeper sleeper;
    runner->notify_later(sleeper.condition);
    runner.reset();
    EXPECT_TRUE(sleeper.is_notified());
}

TEST(TaskRunnerTest, ALateNotificationThatFindsNoRoomMakesTheEarlierOnes) {
    TaskWithoutQueue runner;
    std::deque<Sleeper> sleepers(6);
    for (Sleeper& each : sleepers) runner.notify_later(each.condition);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(sleepers[i].is_notified());
    runner.notify_due();
    for (Sleeper& each : sleepers) EXPECT_TRUE(each.is_notified());
}

}  // namespace
}  // namespace naio
