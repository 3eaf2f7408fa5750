// Tests groups: their goals, orders and results, and requests at any time.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <climits>
#include <memory>
#include <vector>

#include "signals.h"
#include "support/handle.h"
#include "support/no_large_blocks.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

class Group : public testing::Test {
  protected:
    static constexpr unsigned kSize = 3;

    Group() {
        EXPECT_EQ(naio_group_alloc(&group_, kSize), NNG_OK);
        for (unsigned i = 0; i < kSize; ++i) members_.push_back(std::make_unique<TypedOperation>());
    }
    ~Group() override {
        nng_aio_wait(outer_);
        naio_group_free(group_);
    }

    nng_aio* aio(unsigned i) { return naio_group_aio(group_, i); }
    nng_err result(unsigned i) { return nng_aio_result(aio(i)); }
    bool start(unsigned need, unsigned flags, naio_cancel types = kTotal) {
        return naio_group_start(group_, outer_, need, flags, types);
    }
    void submit(unsigned i, naio_cancel guarantee = kTotal) {
        EXPECT_TRUE(members_[i]->start(aio(i), guarantee)) << "member " << i;
    }
    void launch(unsigned need, unsigned flags, naio_cancel types = kTotal) {
        ASSERT_TRUE(start(need, flags, types));
        for (unsigned i = 0; i < kSize; ++i) submit(i);
        naio_group_seal(group_);
    }
    nng_err wait() {
        nng_aio_wait(outer_);
        return nng_aio_result(outer_);
    }

    naio_group* group_ = nullptr;
    std::vector<std::unique_ptr<TypedOperation>> members_;
    Handle outer_;
};

TEST_F(Group, ForAllWaitsForAll) {
    launch(kSize, 0);
    EXPECT_TRUE(members_[2]->finish());
    EXPECT_TRUE(members_[0]->finish(NNG_ECONNRESET));
    EXPECT_TRUE(outer_.stays_silent());
    EXPECT_TRUE(members_[1]->finish());
    EXPECT_EQ(wait(), NNG_OK);  // all members have completed by themselves
    EXPECT_EQ(nng_aio_count(outer_), 2u);
    EXPECT_EQ(result(0), NNG_ECONNRESET);
}

TEST_F(Group, KeepsTheOrderOfCompletion) {
    for (auto& member : members_) member->has_release = false;  // so that finish() itself completes them
    launch(kSize, 0);
    for (const unsigned i : {1u, 2u, 0u}) EXPECT_TRUE(members_[i]->finish());
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(naio_group_order(group_, 0), 1u);
    EXPECT_EQ(naio_group_order(group_, 1), 2u);
    EXPECT_EQ(naio_group_order(group_, 2), 0u);
    EXPECT_EQ(naio_group_order(group_, 3), UINT_MAX);
}

TEST_F(Group, ForOneAsksTheOthersToEnd) {
    launch(1, 0);
    EXPECT_TRUE(members_[1]->finish(NNG_ECONNRESET));
    EXPECT_EQ(wait(), NNG_OK);  // the first member has completed, although with an error
    EXPECT_EQ(result(0), NNG_ECANCELED);
    EXPECT_EQ(result(2), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(aio(0)), kTotal);
    EXPECT_EQ(members_[0]->calls(), Calls({{kTotal, NNG_ECANCELED}}));
}

TEST_F(Group, AsksTheOthersForAReasonThatADeclinedRequestDoesNotChange) {
    ASSERT_TRUE(start(1, 0, kPartial | kTotal));
    submit(0, kNone);
    submit(1);
    submit(2);
    naio_group_seal(group_);
    EXPECT_TRUE(members_[1]->finish());
    nng_aio_wait(aio(2));  // this member ends when the group asks it to end
    EXPECT_FALSE(naio_aio_cancel(outer_, kAll, NNG_EPROTO));
    naio_aio_close(outer_);
    EXPECT_NE(members_[0]->permit(kPartial), 0u);
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(result(0), NNG_ECANCELED);
}

TEST_F(Group, ForOneSuccessIgnoresErrors) {
    launch(1, NAIO_GROUP_SUCCESS);
    EXPECT_TRUE(members_[0]->finish(NNG_ECONNREFUSED));
    EXPECT_TRUE(outer_.stays_silent());
    EXPECT_TRUE(members_[2]->finish());
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(outer_), 1u);
    EXPECT_EQ(result(1), NNG_ECANCELED);
}

