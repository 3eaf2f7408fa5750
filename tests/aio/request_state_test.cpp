// Tests how State handles requests to end an operation: by examples, and by a walk through all states to which such
// requests lead.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "aio/state.h"
#include "aio/state_text.h"
#include "request_state_world.h"

namespace naio {
namespace {

using namespace requests;

constexpr Types kNothing = 0;

// ---- by example

State started(Types guarantee) {
    return State().start(false, State::Terms{.guarantee = guarantee, .typed = true}.bits());
}

TEST(RequestTest, TheStrongestTypeIsTotalThenPartialThenTerminal) {
    EXPECT_EQ(strongest(0), kNothing);
    EXPECT_EQ(strongest(kTerminal), kTerminal);
    EXPECT_EQ(strongest(kPartial | kTerminal), kPartial);
    EXPECT_EQ(strongest(kTotal | kTerminal), kTotal);
    EXPECT_EQ(strongest(~Types{0}), kTotal);
    EXPECT_EQ(strongest(~kAllTypes), kNothing);
}

TEST(RequestTest, AGuaranteePermitsItselfAndWhatIsWeaker) {
    EXPECT_EQ(permitted_by(0), kNothing);
    EXPECT_EQ(permitted_by(kTerminal), kTerminal);
    EXPECT_EQ(permitted_by(kPartial), kTerminal | kPartial);
    EXPECT_EQ(permitted_by(kTotal), kAllTypes);
    // The strongest of several guarantees counts, and permits all weaker types.
    EXPECT_EQ(permitted_by(kTotal | kTerminal), kAllTypes);
    EXPECT_EQ(permitted_by(kPartial | kTerminal), kTerminal | kPartial);
    EXPECT_EQ(permitted_by(~Types{0}), kAllTypes);
    EXPECT_EQ(permitted_by(~kAllTypes), kNothing);
}

TEST(RequestTest, AnOperationIsUnwatchedUntilThatEndsOrTheOperationDoes) {
    const State pending = started(kTotal);
    const State left = pending.leave_unwatched();
    EXPECT_FALSE(pending.unwatched());
    EXPECT_TRUE(left.unwatched());
    EXPECT_EQ(left.generation(), pending.generation());
    EXPECT_EQ(left.end_unwatched(), pending);
    const State idle = left.finish().state.run().ran().state;
    EXPECT_FALSE(idle.unwatched());
    EXPECT_FALSE(idle.start(false, 0).unwatched());
}

TEST(RequestTest, TheStateHoldsTheReasonsThatHaveACode) {
    const State asked = started(kTerminal).request(kTerminal, 0).state;
    for (const nng_err reason : {NNG_ECANCELED, NNG_ETIMEDOUT, NNG_ESTOPPED}) {
        const State state = asked.with_reason(reason);
        EXPECT_EQ(state.coded_reason(), reason);
        EXPECT_EQ(state.accepted(), kTerminal);
        EXPECT_EQ(state.generation(), asked.generation());
        EXPECT_EQ(state.with_reason(NNG_ECLOSED), asked) << "an earlier code is gone";
    }
    for (const nng_err reason : {NNG_OK, NNG_ECLOSED, static_cast<nng_err>(NNG_ESYSERR + NNG_ECANCELED)})
        EXPECT_EQ(asked.with_reason(reason), asked);
}

TEST(RequestTest, AStrongerGuaranteeSatisfiesAWeakerRequest) {
    for (const Types guarantee : {kTerminal, kPartial, kTotal}) {
        for (const Types wanted : {kTerminal, kPartial, kTotal}) {
            const State::Request answer = started(guarantee).request(wanted, 0);
            EXPECT_EQ(answer.accepted, wanted <= guarantee ? wanted : kNothing) << wanted << " of " << guarantee;
            EXPECT_EQ(answer.call, wanted <= guarantee ? wanted : kNothing);
        }
    }
}

TEST(RequestTest, APlainOperationAnswersAsAnyOtherButIsAskedOnce) {
    for (Types guarantee = 0; guarantee <= kAllTypes; ++guarantee) {
        const State before = State().start(false, State::Terms{.guarantee = guarantee}.bits());
        for (Types wanted = 0; wanted <= kAllTypes; ++wanted) {
            const State::Request first = before.request(wanted, 0), plain = before.request_plain(wanted);
            EXPECT_EQ(plain.state, first.state);
            EXPECT_EQ(plain.accepted, first.accepted);
            EXPECT_EQ(plain.call, first.call);
            if (first.call == 0) continue;
            for (Types later = 0; later <= kAllTypes; ++later) {
                const State::Request again = first.state.request_plain(later);
                EXPECT_EQ(again.state, first.state);
                EXPECT_EQ(again.accepted, first.state.request(later, 0).accepted);
                EXPECT_EQ(again.call, kNothing);
            }
            const State finished = first.state.finish().state;
            EXPECT_EQ(finished.request_plain(wanted).state, finished);
            EXPECT_EQ(finished.request_plain(wanted).accepted, kNothing);
        }
    }
}

TEST(RequestTest, ARequestThatIsNotPermittedHasNoEffect) {
    const State before = started(kTerminal);
    const State::Request answer = before.request(kPartial | kTotal, 0);
    EXPECT_EQ(answer.accepted, kNothing);
    EXPECT_EQ(answer.call, kNothing);
    EXPECT_EQ(answer.state, before);
}

TEST(RequestTest, OnlyWhatIsPermittedIsAcceptedOfAMixedRequest) {
    const State::Request answer = started(kPartial).request(kAllTypes, 0);
    EXPECT_EQ(answer.call, kTerminal | kPartial);
    EXPECT_EQ(answer.state.accepted(), kTerminal | kPartial);
}

TEST(RequestTest, ANewTypeEscalatesAndTheSameTypeDoesNot) {
    const State::Request first = started(kTotal).request(kTotal, 0);
    const State taken = first.state.returned(first.call, true).step.state;
    const State::Request same = taken.request(kTotal, 0);
    EXPECT_EQ(same.accepted, kTotal);
    EXPECT_EQ(same.call, kNothing);
    const State::Request harder = taken.request(kTotal | kTerminal, 0);
    EXPECT_EQ(harder.call, kTerminal);
}

TEST(RequestTest, TheThreadInsideTheCancelFunctionIsHandedLaterRequests) {
    const State::Request first = started(kTotal).request(kTotal, 0);
    const State::Request second = first.state.request(kPartial, 0);
    EXPECT_EQ(second.accepted, kPartial);
    EXPECT_EQ(second.call, kNothing);
    const State::Request third = second.state.request(kTerminal, 0);
    const State::Returned back = third.state.returned(first.call, true);
    EXPECT_EQ(back.again, kPartial | kTerminal);
    const State::Returned last = back.step.state.returned(back.again, true);
    EXPECT_EQ(last.again, kNothing);
    EXPECT_FALSE(last.step.state.has(State::kCanceling));
    EXPECT_EQ(last.step.state.accepted(), kAllTypes);
}

TEST(RequestTest, NothingIsHandedOverWhenTheOperationIsDone) {
    const State::Request first = started(kTotal).request(kTotal, 0);
    const State::Step finished = first.state.request(kTerminal, 0).state.finish();
    EXPECT_FALSE(finished.queue);
    const State::Returned back = finished.state.returned(first.call, true);
    EXPECT_EQ(back.again, kNothing);
    EXPECT_TRUE(back.step.queue);
}

TEST(RequestTest, WhatIsDeclinedIsForgottenAndMayBeRequestedAgain) {
    const State::Request first = started(kTotal).request(kPartial, 0);
    const State::Returned back = first.state.returned(first.call, false);
    EXPECT_EQ(back.declined, kPartial);
    EXPECT_EQ(back.step.state, started(kTotal));
    EXPECT_EQ(back.step.state.request(kPartial, 0).call, kPartial);
}

TEST(RequestTest, ADeclineIsNoAnswerForWhatWasAcceptedEarlier) {
    const State::Request first = started(kTotal).request(kTotal, 0);
    const State taken = first.state.returned(first.call, true).step.state;
    const State::Request harder = taken.request(kTotal | kTerminal, 0);
    EXPECT_EQ(harder.accepted, kTotal | kTerminal);
    EXPECT_EQ(harder.state.returned(harder.call, false).declined, kTerminal);
}

TEST(RequestTest, WhatAPermitHasAcceptedIsNoAnswerForTheThreadThatCalls) {
    // Partial is sticky, and the permit accepts it. Another actor requests total before the timer calls the cancel
    // function.
    const State sticky = started(0).request(kPartial, kPartial).state.permit(kTotal).state;
    const State::Request other = sticky.request(kTotal, 0);
    EXPECT_EQ(other.accepted, kTotal);
    EXPECT_EQ(other.call, kPartial | kTotal);
    EXPECT_EQ(other.state.returned(other.call, false).declined, kTotal);
}

TEST(RequestTest, WhatThePermitHasReturnedCannotBeDeclined) {
    const State::Request first = started(kTotal).request(kTotal, 0);
    const State::Answer permitted = first.state.permit(kTerminal);
    EXPECT_EQ(permitted.accepted, kTotal);
    const State::Returned back = permitted.state.returned(first.call, false);
    EXPECT_EQ(back.declined, kNothing);
    EXPECT_EQ(back.step.state.accepted(), kTotal);
}

TEST(RequestTest, EitherThePermitReturnsTheRequestOrTheRequestIsRefused) {
    const State before = started(kTotal);
    EXPECT_EQ(before.request(kTotal, 0).state.permit(kTerminal).accepted, kTotal);
    const State::Answer first = before.permit(kTerminal);
    EXPECT_EQ(first.accepted, kNothing);
    EXPECT_EQ(first.state.request(kTotal, 0).accepted, kNothing);
}

TEST(RequestTest, StickyTypesAreAcceptedWhenTheyBecomePermitted) {
    const State::Request early = started(0).request(kAllTypes, kAllTypes);
    EXPECT_EQ(early.accepted, kNothing);
    const State::Answer wider = early.state.permit(kPartial);
    EXPECT_EQ(wider.accepted, kTerminal | kPartial);
    EXPECT_TRUE(wider.call);
    const State::Request reminded = wider.state.remind();
    EXPECT_EQ(reminded.call, kTerminal | kPartial);
    EXPECT_EQ(reminded.state.remind().call, kNothing);
    EXPECT_EQ(reminded.state.permit(kTotal).accepted, kAllTypes);
}

TEST(RequestTest, ATypeThatIsNotStickyIsNotAcceptedLater) {
    const State::Answer wider = started(0).request(kAllTypes, 0).state.permit(kTotal);
    EXPECT_EQ(wider.accepted, kNothing);
    EXPECT_FALSE(wider.call);
}

TEST(RequestTest, AGuaranteeThatIsSetAtTheEndAcceptsNoStickyType) {
    const State sticky = started(kNothing).request(kTotal, kTotal).state;
    const State ending = sticky.with_guarantee(kPartial);
    EXPECT_EQ(ending.permitted(), kPartial | kTerminal);
    EXPECT_EQ(ending.accepted(), kNothing);
    EXPECT_EQ(ending.with_guarantee(kTerminal).permitted(), kTerminal);
}

TEST(RequestTest, OnlyWhatNngAioStartHasStartedIsAProvidersPlainOperation) {
    EXPECT_TRUE(State().start(false, State::Terms{.guarantee = kTerminal}.bits()).plain_of_program());
    EXPECT_FALSE(State().start(false, State::Terms{.guarantee = kTotal}.bits()).plain_of_program());
    EXPECT_FALSE(State().start(false, State::Terms{.guarantee = kTerminal, .typed = true}.bits()).plain_of_program());
}

TEST(RequestTest, AClearedTypeMayBeRequestedAgainButTheReasonStays) {
    const State::Request first = started(kTotal).request(kTotal | kTerminal, 0);
    const State taken = first.state.returned(first.call, true).step.state;
    const State::Answer seen = taken.acknowledge(kTotal | kPartial);
    EXPECT_EQ(seen.accepted, kTotal | kTerminal);
    EXPECT_EQ(seen.state.acknowledge(0).accepted, kTerminal);
    EXPECT_TRUE(seen.state.acknowledge(kAllTypes).state.has_reason());
    EXPECT_EQ(seen.state.request(kAllTypes, 0).call, kTotal | kPartial);
}

TEST(RequestTest, ADeclineDoesNotForgetATypeThatWasClearedAndRequestedAgain) {
    const State::Request first = started(kTotal).request(kTotal, 0);
    const State::Request second = first.state.acknowledge(kTotal).state.request(kTotal, 0);
    EXPECT_EQ(second.accepted, kTotal);
    const State::Returned back = second.state.returned(first.call, false);
    EXPECT_EQ(back.again, kTotal);
    EXPECT_EQ(back.step.state.accepted(), kTotal);
    EXPECT_EQ(back.step.state.returned(back.again, true).step.state.accepted(), kTotal);
}

TEST(RequestTest, ARequestThatTheProviderHasSeenAndClearedHadAnEffect) {
    const State::Request first = started(kTotal).request(kTotal, 0);
    const State::Returned back = first.state.acknowledge(kTotal).state.returned(first.call, false);
    EXPECT_EQ(back.declined, kNothing);
    EXPECT_EQ(back.step.state.accepted(), kNothing);
}

TEST(RequestTest, ARefusedStartIsAsIfItHadBeenAskedToEndBeforeAnythingHappened) {
    const State w = State().refuse(true).state;
    EXPECT_EQ(strongest(w.permitted()), kTotal);
    EXPECT_TRUE(w.has_reason());
    EXPECT_TRUE(w.expired());
    EXPECT_FALSE(State().refuse(false).state.expired());
}

TEST(RequestTest, ARefusedStartOfARestHasTheGuaranteeOfWhatHasBeenDone) {
    const State w = State().refuse(false, kPartial).state;
    EXPECT_EQ(w.permitted(), kPartial | kTerminal);
    EXPECT_EQ(w.accepted(), kPartial | kTerminal);
}

TEST(RequestTest, AHandleWithoutCallbackIsQueuedOnlyToRelease) {
    EXPECT_FALSE(
        State(State::kNoCallback).start(false, State::Terms{.guarantee = kTotal, .typed = true}.bits()).finish().queue);
    const State::Step finished =
        State(State::kNoCallback | State::kInlineCallback)
            .start(false, State::Terms{.guarantee = kTotal, .typed = true, .release = true}.bits())
            .finish();
    EXPECT_TRUE(finished.queue);
    EXPECT_FALSE(finished.call);
    EXPECT_TRUE(finished.state.run().ran().call);
}

// ---- exhaustively

using Handle = RequestWorld::Handle;

// The choice of actors and events for a walk.
struct Play {
    const char* title;
    Handle handle;
    Types types;     // the types that are requested, guaranteed and cleared
    bool everybody;  // true: there are a timer that expires, a consumer that stops the handle, and all kinds of starts
    bool posts = false;  // true: there is a thread that posts
};

std::string title_of(const testing::TestParamInfo<Play>& play) { return play.param.title; }

std::vector<Event> events_of(const Play& play) {
    std::vector<Event> events;
    const auto add = [&events](Act act, Types types = 0) { events.push_back({act, types}); };
    // Steps that actors owe come first, so that the way to a broken rule is shorter.
    for (const Act act : {Act::kFinish, Act::kTakesUp, Act::kDeclines, Act::kRemind, Act::kRun, Act::kReturn}) add(act);
    for (Types types = 0; types <= kAllTypes; ++types) {
        if ((types & ~play.types) != 0) continue;
        add(Act::kAcknowledge, types);
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
    if (play.posts)
        for (const Act act : {Act::kRunPosted, Act::kPost, Act::kStop, Act::kComplete}) add(act);
    if (!play.everybody) return events;
    add(Act::kExpire, 0);
    add(Act::kExpire, play.types);
    for (const Act act : {Act::kComplete, Act::kRefused, Act::kRefusedLate, Act::kStop}) add(act);
    for (const Types types : {kNothing, kTerminal}) add(Act::kStartPlain, types);
    return events;
}

// Visits every world that a new handle can reach, breadth first: in each world it performs every event that is
// possible.
class Walk {
  public:
    explicit Walk(const Play& play) : events_(events_of(play)), times_(events_.size()) {
        known_.reserve(std::size_t{1} << 17);
        add(RequestWorld(play.handle), 0, 0);
    }

    // Returns a text with the first rule that was broken and the steps that led to it, or an empty text if no rule was
    // broken.
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
            std::uint64_t mixed = (key.state.bits() ^ key.books * 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
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
        if (rests && !world.idle())
            return story(index, visits_[index].by, "no actor has a step to take, but the handle is busy");
        return {};
    }

    std::string story(std::size_t index, std::size_t last, const char* rule) const {
        std::vector<std::string> steps{"  " + name(events_[last])};
        for (; index != 0; index = visits_[index].from) {
            const Visit& visit = visits_[index];
            steps.push_back("  " + name(events_[visit.by]) + ": " + describe(visit.world.state).data());
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

class RequestWalkTest : public testing::TestWithParam<Play> {};

TEST_P(RequestWalkTest, KeepsTheRulesForEveryRequestAtEveryTime) {
    const Play& play = GetParam();
    Walk walk(play);
    ASSERT_EQ(walk.explore(), "");
    std::printf("walked %zu worlds, %zu transitions\n", walk.worlds(), walk.transitions());
    RecordProperty("worlds", static_cast<int>(walk.worlds()));

    // The walk must have reached every event and the following states, because it proves nothing about an event or a
    // state that it has not reached.
    for (std::size_t e = 0; e < walk.events().size(); ++e) EXPECT_GT(walk.times(e), 0u) << name(walk.events()[e]);
    EXPECT_TRUE(walk.reached([&](const RequestWorld& w) { return w.pending && w.inside == play.types; }));
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return w.pending && w.inside != 0 && w.waiting() != 0; }))
        << "types are requested while a thread is inside the cancel function";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return (w.inside & w.waiting()) != 0; }))
        << "a type with which a thread is inside the cancel function is cleared and requested again";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return w.known != 0 && w.known != w.inside; }))
        << "the provider has acknowledged only a part of the types inside the cancel function";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return (w.sticky & w.permitted & ~w.accepted) != 0; }))
        << "a declined type is still sticky";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return (w.accepted & ~w.permitted) != 0; }))
        << "a type was accepted before it ceased to be permitted";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return w.owed && w.inside != 0 && w.waiting() != 0; }))
        << "the operation ends before all accepted types are handed over";
    EXPECT_TRUE(walk.reached([](const RequestWorld& w) { return w.reminder; }));
    EXPECT_EQ(walk.reached([](const RequestWorld& w) { return w.pending && w.running && w.inside != 0; }),
              play.handle == Handle::kCallback);
}

INSTANTIATE_TEST_SUITE_P(Of, RequestWalkTest,
                         testing::Values(Play{"AllTypes", Handle::kInline, kAllTypes, false},
                                         Play{"Posts", Handle::kCallback, kTerminal | kTotal, false, true},
                                         Play{"Callback", Handle::kCallback, kTerminal | kTotal, true},
                                         Play{"NoCallback", Handle::kNoCallback, kPartial | kTotal, true},
                                         Play{"Inline", Handle::kInline, kTerminal | kPartial, true}),
                         title_of);

}  // namespace
}  // namespace naio
