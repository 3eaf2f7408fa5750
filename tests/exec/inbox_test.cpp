// Tests Inbox, the stack through which threads hand tasks to a task queue.
#include "exec/inbox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <thread>
#include <vector>

namespace naio {
namespace {

struct Letter : Task {
    Letter() : Task([](Task&) noexcept -> Task* { return nullptr; }) {}
    std::size_t sender = 0;
    std::size_t number = 0;
};

class InboxTest : public testing::Test {
  protected:
    // Pushes all letters in one list.
    bool push(std::initializer_list<Letter*> letters) {
        TaskList list;
        for (Letter* letter : letters) list.push(*letter);
        const bool pushed = inbox_.push(list);
        EXPECT_EQ(list.empty(), pushed);
        left_ = drain(list);
        return pushed;
    }

    static std::vector<Task*> drain(TaskList& list) {
        std::vector<Task*> tasks;
        while (Task* task = list.pop()) tasks.push_back(task);
        return tasks;
    }

    std::vector<Task*> take() {
        TaskList list;
        inbox_.take(list);
        return drain(list);
    }

    using Tasks = std::vector<Task*>;
    Inbox inbox_;
    Tasks left_;  // the tasks that the last push has left in its list
    Letter a_, b_, c_, d_, e_;
};

TEST_F(InboxTest, GivesTasksInTheOrderTheyCameIn) {
    inbox_.open();
    EXPECT_TRUE(inbox_.empty());
    EXPECT_TRUE(push({&a_}));
    EXPECT_TRUE(push({&b_, &c_, &d_}));
    EXPECT_TRUE(push({&e_}));
    EXPECT_FALSE(inbox_.empty());
    EXPECT_EQ(take(), (Tasks{&a_, &b_, &c_, &d_, &e_}));
    EXPECT_TRUE(inbox_.empty());
    EXPECT_EQ(take(), Tasks{});
}

TEST_F(InboxTest, GivesThemBehindWhatIsInTheList) {
    inbox_.open();
    push({&b_, &c_});
    TaskList list;
    list.push(a_);
    inbox_.take(list);
    EXPECT_EQ(drain(list), (Tasks{&a_, &b_, &c_}));
}

TEST_F(InboxTest, IsClosedAtFirst) {
    EXPECT_TRUE(inbox_.empty());
    EXPECT_FALSE(push({&a_}));
    EXPECT_EQ(left_, Tasks{&a_});
}

TEST_F(InboxTest, LeavesTheListAsItWasWhenItIsClosed) {
    inbox_.open();
    TaskList rest;
    inbox_.close(rest);
    EXPECT_FALSE(push({&a_, &b_, &c_}));
    EXPECT_EQ(left_, (Tasks{&a_, &b_, &c_}));
    EXPECT_TRUE(inbox_.empty());
}

TEST_F(InboxTest, GivesWhatIsLeftWhenItIsClosedAndOpensEmpty) {
    inbox_.open();
    push({&a_});
    push({&b_});
    TaskList rest;
    inbox_.close(rest);
    EXPECT_EQ(drain(rest), (Tasks{&a_, &b_}));
    inbox_.open();
    EXPECT_EQ(take(), Tasks{});
    EXPECT_TRUE(push({&c_}));
    EXPECT_EQ(take(), Tasks{&c_});
}

// Several threads push tasks. The test's thread takes them, and closes the inbox in the middle. The tasks of each
// pushing thread must come in the order in which that thread pushed them, without a gap.
TEST(InboxRaceTest, EveryTaskComesOnceAndInOrder) {
    constexpr std::size_t kThreads = 3;
    constexpr std::size_t kLetters = 20'000;
    Inbox inbox;
    inbox.open();
    std::array<std::vector<Letter>, kThreads> letters;
    std::array<std::size_t, kThreads> pushed{};
    std::array<std::size_t, kThreads> taken{};
    std::vector<std::thread> threads;
    for (std::size_t sender = 0; sender < kThreads; ++sender) {
        letters[sender] = std::vector<Letter>(kLetters);
        threads.emplace_back([&, sender] {
            for (std::size_t i = 0; i < kLetters;) {
                TaskList list;
                const std::size_t end = std::min(kLetters, i + 1 + i % 3);
                for (std::size_t k = i; k < end; ++k) {
                    letters[sender][k].sender = sender;
                    letters[sender][k].number = k;
                    list.push(letters[sender][k]);
                }
                if (!inbox.push(list)) return;
                pushed[sender] = i = end;
            }
        });
    }
    const auto check = [&](TaskList& list) {
        while (Task* task = list.pop()) {
            const auto& letter = static_cast<Letter&>(*task);
            ASSERT_EQ(letter.number, taken[letter.sender]++);
        }
    };
    while (taken[0] < kLetters / 2) {
        TaskList list;
        inbox.take(list);
        check(list);
        if (HasFatalFailure()) break;
    }
    TaskList rest;
    inbox.close(rest);
    for (std::thread& thread : threads) thread.join();
    check(rest);
    EXPECT_EQ(taken, pushed);
}

}  // namespace
}  // namespace naio