TEST_F(Group, ForOneSuccessFailsWithTheFirstErrorIfAllFail) {
    for (auto& member : members_) member->has_release = false;
    launch(1, NAIO_GROUP_SUCCESS);
    EXPECT_TRUE(members_[1]->finish(NNG_ECONNREFUSED));
    EXPECT_TRUE(members_[0]->finish(NNG_ENOENT));
    EXPECT_TRUE(members_[2]->finish(NNG_EPERM));
    EXPECT_EQ(wait(), NNG_ECONNREFUSED);
    EXPECT_EQ(nng_aio_count(outer_), 0u);
}

TEST_F(Group, ForOneErrorEndsWithIt) {
    launch(kSize, NAIO_GROUP_SUCCESS);
    EXPECT_TRUE(members_[0]->finish());
    EXPECT_TRUE(members_[1]->finish(NNG_EPROTO));
    EXPECT_EQ(wait(), NNG_EPROTO);
    EXPECT_EQ(result(2), NNG_ECANCELED);
    EXPECT_EQ(nng_aio_count(outer_), 1u);
}

TEST_F(Group, ForOneErrorSucceedsWithoutOne) {
    launch(kSize, NAIO_GROUP_SUCCESS);
    for (unsigned i = 0; i < kSize; ++i) EXPECT_TRUE(members_[i]->finish());
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(outer_), kSize);
}

TEST_F(Group, ForAQuorumEndsWhenItIsThere) {
    launch(2, NAIO_GROUP_SUCCESS);
    EXPECT_TRUE(members_[0]->finish());
    EXPECT_TRUE(outer_.stays_silent());
    EXPECT_TRUE(members_[2]->finish());
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(result(1), NNG_ECANCELED);
}

TEST_F(Group, ForAQuorumEndsWhenItCannotBeReached) {
    for (auto& member : members_) member->has_release = false;
    launch(2, NAIO_GROUP_SUCCESS);
    EXPECT_TRUE(members_[0]->finish(NNG_EPROTO));
    EXPECT_TRUE(members_[1]->finish(NNG_EPERM));
    EXPECT_EQ(wait(), NNG_EPROTO);
    EXPECT_EQ(result(2), NNG_ECANCELED);
}

TEST_F(Group, WaitsForAMemberThatCannotGiveWhatIsAsked) {
    ASSERT_TRUE(start(1, 0, kTotal));
    submit(0);
    submit(1, kTerminal);
    submit(2);
    naio_group_seal(group_);
    EXPECT_TRUE(members_[0]->finish());
    EXPECT_TRUE(outer_.stays_silent());
    EXPECT_TRUE(members_[1]->calls().empty());
    EXPECT_TRUE(members_[1]->finish());
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(outer_), 2u);
}

TEST_F(Group, KeepsTheDataOfALoserThatSucceeded) {
    launch(1, 0);
    members_[1]->on_cancel = [](TypedOperation& self, naio_cancel, nng_err) { return self.finish(NNG_OK, 99); };
    EXPECT_TRUE(members_[0]->finish());
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(result(1), NNG_OK);
    EXPECT_EQ(nng_aio_count(aio(1)), 99u);
    EXPECT_EQ(nng_aio_count(outer_), 2u);
}

// ---- requests

TEST_F(Group, PassesARequestOnToItsMembers) {
    launch(kSize, 0);
    EXPECT_TRUE(naio_aio_cancel(outer_, kTotal, NNG_EINTR));
    EXPECT_EQ(wait(), NNG_EINTR);
    for (unsigned i = 0; i < kSize; ++i) EXPECT_EQ(members_[i]->calls(), Calls({{kTotal, NNG_EINTR}}));
}

TEST_F(Group, RefusesARequestThatNoMemberTakes) {
    ASSERT_TRUE(start(kSize, 0));
    for (unsigned i = 0; i < kSize; ++i) submit(i, kTerminal);
    naio_group_seal(group_);
    EXPECT_FALSE(naio_aio_cancel(outer_, kTotal, NNG_OK));
    EXPECT_TRUE(naio_aio_cancel(outer_, kTerminal, NNG_OK));
    EXPECT_EQ(wait(), NNG_ECANCELED);
}

