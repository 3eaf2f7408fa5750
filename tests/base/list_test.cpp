// Tests List by example and against std::list.
#include "base/list.h"

#include <gtest/gtest.h>

#include <deque>
#include <list>
#include <random>
#include <string>

namespace naio {
namespace {

struct Node : ListNode {
    explicit Node(char letter) : name(letter) {}
    char name;
};

// Returns the names of the nodes in the list, from front to back.
std::string names(List<Node>& list) {
    std::string text;
    for (Node* node = list.front(); node != nullptr; node = list.after(*node)) text += node->name;
    return text;
}

class ListTest : public testing::Test {
  protected:
    Node a_{'a'}, b_{'b'}, c_{'c'}, d_{'d'};
    List<Node> list_;
    List<Node> other_;
};

TEST_F(ListTest, IsEmptyAtFirst) {
    EXPECT_TRUE(list_.empty());
    EXPECT_EQ(list_.front(), nullptr);
    EXPECT_EQ(list_.pop_front(), nullptr);
}

TEST_F(ListTest, KeepsElementsInTheOrderTheyWerePushedIn) {
    list_.push_back(b_);
    list_.push_back(c_);
    list_.push_front(a_);
    EXPECT_FALSE(list_.empty());
    EXPECT_EQ(names(list_), "abc");
    EXPECT_EQ(list_.pop_front(), &a_);
    EXPECT_EQ(list_.pop_front(), &b_);
    EXPECT_EQ(list_.pop_front(), &c_);
    EXPECT_TRUE(list_.empty());
}

TEST_F(ListTest, AnElementLeavesFromAnyPlace) {
    for (Node* gone : {&a_, &b_, &c_}) {
        list_.push_back(a_);
        list_.push_back(b_);
        list_.push_back(c_);
        gone->unlink();
        std::string left = "abc";
        left.erase(left.find(gone->name), 1);
        EXPECT_EQ(names(list_), left);
        while (list_.pop_front() != nullptr) {
        }
    }
}

TEST_F(ListTest, UnlinkingTwiceIsHarmless) {
    a_.unlink();
    list_.push_back(a_);
    list_.push_back(b_);
    a_.unlink();
    a_.unlink();
    EXPECT_EQ(names(list_), "b");
}

TEST_F(ListTest, AnElementMovesFromListToList) {
    list_.push_back(a_);
    list_.push_back(b_);
    a_.unlink();
    other_.push_back(a_);
    EXPECT_EQ(names(list_), "b");
    EXPECT_EQ(names(other_), "a");
}

TEST_F(ListTest, TakeMovesEverythingToTheEnd) {
    list_.push_back(a_);
    list_.push_back(b_);
    other_.push_back(c_);
    other_.push_back(d_);
    list_.take(other_);
    EXPECT_EQ(names(list_), "abcd");
    EXPECT_TRUE(other_.empty());
    list_.take(other_);
    EXPECT_EQ(names(list_), "abcd");
    other_.take(list_);
    EXPECT_EQ(names(other_), "abcd");
    EXPECT_TRUE(list_.empty());
    d_.unlink();
    other_.push_back(d_);
    EXPECT_EQ(names(other_), "abcd");
}

TEST_F(ListTest, AgreesWithTheStandardListWhateverIsDoneToIt) {
    std::mt19937 random(1);
    std::deque<Node> nodes;
    for (char letter = 'a'; letter <= 'z'; ++letter) nodes.emplace_back(letter);
    std::list<char> expected[2];
    List<Node> lists[2];
    for (int i = 0; i < 20'000; ++i) {
        Node& node = nodes[random() % nodes.size()];
        const unsigned which = random() % 2;
        switch (random() % 5) {
            case 0:
                lists[which].take(lists[1 - which]);
                expected[which].splice(expected[which].end(), expected[1 - which]);
                break;
            case 1:
                ASSERT_EQ(lists[which].pop_front() == nullptr, expected[which].empty());
                if (!expected[which].empty()) expected[which].pop_front();
                break;
            default:
                node.unlink();
                for (auto& list : expected) list.remove(node.name);
                if (random() % 2 == 0) {
                    lists[which].push_back(node);
                    expected[which].push_back(node.name);
                } else {
                    lists[which].push_front(node);
                    expected[which].push_front(node.name);
                }
        }
        for (const int each : {0, 1}) {
            ASSERT_EQ(names(lists[each]), std::string(expected[each].begin(), expected[each].end()));
            ASSERT_EQ(lists[each].empty(), expected[each].empty());
        }
    }
}

}  // namespace
}  // namespace naio
