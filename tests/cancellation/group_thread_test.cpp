// Tests on which thread a group asks its other members to end, and that this blocks no thread and takes no stack.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <pthread.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "support/handle.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

// A group of three. The members are operations of the program, which record the thread of their cancel function, or
// sleeps, which are operations of the library.
class GroupThread : public testing::Test {
  public:
    static constexpr unsigned kSize = 3;

    GroupThread() {
        EXPECT_EQ(naio_group_alloc(&group_, kSize), NNG_OK);
        first_.has_release = false;  // so that finish() itself completes the member, and the group decides in it
        other_.on_cancel = [this](TypedOperation& self, naio_cancel, nng_err reason) {
            const std::lock_guard<std::mutex> lock(provider_);
            asked_on_ = std::this_thread::get_id();
            return self.finish(reason);
        };
    }
    ~GroupThread() override { naio_group_free(group_); }

    nng_aio* aio(unsigned i) { return naio_group_aio(group_, i); }
    void start(nng_aio* outer) { ASSERT_TRUE(naio_group_start(group_, outer, 1, 0, kAll)); }
    void submit_first() { EXPECT_TRUE(first_.start(aio(0), kTotal)); }
    void sleep(unsigned i) { nng_sleep_aio(NNG_DURATION_INFINITE, aio(i)); }
    // Finishes member 0 as a provider may: with its lock held, which the other member's cancel function takes.
    void finish_first_under_the_lock() {
        const std::lock_guard<std::mutex> lock(provider_);
        EXPECT_TRUE(first_.finish());
    }
    // Seals the group, and lets the first member decide it.
    void expect_to_ask_on_another_thread(const Handle& outer) {
        naio_group_seal(group_);
        finish_first_under_the_lock();
        EXPECT_EQ(outer.wait(), NNG_OK);
        EXPECT_NE(asked_on_, std::thread::id());
        EXPECT_NE(asked_on_, std::this_thread::get_id());
    }

    naio_group* group_ = nullptr;
    TypedOperation first_, other_;
    std::mutex provider_;
    std::thread::id asked_on_;
};

TEST_F(GroupThread, EndsOperationsOfTheLibraryInTheCallThatDecides) {
    const SilentHandle outer = make_silent_handle();
    for (int round = 0; round < 100; ++round) {
        start(outer.get());
        submit_first();
        sleep(1);
        sleep(2);
        naio_group_seal(group_);
        finish_first_under_the_lock();
        ASSERT_FALSE(nng_aio_busy(outer.get())) << "another thread asks the sleeps to end";
        ASSERT_EQ(nng_aio_result(aio(1)), NNG_ECANCELED);
        ASSERT_EQ(nng_aio_result(aio(2)), NNG_ECANCELED);
        ASSERT_EQ(nng_aio_result(outer.get()), NNG_OK);
    }
}

TEST_F(GroupThread, AsksAProviderOfTheProgramOnAnotherThread) {
    Handle outer;
    start(outer);
    submit_first();
    EXPECT_TRUE(other_.start(aio(1), kTotal));
    sleep(2);
    expect_to_ask_on_another_thread(outer);
}

TEST_F(GroupThread, AsksAPlainProviderOfTheProgramOnAnotherThread) {
    Handle outer;
    start(outer);
    submit_first();
    const auto cancel = [](nng_aio* aio, void* self, nng_err reason) {
        static_cast<GroupThread*>(self)->asked_on_ = std::this_thread::get_id();
        nng_aio_finish(aio, reason);
    };
    EXPECT_TRUE(nng_aio_start(aio(1), cancel, this));
    sleep(2);
    expect_to_ask_on_another_thread(outer);
}

TEST_F(GroupThread, AsksAComposedMemberOnAnotherThread) {
    Handle outer;
    start(outer);
    submit_first();
    const auto step = [](naio_op* op, void* self, nng_err result, size_t) {
        auto& test = *static_cast<GroupThread*>(self);
        if (result != NNG_OK) return naio_op_finish(op, result, 0);
        EXPECT_TRUE(test.other_.start(naio_op_child(op), kTotal));
    };
    EXPECT_EQ(naio_compose(aio(1), NAIO_CANCEL_TOTAL, step, nullptr, this), NNG_OK);
    sleep(2);
    expect_to_ask_on_another_thread(outer);
}

TEST_F(GroupThread, CallsTheFunctionOfItsSlotOnAnotherThread) {
    Handle outer;
    const auto note = [](void* self, naio_cancel) {
        auto& test = *static_cast<GroupThread*>(self);
        const std::lock_guard<std::mutex> lock(test.provider_);
        test.asked_on_ = std::this_thread::get_id();
        return true;
    };
    naio_slot_assign(naio_aio_slot(outer), note, this);
    start(outer);
    submit_first();
    sleep(1);
    sleep(2);
    naio_group_seal(group_);
    finish_first_under_the_lock();
    EXPECT_EQ(outer.wait(), NNG_OK);
    naio_slot_clear(naio_aio_slot(outer));
    EXPECT_NE(asked_on_, std::thread::id());
    EXPECT_NE(asked_on_, std::this_thread::get_id());
}

