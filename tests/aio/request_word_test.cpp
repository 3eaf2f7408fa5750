#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "aio/operation_word.h"
#include "aio/word_text.h"
#include "request_world.h"

namespace naio::word {
namespace {

constexpr Types kNothing = 0;

// ---- by example

Word started(Types guarantee) { return start(0, false, kTyped | set(permitted_by(guarantee), kPermitted)); }

TEST(RequestWordTest, TheStrongestTypeIsTotalThenPartialThenTerminal) {
    EXPECT_EQ(strongest(0), kNothing);
    EXPECT_EQ(strongest(kTerminal), kTerminal);
    EXPECT_EQ(strongest(kPartial | kTerminal), kPartial);
    EXPECT_EQ(strongest(kTotal | kTerminal), kTotal);
    EXPECT_EQ(strongest(~Types{0}), kTotal);
    EXPECT_EQ(strongest(~kAllTypes), kNothing);
}

TEST(RequestWordTest, AGuaranteePermitsItselfAndWhatIsWeaker) {
    EXPECT_EQ(permitted_by(0), kNothing);
    EXPECT_EQ(permitted_by(kTerminal), kTerminal);
    EXPECT_EQ(permitted_by(kPartial), kTerminal | kPartial);
    EXPECT_EQ(permitted_by(kTotal), kAllTypes);
    // Of several guarantees the strongest counts, and it closes the gaps below.
    EXPECT_EQ(permitted_by(kTotal | kTerminal), kAllTypes);
    EXPECT_EQ(permitted_by(kPartial | kTerminal), kTerminal | kPartial);
    EXPECT_EQ(permitted_by(~Types{0}), kAllTypes);
    EXPECT_EQ(permitted_by(~kAllTypes), kNothing);
}

TEST(RequestWordTest, AStrongerGuaranteeSatisfiesAWeakerRequest) {
    for (const Types guarantee : {kTerminal, kPartial, kTotal}) {
        for (const Types wanted : {kTerminal, kPartial, kTotal}) {
            const Request answer = request(started(guarantee), wanted, 0);
            EXPECT_EQ(answer.accepted, wanted <= guarantee ? wanted : kNothing) << wanted << " of " << guarantee;
            EXPECT_EQ(answer.call, wanted <= guarantee ? wanted : kNothing);
        }
    }
}

TEST(RequestWordTest, APlainOperationAnswersAsAnyOtherButIsAskedOnce) {
    for (Types guarantee = 0; guarantee <= kAllTypes; ++guarantee) {
        const Word before = start(0, false, set(permitted_by(guarantee), kPermitted));
        for (Types wanted = 0; wanted <= kAllTypes; ++wanted) {
            const Request first = request(before, wanted, 0), plain = request_plain(before, wanted);
            EXPECT_EQ(plain.word, first.word);
            EXPECT_EQ(plain.accepted, first.accepted);
            EXPECT_EQ(plain.call, first.call);
            if (first.call == 0) continue;
            for (Types later = 0; later <= kAllTypes; ++later) {
                const Request again = request_plain(first.word, later);
                EXPECT_EQ(again.word, first.word);
                EXPECT_EQ(again.accepted, request(first.word, later, 0).accepted);
                EXPECT_EQ(again.call, kNothing);
            }
            const Word finished = finish(first.word).word;
            EXPECT_EQ(request_plain(finished, wanted).word, finished);
            EXPECT_EQ(request_plain(finished, wanted).accepted, kNothing);
        }
    }
}

TEST(RequestWordTest, ARequestThatIsNotPermittedHasNoEffect) {
    const Word before = started(kTerminal);
    const Request answer = request(before, kPartial | kTotal, 0);
    EXPECT_EQ(answer.accepted, kNothing);
    EXPECT_EQ(answer.call, kNothing);
    EXPECT_EQ(answer.word, before);
}

TEST(RequestWordTest, OnlyWhatIsPermittedIsAcceptedOfAMixedRequest) {
    const Request answer = request(started(kPartial), kAllTypes, 0);
    EXPECT_EQ(answer.call, kTerminal | kPartial);
    EXPECT_EQ(types(answer.word, kAccepted), kTerminal | kPartial);
}

TEST(RequestWordTest, ANewTypeEscalatesAndTheSameTypeDoesNot) {
    const Request first = request(started(kTotal), kTotal, 0);
    const Word taken = returned(first.word, first.call, true).step.word;
    const Request same = request(taken, kTotal, 0);
    EXPECT_EQ(same.accepted, kTotal);
    EXPECT_EQ(same.call, kNothing);
    const Request harder = request(taken, kTotal | kTerminal, 0);
    EXPECT_EQ(harder.call, kTerminal);
}

TEST(RequestWordTest, WhoeverIsInsideTheCancelFunctionIsHandedWhatComesMeanwhile) {
    const Request first = request(started(kTotal), kTotal, 0);
    const Request second = request(first.word, kPartial, 0);
    EXPECT_EQ(second.accepted, kPartial);
    EXPECT_EQ(second.call, kNothing);
    const Request third = request(second.word, kTerminal, 0);
    const Returned back = returned(third.word, first.call, true);
    EXPECT_EQ(back.again, kPartial | kTerminal);
    const Returned last = returned(back.step.word, back.again, true);
    EXPECT_EQ(last.again, kNothing);
    EXPECT_EQ(last.step.word & kCanceling, Word{0});
    EXPECT_EQ(types(last.step.word, kAccepted), kAllTypes);
}

TEST(RequestWordTest, NothingIsHandedOverWhenTheOperationIsDone) {
    const Request first = request(started(kTotal), kTotal, 0);
    const Step finished = finish(request(first.word, kTerminal, 0).word);
    EXPECT_FALSE(finished.queue);
    const Returned back = returned(finished.word, first.call, true);
    EXPECT_EQ(back.again, kNothing);
    EXPECT_TRUE(back.step.queue);
}

TEST(RequestWordTest, WhatIsDeclinedIsForgottenAndMayBeRequestedAgain) {
    const Request first = request(started(kTotal), kPartial, 0);
    const Returned back = returned(first.word, first.call, false);
    EXPECT_EQ(back.declined, kPartial);
    EXPECT_EQ(back.step.word, started(kTotal));
    EXPECT_EQ(request(back.step.word, kPartial, 0).call, kPartial);
}

TEST(RequestWordTest, ADeclineIsNoAnswerForWhatWasAcceptedEarlier) {
    const Request first = request(started(kTotal), kTotal, 0);
    const Word taken = returned(first.word, first.call, true).step.word;
    const Request harder = request(taken, kTotal | kTerminal, 0);
    EXPECT_EQ(harder.accepted, kTotal | kTerminal);
    EXPECT_EQ(returned(harder.word, harder.call, false).declined, kTerminal);
}

TEST(RequestWordTest, WhatAPermitHasAcceptedIsNoAnswerForTheOneWhoCalls) {
    // Partial is due, and accepted by the permit; before the timer comes for it, somebody else requests total.
    const Word due = permit(request(started(0), kPartial, kPartial).word, kTotal).word;
    const Request other = request(due, kTotal, 0);
    EXPECT_EQ(other.accepted, kTotal);
    EXPECT_EQ(other.call, kPartial | kTotal);
    EXPECT_EQ(returned(other.word, other.call, false).declined, kTotal);
}

TEST(RequestWordTest, WhatThePermitHasReturnedCannotBeDeclined) {
    const Request first = request(started(kTotal), kTotal, 0);
    const Answer told = permit(first.word, kTerminal);
    EXPECT_EQ(told.accepted, kTotal);
    const Returned back = returned(told.word, first.call, false);
    EXPECT_EQ(back.declined, kNothing);
    EXPECT_EQ(types(back.step.word, kAccepted), kTotal);
}

TEST(RequestWordTest, EitherThePermitReturnsTheRequestOrTheRequestIsRefused) {
    const Word before = started(kTotal);
    EXPECT_EQ(permit(request(before, kTotal, 0).word, kTerminal).accepted, kTotal);
    const Answer first = permit(before, kTerminal);
    EXPECT_EQ(first.accepted, kNothing);
    EXPECT_EQ(request(first.word, kTotal, 0).accepted, kNothing);
}

TEST(RequestWordTest, WhatIsDueIsAcceptedWhenItBecomesPossible) {
    const Request early = request(started(0), kAllTypes, kAllTypes);
    EXPECT_EQ(early.accepted, kNothing);
    const Answer wider = permit(early.word, kPartial);
    EXPECT_EQ(wider.accepted, kTerminal | kPartial);
    EXPECT_TRUE(wider.call);
    const Request reminded = remind(wider.word);
    EXPECT_EQ(reminded.call, kTerminal | kPartial);
    EXPECT_EQ(remind(reminded.word).call, kNothing);
    EXPECT_EQ(permit(reminded.word, kTotal).accepted, kAllTypes);
}

TEST(RequestWordTest, WhatWasRequestedOnceIsNotDue) {
    const Answer wider = permit(request(started(0), kAllTypes, 0).word, kTotal);
    EXPECT_EQ(wider.accepted, kNothing);
    EXPECT_FALSE(wider.call);
}

TEST(RequestWordTest, AGuaranteeThatIsSetAtTheEndAcceptsNothingThatIsDue) {
    const Word due = request(started(kNothing), kTotal, kTotal).word;
    const Word ending = guarantee(due, kPartial);
    EXPECT_EQ(types(ending, kPermitted), kPartial | kTerminal);
    EXPECT_EQ(types(ending, kAccepted), kNothing);
    EXPECT_EQ(types(guarantee(ending, kTerminal), kPermitted), kTerminal);
}

TEST(RequestWordTest, OnlyWhatNngAioStartHasStartedIsAProvidersPlainOperation) {
    EXPECT_TRUE(is_plain_of_provider(start(0, false, set(permitted_by(kTerminal), kPermitted))));
    EXPECT_FALSE(is_plain_of_provider(start(0, false, set(permitted_by(kTotal), kPermitted))));
    EXPECT_FALSE(is_plain_of_provider(start(0, false, kTyped | set(permitted_by(kTerminal), kPermitted))));
}

TEST(RequestWordTest, AClearedTypeMayBeRequestedAgainButTheReasonStays) {
    const Request first = request(started(kTotal), kTotal | kTerminal, 0);
    const Word taken = returned(first.word, first.call, true).step.word;
    const Answer seen = acknowledge(taken, kTotal | kPartial);
    EXPECT_EQ(seen.accepted, kTotal | kTerminal);
    EXPECT_EQ(acknowledge(seen.word, 0).accepted, kTerminal);
    EXPECT_TRUE(has_reason(acknowledge(seen.word, kAllTypes).word));
    EXPECT_EQ(request(seen.word, kAllTypes, 0).call, kTotal | kPartial);
}

TEST(RequestWordTest, ADeclineDoesNotForgetWhatWasClearedAndRequestedAgainMeanwhile) {
    const Request first = request(started(kTotal), kTotal, 0);
    const Request second = request(acknowledge(first.word, kTotal).word, kTotal, 0);
    EXPECT_EQ(second.accepted, kTotal);
    const Returned back = returned(second.word, first.call, false);
    EXPECT_EQ(back.again, kTotal);
    EXPECT_EQ(types(back.step.word, kAccepted), kTotal);
    EXPECT_EQ(types(returned(back.step.word, back.again, true).step.word, kAccepted), kTotal);
}

TEST(RequestWordTest, ARequestThatTheProviderHasSeenAndClearedHadAnEffect) {
    const Request first = request(started(kTotal), kTotal, 0);
    const Returned back = returned(acknowledge(first.word, kTotal).word, first.call, false);
    EXPECT_EQ(back.declined, kNothing);
    EXPECT_EQ(types(back.step.word, kAccepted), kNothing);
}

TEST(RequestWordTest, ARefusedStartLooksAsIfItHadBeenAskedToEndBeforeAnythingHappened) {
    const Word w = refuse(0, true).word;
    EXPECT_EQ(strongest(types(w, kPermitted)), kTotal);
    EXPECT_TRUE(has_reason(w));
    EXPECT_NE(w & kExpired, Word{0});
    EXPECT_EQ(refuse(0, false).word & kExpired, Word{0});
}

TEST(RequestWordTest, ARefusedStartOfARestHasTheGuaranteeOfWhatHasBeenDone) {
    const Word w = refuse(0, false, kPartial).word;
    EXPECT_EQ(types(w, kPermitted), kPartial | kTerminal);
    EXPECT_EQ(types(w, kAccepted), kPartial | kTerminal);
}

TEST(RequestWordTest, ASilentHandleIsQueuedOnlyToRelease) {
    const Word permitted = set(kAllTypes, kPermitted);
    EXPECT_FALSE(finish(start(kSilent, false, kTyped | permitted)).queue);
    const Step finished = finish(start(kSilent | kDirect, false, kTyped | kRelease | permitted));
    EXPECT_TRUE(finished.queue);
    EXPECT_FALSE(finished.direct);
    EXPECT_TRUE(ran(run(finished.word)).direct);
}

// ---- exhaustively

using Handle = RequestWorld::Handle;

// Which actors and events take part in a walk.
struct Play {
    const char* title;
    Handle handle;
    Types types;     // what is requested, guaranteed and cleared
    bool everybody;  // true: also the timer that expires, a consumer that stops the handle, and starts of other kinds
};

std::string title_of(const testing::TestParamInfo<Play>& play) { return play.param.title; }

std::vector<Event> events_of(const Play& play) {
    std::vector<Event> events;
    const auto add = [&events](Act act, Types types = 0) { events.push_back({act, types}); };
    // What actors owe comes first: the way to a broken rule is shorter then.
    for (const Act act : {Act::kFinish, Act::kTakesUp, Act::kDeclines, Act::kRemind, Act::kRun, Act::kReturn}) add(act);
    for (Types types = 0; types <= kAllTypes; ++types) {
        if ((types & ~play.types) != 0) continue;
        add(Act::kLook, types);
        if (types == strongest(types)) {
            add(Act::kPermit, types);
            add(Act::kStartRelease, types);
            if (play.everybody) add(Act::kStart, types);
        }
        if (types == 0) continue;
        add(Act::kRequest, types);
        add(Act::kInsist, types);
        if (!play.everybody && types == strongest(types)) add(Act::kInsistOnSome, types);
    }
    if (!play.everybody) return events;
    add(Act::kExpire, 0);
    add(Act::kExpire, play.types);
    for (const Act act : {Act::kComplete, Act::kRefused, Act::kRefusedLate, Act::kStop}) add(act);
    for (const Types types : {kNothing, kTerminal}) add(Act::kStartPlain, types);
    return events;
}

// Every world that can be reached from a new handle, by every event that is possible in each, breadth first.
class Walk {
  public:
    explicit Walk(const Play& play) : events_(events_of(play)), times_(events_.size()) {
        known_.reserve(std::size_t{1} << 17);
        add(RequestWorld(play.handle), 0, 0);
    }