TEST_F(Group, HasNoResultFromARequestThatItHasRefused) {
    for (const auto& member : members_) {
        member->on_cancel = [](TypedOperation& self, naio_cancel, nng_err) {
            self.finish(NNG_EPROTO);  // the member ends by itself at this moment
            return false;
        };
    }
    launch(kSize, NAIO_GROUP_SUCCESS, kNone);
    const bool accepted = naio_aio_cancel(outer_, kTotal, NNG_EINTR);
    EXPECT_EQ(wait(), accepted ? NNG_EINTR : NNG_EPROTO);
    EXPECT_EQ(naio_aio_outcome(outer_), accepted ? kPartial : kNone);
}

TEST_F(Group, ARefusedRequestDoesNotComeBackWhenAMemberCould) {
    ASSERT_TRUE(start(kSize, 0));
    for (unsigned i = 0; i < kSize; ++i) submit(i, kTerminal);
    naio_group_seal(group_);
    EXPECT_FALSE(naio_aio_cancel(outer_, kTotal, NNG_OK));
    EXPECT_EQ(members_[0]->permit(kTotal), kNone);
    for (unsigned i = 0; i < kSize; ++i) EXPECT_TRUE(members_[i]->finish());
    EXPECT_EQ(wait(), NNG_OK);
}

TEST_F(Group, ARequestDuringTheLaunchReachesAllMembers) {
    ASSERT_TRUE(start(kSize, 0));
    submit(0);
    EXPECT_TRUE(naio_aio_cancel(outer_, kTotal, NNG_OK));
    EXPECT_EQ(members_[0]->calls().size(), 1u);
    for (unsigned i = 1; i < kSize; ++i) EXPECT_FALSE(members_[i]->start(aio(i), kTotal)) << "refused at the start";
    naio_group_seal(group_);
    EXPECT_EQ(wait(), NNG_ECANCELED);
    for (unsigned i = 0; i < kSize; ++i) EXPECT_EQ(result(i), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(aio(1)), kTotal);
}

TEST_F(Group, AGoalThatIsReachedDuringTheLaunchRefusesTheRest) {
    ASSERT_TRUE(start(1, 0));
    submit(0);
    EXPECT_TRUE(members_[0]->finish());
    for (unsigned i = 1; i < kSize; ++i) static_cast<void>(members_[i]->start(aio(i), kTotal));  // maybe refused
    naio_group_seal(group_);
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(result(1), NNG_ECANCELED);
    EXPECT_EQ(result(2), NNG_ECANCELED);
}

TEST_F(Group, TimesOut) {
    nng_aio_set_timeout(outer_, 5);
    launch(1, 0);
    EXPECT_EQ(wait(), NNG_ETIMEDOUT);
    for (unsigned i = 0; i < kSize; ++i) EXPECT_EQ(result(i), NNG_ETIMEDOUT);
}

TEST_F(Group, CountsAMemberThatTimesOutByItself) {
    nng_aio_set_timeout(aio(1), 1);
    launch(1, 0);
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(result(1), NNG_ETIMEDOUT);
    EXPECT_EQ(result(0), NNG_ECANCELED);
}

TEST_F(Group, IsStopped) {
    launch(kSize, 0);
    nng_aio_stop(outer_);
    EXPECT_EQ(nng_aio_result(outer_), NNG_ESTOPPED);
}

TEST_F(Group, ReceivesRequestsThroughASignal) {
    Signal signal;
    signal.bind(outer_);
    launch(kSize, 0);
    EXPECT_TRUE(signal.emit(kTotal));
    EXPECT_EQ(wait(), NNG_ECANCELED);
}

TEST_F(Group, ForOneAsksTheOthersWhenARequestHasEndedTheFirst) {
    for (const unsigned flags : {0u, NAIO_GROUP_SUCCESS}) {
        ASSERT_TRUE(start(1, flags, kAll));
        submit(0, kPartial);
        for (unsigned i = 1; i < kSize; ++i) submit(i, kTerminal);
        naio_group_seal(group_);
        EXPECT_TRUE(naio_aio_cancel(outer_, kPartial, NNG_EINTR));
        EXPECT_EQ(wait(), NNG_EINTR);
        EXPECT_EQ(result(0), NNG_EINTR);
        for (unsigned i = 1; i < kSize; ++i) EXPECT_EQ(members_[i]->calls(), Calls({{kTerminal, NNG_ECANCELED}}));
    }
}