TEST_F(GroupThread, RefusesAMemberOfTheProgramThatIsSubmittedAfterTheDecision) {
    Handle outer;
    start(outer);
    submit_first();
    sleep(1);
    finish_first_under_the_lock();
    EXPECT_FALSE(nng_aio_busy(aio(1)));
    EXPECT_FALSE(other_.start(aio(2), kTotal));
    naio_group_seal(group_);
    EXPECT_EQ(outer.wait(), NNG_OK);
    EXPECT_EQ(nng_aio_result(aio(2)), NNG_ECANCELED);
}

// ---- queues

class GroupThreadWithAQueue : public GroupThread {
  protected:
    GroupThreadWithAQueue() { EXPECT_EQ(naio_queue_alloc(&queue_), NNG_OK); }
    ~GroupThreadWithAQueue() override { naio_queue_free(queue_); }
    void launch(nng_aio* outer) {
        naio_aio_set_queue(outer, queue_);
        start(outer);
        submit_first();
        EXPECT_TRUE(other_.start(aio(1), kTotal));
        sleep(2);
        naio_group_seal(group_);
    }

    naio_queue* queue_ = nullptr;
};

TEST_F(GroupThreadWithAQueue, AsksAProviderOfTheProgramInTheQueue) {
    Handle outer;
    launch(outer);
    finish_first_under_the_lock();
    EXPECT_TRUE(nng_aio_busy(aio(1)));
    EXPECT_TRUE(nng_aio_busy(aio(2)));
    while (outer.callbacks() == 0) naio_queue_run(queue_, NNG_DURATION_INFINITE);
    EXPECT_EQ(asked_on_, std::this_thread::get_id());
    EXPECT_EQ(outer.wait(), NNG_OK);
}

// Such a group completes without the queue, so it must not need a thread that runs the queue.
TEST_F(GroupThreadWithAQueue, WithoutACallbackAsksOnAnotherThread) {
    const SilentHandle outer = make_silent_handle();
    launch(outer.get());
    finish_first_under_the_lock();
    EXPECT_TRUE(naio_aio_wait_until(outer.get(), nng_clock() + 10000));
    EXPECT_NE(asked_on_, std::this_thread::get_id());
    EXPECT_EQ(nng_aio_result(outer.get()), NNG_OK);
}

// ---- groups in groups

// Group i is member 0 of group i + 1. The other member of each group sleeps. If the innermost member ends, all groups
// end, one after the other.
class GroupsInGroups : public testing::Test {
  protected:
    static constexpr unsigned kDepth = 4000;

    ~GroupsInGroups() override {
        for (naio_group* const group : groups_) naio_group_free(group);
    }
    void launch(nng_aio* outer, unsigned need) {
        groups_.resize(kDepth);
        for (naio_group*& group : groups_) ASSERT_EQ(naio_group_alloc(&group, 2), NNG_OK);
        for (unsigned i = kDepth; i-- > 0;) {
            ASSERT_TRUE(naio_group_start(groups_[i], outer, need, 0, kAll));
            outer = naio_group_aio(groups_[i], 0);
            nng_sleep_aio(need == 1 ? NNG_DURATION_INFINITE : 0, naio_group_aio(groups_[i], 1));
        }
        innermost_.has_release = false;
        ASSERT_TRUE(innermost_.start(outer, kTotal));
        for (unsigned i = 0; i < kDepth; ++i) naio_group_seal(groups_[i]);
    }
    // Finishes the innermost member on a thread with a small stack.
    void finish() {
        pthread_attr_t attributes;
        ASSERT_EQ(pthread_attr_init(&attributes), 0);
        ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::size_t{256} << 10), 0);
        const auto run = [](void* self) -> void* {
            EXPECT_TRUE(static_cast<GroupsInGroups*>(self)->innermost_.finish());
            return nullptr;
        };
        pthread_t thread;
        ASSERT_EQ(pthread_create(&thread, &attributes, run, this), 0);
        pthread_join(thread, nullptr);
        pthread_attr_destroy(&attributes);
    }

    std::vector<naio_group*> groups_;
    TypedOperation innermost_;
};

TEST_F(GroupsInGroups, DecideWithoutMoreStack) {
    const SilentHandle outer = make_silent_handle();
    launch(outer.get(), 1);
    finish();
    EXPECT_FALSE(nng_aio_busy(outer.get()));
    EXPECT_EQ(nng_aio_result(outer.get()), NNG_OK);
}

TEST_F(GroupsInGroups, CompleteWithoutMoreStack) {
    const SilentHandle outer = make_silent_handle();
    launch(outer.get(), 2);
    finish();
    EXPECT_FALSE(nng_aio_busy(outer.get()));
    EXPECT_EQ(nng_aio_count(outer.get()), 2u);
}

}  // namespace
}  // namespace cancellation