    // Empty, or the rule that was broken and the way there.
    std::string explore() {
        for (std::size_t i = 0; i < visits_.size(); ++i) {
            const std::string broken = explore_from(i);
            if (!broken.empty()) return broken;
        }
        return {};
    }

    [[nodiscard]] std::size_t worlds() const { return visits_.size(); }
    [[nodiscard]] std::size_t transitions() const { return transitions_; }
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }
    [[nodiscard]] std::size_t times(std::size_t event) const { return times_[event]; }
    template <class Condition>
    [[nodiscard]] bool reached(Condition condition) const {
        for (const Visit& visit : visits_)
            if (condition(visit.world)) return true;
        return false;
    }

  private:
    struct Visit {
        RequestWorld world;
        std::size_t from;
        std::size_t by;
    };

    struct Hash {
        std::size_t operator()(const RequestWorld::Key& key) const {
            std::uint64_t mixed = (key.word ^ key.books * 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
            mixed ^= mixed >> 32;
            return mixed;
        }
    };

    void add(const RequestWorld& world, std::size_t from, std::size_t by) {
        if (known_.try_emplace(world.key(), visits_.size()).second) visits_.push_back({world, from, by});
    }

    std::string explore_from(std::size_t index) {
        const RequestWorld world = visits_[index].world;
        bool rests = true;
        for (std::size_t e = 0; e < events_.size(); ++e) {
            const Event& event = events_[e];
            if (!world.possible(event)) continue;
            RequestWorld next = world;
            try {
                next.perform(event);
                if (world.leads_to_rest(event)) {
                    require(next.distance() < world.distance(), "the world comes no nearer to rest");
                    rests = false;
                }
            } catch (const Broken& broken) {
                return story(index, e, broken.rule);
            }
            ++transitions_;
            ++times_[e];
            add(next, index, e);
        }
        if (rests && !world.idle()) return story(index, visits_[index].by, "nobody is left to do anything");
        return {};
    }