TEST_F(Group, ForOneAsksTheOthersWhenATimeoutOfSomeTypesHasEndedTheFirst) {
    nng_aio_set_timeout(outer_, 1);
    naio_aio_set_timeout_types(outer_, kPartial | kTotal);
    ASSERT_TRUE(start(1, 0, kAll));
    submit(0, kPartial);
    for (unsigned i = 1; i < kSize; ++i) submit(i, kTerminal);
    naio_group_seal(group_);
    EXPECT_EQ(wait(), NNG_ETIMEDOUT);
    EXPECT_EQ(result(1), NNG_ECANCELED);
}

TEST_F(Group, ForAllLeavesAMemberAloneThatARequestWouldHarm) {
    ASSERT_TRUE(start(kSize, 0, kAll));
    submit(0);
    for (unsigned i = 1; i < kSize; ++i) submit(i, kTerminal);
    naio_group_seal(group_);
    EXPECT_TRUE(naio_aio_cancel(outer_, kTotal, NNG_OK));
    EXPECT_TRUE(outer_.stays_silent());
    for (unsigned i = 1; i < kSize; ++i) {
        EXPECT_TRUE(members_[i]->calls().empty());
        EXPECT_TRUE(members_[i]->finish());
    }
    EXPECT_EQ(wait(), NNG_ECANCELED);
    EXPECT_EQ(nng_aio_count(outer_), kSize - 1);
}

TEST_F(Group, DoesNotCountAMemberThatSucceedsAfterItWasAsked) {
    for (auto& member : members_) member->on_cancel = TypedOperation::takes_up;
    launch(1, 0);
    EXPECT_TRUE(naio_aio_cancel(outer_, kTotal, NNG_EINTR));
    for (auto& member : members_) EXPECT_TRUE(member->finish());
    EXPECT_EQ(wait(), NNG_EINTR);
    EXPECT_EQ(nng_aio_count(outer_), kSize);
}

TEST_F(Group, KeepsAnAcceptedRequestForAMemberThatCannotYet) {
    ASSERT_TRUE(start(kSize, 0));
    submit(0);
    for (unsigned i = 1; i < kSize; ++i) submit(i, kNone);
    naio_group_seal(group_);
    EXPECT_TRUE(naio_aio_cancel(outer_, kAll, NNG_EINTR));
    for (unsigned i = 1; i < kSize; ++i) {
        EXPECT_EQ(members_[i]->permit(kTotal), kAll & 7u);  // makes the timer's thread call the cancel function
        EXPECT_TRUE(members_[i]->asked());
    }
    EXPECT_EQ(wait(), NNG_EINTR);
}

TEST_F(Group, EscalatesARequest) {
    for (auto& member : members_) member->on_cancel = TypedOperation::takes_up;
    launch(kSize, 0);
    EXPECT_TRUE(naio_aio_cancel(outer_, kTotal, NNG_OK));
    EXPECT_TRUE(naio_aio_cancel(outer_, kTerminal, NNG_OK));
    EXPECT_EQ(members_[2]->calls().size(), 2u);
    for (auto& member : members_) EXPECT_TRUE(member->finish(NNG_ECANCELED));
    EXPECT_EQ(wait(), NNG_ECANCELED);
}

// ---- outcomes

TEST_F(Group, HasTheWeakestOutcomeOfItsMembers) {
    ASSERT_TRUE(start(kSize, 0));
    submit(0);
    submit(1, kTerminal);
    submit(2, kPartial);
    naio_group_seal(group_);
    EXPECT_TRUE(naio_aio_cancel(outer_, kAll, NNG_OK));
    EXPECT_EQ(wait(), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(outer_), kTerminal);
}

TEST_F(Group, HasTheOutcomeTotalIfNoMemberHasDoneAnything) {
    ASSERT_TRUE(start(kSize, 0));
    submit(0);
    EXPECT_TRUE(naio_aio_cancel(outer_, kTotal, NNG_OK));
    for (unsigned i = 1; i < kSize; ++i) EXPECT_FALSE(members_[i]->start(aio(i), kTerminal));  // refused
    naio_group_seal(group_);
    EXPECT_EQ(wait(), NNG_ECANCELED);
    EXPECT_EQ(naio_aio_outcome(outer_), kTotal);
}