    std::string story(std::size_t index, std::size_t last, const char* rule) const {
        std::vector<std::string> steps{"  " + name(events_[last])};
        for (; index != 0; index = visits_[index].from) {
            const Visit& visit = visits_[index];
            steps.push_back("  " + name(events_[visit.by]) + ": " + describe(visit.world.word).data());
        }
        std::ostringstream text;
        text << rule << ", after\n";
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) text << *step << '\n';
        return text.str();
    }

    const std::vector<Event> events_;
    std::unordered_map<RequestWorld::Key, std::size_t, Hash> known_;
    std::vector<Visit> visits_;
    std::size_t transitions_ = 0;
    std::vector<std::size_t> times_;
};

class RequestWordWalkTest : public testing::TestWithParam<Play> {};

TEST_P(RequestWordWalkTest, KeepsTheRulesWhoeverAsksForWhateverAtWhateverTime) {
    const Play& play = GetParam();
    Walk walk(play);
    ASSERT_EQ(walk.explore(), "");
    std::printf("walked %zu worlds, %zu transitions\n", walk.worlds(), walk.transitions());
    RecordProperty("worlds", static_cast<int>(walk.worlds()));

    // The walk has been everywhere: an event or a state that is never reached would prove nothing.
    for (std::size_t e = 0; e < walk.events().size(); ++e) EXPECT_GT(walk.times(e), 0u) << name(walk.events()[e]);
    EXPECT_TRUE(walk.reached([&](const RequestWorld& w) { return w.pending && w.inside == play.types; }));
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return w.pending && w.inside != 0 && w.waiting() != 0; }))
        << "something is requested while somebody is inside";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return (w.inside & w.waiting()) != 0; }))
        << "... the same, which was cleared";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return w.known != 0 && w.known != w.inside; }))
        << "the provider was told of a part";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return (w.due & w.permitted & ~w.accepted) != 0; }))
        << "what was declined is still due";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return (w.accepted & ~w.permitted) != 0; }))
        << "the guarantee was taken back too late";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return w.owed && w.inside != 0 && w.waiting() != 0; }))
        << "the operation ends before all is handed over";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return w.reminder; }));
    EXPECT_EQ(walk.reached([](const RequestWorld& w) { return w.pending && w.running && w.inside != 0; }),
              play.handle == Handle::kCallback);
}

INSTANTIATE_TEST_SUITE_P(Of, RequestWordWalkTest,
                         testing::Values(Play{"AllTypes", Handle::kDirect, kAllTypes, false},
                                         Play{"Callback", Handle::kCallback, kTerminal | kTotal, true},
                                         Play{"Silent", Handle::kSilent, kPartial | kTotal, true},
                                         Play{"Direct", Handle::kDirect, kTerminal | kPartial, true}),
                         title_of);

}  // namespace
}  // namespace naio::word