TEST_F(Group, HasTheOutcomePartialIfAMemberHasEndedByItself) {
    for (const nng_err own : {NNG_OK, NNG_ECONNRESET}) {
        launch(kSize, 0);
        EXPECT_TRUE(members_[1]->finish(own, 3));
        EXPECT_TRUE(naio_aio_cancel(outer_, kTotal, NNG_OK));
        EXPECT_EQ(wait(), NNG_ECANCELED);
        EXPECT_EQ(naio_aio_outcome(outer_), kPartial);
    }
}

TEST_F(Group, HasNoOutcomeIfNoRequestHasEndedIt) {
    launch(1, 0);
    EXPECT_TRUE(members_[1]->finish());
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(naio_aio_outcome(outer_), kNone);
    launch(kSize, NAIO_GROUP_SUCCESS);
    EXPECT_TRUE(members_[1]->finish(NNG_EPROTO));
    EXPECT_EQ(wait(), NNG_EPROTO);
    EXPECT_EQ(naio_aio_outcome(outer_), kNone);
}

TEST_F(Group, ThatTimesOutHasAnOutcomeToo) {
    nng_aio_set_timeout(outer_, 1);
    ASSERT_TRUE(start(kSize, 0));
    for (unsigned i = 0; i < kSize; ++i) submit(i, kPartial);
    naio_group_seal(group_);
    EXPECT_EQ(wait(), NNG_ETIMEDOUT);
    EXPECT_EQ(naio_aio_outcome(outer_), kPartial);
}

// ---- starts

TEST_F(Group, OnAStoppedHandleIsRefused) {
    naio_aio_close(outer_);
    EXPECT_FALSE(start(1, 0));
    EXPECT_EQ(wait(), NNG_ESTOPPED);
}

TEST_F(Group, WithAnImpossibleGoalIsRefused) {
    EXPECT_FALSE(start(kSize + 1, 0));
    EXPECT_EQ(wait(), NNG_EINVAL);
    EXPECT_FALSE(start(1, 8));
    EXPECT_EQ(wait(), NNG_EINVAL);
    launch(kSize, 0);  // the group can still be started
    for (auto& member : members_) EXPECT_TRUE(member->finish());
    EXPECT_EQ(wait(), NNG_OK);
}

TEST_F(Group, WithNoNeedEndsAtOnce) {
    ASSERT_TRUE(start(0, 0));
    for (unsigned i = 0; i < kSize; ++i) static_cast<void>(members_[i]->start(aio(i), kTotal));
    naio_group_seal(group_);
    EXPECT_EQ(wait(), NNG_OK);
}

TEST_F(Group, IsUsedAgainAndAgain) {
    for (int i = 0; i < 50; ++i) {
        launch(1, 0);
        EXPECT_TRUE(members_[static_cast<unsigned>(i) % kSize]->finish());
        EXPECT_EQ(wait(), NNG_OK);
        EXPECT_EQ(naio_group_order(group_, 0), static_cast<unsigned>(i) % kSize);
    }
}

// The members of a group stay bound to the outer handle's slot, until the program or another group binds them.
TEST_F(Group, BindsMembersAgainThatWereBoundElsewhere) {
    launch(kSize, 0);
    for (const auto& member : members_) EXPECT_TRUE(member->finish());
    EXPECT_EQ(wait(), NNG_OK);
    Signal signal;
    naio_aio_bind_slot(aio(0), naio_aio_slot(outer_), kTerminal);
    naio_aio_bind_slot(aio(1), signal.slot(), kTotal);
    naio_aio_bind_slot(aio(2), nullptr, 0);
    launch(kSize, 0);
    EXPECT_FALSE(signal.emit(kTotal));
    EXPECT_TRUE(naio_aio_cancel(outer_, kTotal, NNG_ECANCELED));
    EXPECT_EQ(wait(), NNG_ECANCELED);
    for (unsigned i = 0; i < kSize; ++i) EXPECT_EQ(result(i), NNG_ECANCELED) << "member " << i;
    Handle another;
    ASSERT_TRUE(naio_group_start(group_, another, kSize, 0, kTotal));
    for (unsigned i = 0; i < kSize; ++i) submit(i);
    naio_group_seal(group_);
    EXPECT_FALSE(naio_aio_cancel(outer_, kTotal, NNG_ECANCELED));
    EXPECT_TRUE(naio_aio_cancel(another, kTotal, NNG_ECANCELED));
    nng_aio_wait(another);
    EXPECT_EQ(nng_aio_result(another), NNG_ECANCELED);
}

// The queue that the program sets while the group runs is not that of the outer handle, which the group takes back.
TEST_F(Group, LeavesTheReferencesOfQueuesRightIfAMemberChangesItsQueue) {
    naio_queue *queue = nullptr, *other = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    ASSERT_EQ(naio_queue_alloc(&other), NNG_OK);
    naio_aio_set_queue(outer_, queue);
    for (int round = 0; round < 2; ++round) {
        launch(kSize, 0);
        EXPECT_TRUE(members_[0]->finish());
        nng_aio_wait(aio(0));
        naio_aio_set_queue(aio(0), other);
        EXPECT_TRUE(members_[1]->finish());
        nng_aio_wait(aio(1));
        naio_aio_set_queue(aio(1), nullptr);
        EXPECT_TRUE(members_[2]->finish());
        EXPECT_EQ(wait(), NNG_OK);
    }
    naio_queue_free(other);
    naio_aio_set_queue(outer_, nullptr);
    naio_queue_free(queue);
}

TEST_F(Group, ThatWasCutShortIsUsedAgain) {
    launch(kSize, NAIO_GROUP_SUCCESS);
    EXPECT_TRUE(naio_aio_cancel(outer_, kTotal, NNG_EINTR));
    EXPECT_EQ(wait(), NNG_EINTR);
    launch(kSize, NAIO_GROUP_SUCCESS, kTerminal);
    EXPECT_TRUE(members_[0]->stays_unasked());
    EXPECT_TRUE(naio_aio_cancel(aio(0), kTotal, NNG_EPERM));  // ends this member, so the goal is out of reach
    EXPECT_EQ(wait(), NNG_EPERM);
    launch(kSize, 0);
    EXPECT_TRUE(naio_aio_cancel(aio(0), kTotal, NNG_EPERM));  // this end counts, because the group has asked no member
    EXPECT_TRUE(members_[1]->finish());
    EXPECT_TRUE(members_[2]->finish());
    EXPECT_EQ(wait(), NNG_OK);
}

TEST_F(Group, TakesMembersThatCompleteAtOnce) {
    ASSERT_TRUE(start(kSize, 0));
    for (unsigned i = 0; i < kSize; ++i) nng_sleep_aio(0, aio(i));
    EXPECT_TRUE(outer_.stays_silent());  // because the group is not sealed yet
    naio_group_seal(group_);
    EXPECT_EQ(wait(), NNG_OK);
}

TEST_F(Group, CountsAMemberThatSkipsItsCallback) {
    ASSERT_TRUE(start(kSize, 0));
    bool skipped[kSize] = {};
    for (unsigned i = 0; i < kSize; ++i) {
        nng_aio_skip_callback(aio(i), &skipped[i]);
        if (i != 1) nng_sleep_aio(0, aio(i));
    }
    naio_aio_finish_sync(aio(1), NNG_ECONNRESET, 0);
    for (const bool each : skipped) EXPECT_TRUE(each);
    naio_group_seal(group_);
    EXPECT_EQ(wait(), NNG_OK);
    EXPECT_EQ(nng_aio_count(outer_), 2u);
    EXPECT_EQ(naio_group_order(group_, 2), 1u);
}

TEST_F(Group, IsAMemberOfAnotherGroup) {
    naio_group* around = nullptr;
    ASSERT_EQ(naio_group_alloc(&around, 2), NNG_OK);
    Handle handle;
    ASSERT_TRUE(naio_group_start(around, handle, 1, 0, kTotal));
    ASSERT_TRUE(naio_group_start(group_, naio_group_aio(around, 0), kSize, 0, kTotal));
    for (unsigned i = 0; i < kSize; ++i) submit(i);
    naio_group_seal(group_);
    nng_sleep_aio(1, naio_group_aio(around, 1));
    naio_group_seal(around);
    nng_aio_wait(handle);
    EXPECT_EQ(nng_aio_result(handle), NNG_OK);
    EXPECT_EQ(nng_aio_result(naio_group_aio(around, 0)), NNG_ECANCELED);
    for (unsigned i = 0; i < kSize; ++i) EXPECT_EQ(result(i), NNG_ECANCELED);
    naio_group_free(around);
}

// A group within a group: the fixture's group runs on the first member of `around_`.
class NestedGroup : public Group {
  protected:
    NestedGroup() { EXPECT_EQ(naio_group_alloc(&around_, 2), NNG_OK); }
    ~NestedGroup() override {
        nng_aio_wait(handle_);
        naio_group_free(around_);
    }

    // In the inner group member 0 permits partial and terminal requests, and the other members only terminal ones. In
    // the outer group member 0 is the inner group, and member 1 sleeps.
    void launch_nested(unsigned need, unsigned flags, unsigned need_within) {
        ASSERT_TRUE(naio_group_start(around_, handle_, need, flags, kAll));
        ASSERT_TRUE(naio_group_start(group_, naio_group_aio(around_, 0), need_within, 0, kAll));
        submit(0, kPartial);
        for (unsigned i = 1; i < kSize; ++i) submit(i, kTerminal);
        naio_group_seal(group_);
        nng_sleep_aio(NNG_DURATION_INFINITE, naio_group_aio(around_, 1));
        naio_group_seal(around_);
    }
    nng_err wait_for_all() {
        nng_aio_wait(handle_);
        return nng_aio_result(handle_);
    }

    naio_group* around_ = nullptr;
    Handle handle_;
};

TEST_F(NestedGroup, ForTheFirstEndsWhenARequestHasEndedOneMember) {
    launch_nested(2, 0, 1);
    EXPECT_TRUE(naio_aio_cancel(handle_, kPartial, NNG_EINTR));
    EXPECT_EQ(wait_for_all(), NNG_EINTR);
    for (unsigned i = 1; i < kSize; ++i) EXPECT_EQ(result(i), NNG_ECANCELED);
}

TEST_F(NestedGroup, ForAllWithinOneForTheFirstIsAskedAgainWithMoreTypes) {
    launch_nested(1, 0, kSize);
    EXPECT_TRUE(naio_aio_cancel(handle_, kPartial, NNG_EINTR));  // ends the sleep, so the inner group is asked, too
    EXPECT_EQ(wait_for_all(), NNG_EINTR);
    EXPECT_EQ(naio_aio_outcome(handle_), kTerminal);  // the outcome of a member of the inner group
    EXPECT_EQ(nng_aio_result(naio_group_aio(around_, 0)), NNG_EINTR);
    for (unsigned i = 1; i < kSize; ++i) EXPECT_EQ(result(i), NNG_EINTR);
}

TEST_F(NestedGroup, ForAllWithinOneForAllDoesNoHarm) {
    launch_nested(2, 0, kSize);
    EXPECT_TRUE(naio_aio_cancel(handle_, kPartial, NNG_EINTR));
    EXPECT_TRUE(handle_.stays_silent());
    for (unsigned i = 1; i < kSize; ++i) {
        EXPECT_TRUE(members_[i]->calls().empty());
        EXPECT_TRUE(members_[i]->finish());
    }
    EXPECT_EQ(wait_for_all(), NNG_EINTR);
}

TEST(RefusedGroup, MayBeFreedByTheCallback) {
    naio_group* group = nullptr;
    Handle handle([&](nng_aio*) { naio_group_free(group); });
    nng_aio_set_timeout(handle, NNG_DURATION_ZERO);
    for (int i = 1; i <= 1000; ++i) {
        ASSERT_EQ(naio_group_alloc(&group, 2), NNG_OK);
        EXPECT_FALSE(naio_group_start(group, handle, 1, 0, kAll));
        ASSERT_TRUE(handle.called_back(i));
    }
}

TEST(GroupAlloc, OfNothingIsRefused) {
    naio_group* group = nullptr;
    EXPECT_EQ(naio_group_alloc(&group, 0), NNG_EINVAL);
    naio_group_free(nullptr);
}

#ifdef NAIO_CAN_REFUSE_LARGE_BLOCKS
TEST(GroupAlloc, OfMoreThanThereIsMemoryForIsRefused) {
    const Handle starts_the_library;
    const NoLargeBlocks none;
    naio_group* group = nullptr;
    // With 32 bits the sizes in bytes wrap around, the first one to nearly nothing.
    for (const unsigned size : {UINT_MAX / 20 + 1, UINT_MAX / 2, UINT_MAX})
        EXPECT_EQ(naio_group_alloc(&group, size), NNG_ENOMEM) << size;
}
#endif

}  // namespace
}  // namespace cancellation
