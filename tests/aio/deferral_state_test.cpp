// Tests NNG 1's begin and defer on State: by examples, and by a walk through all states to which they lead.
#include <gtest/gtest.h>

#include <array>
#include <compare>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "aio/state.h"
#include "aio/state_text.h"
#include "rule.h"

namespace naio {
namespace {

constexpr State::Bits kBegun = State::Terms{.guarantee = kTerminal, .typed = true, .canceling = true}.bits();

State begun() { return State().start(false, kBegun); }

TEST(DeferralTest, ARequestBeforeDeferIsAcceptedAndCallsNoFunction) {
    const State::Request asked = begun().request(kAllTypes, 0);
    EXPECT_EQ(asked.accepted, kTerminal);
    EXPECT_EQ(asked.call, 0u);
    EXPECT_TRUE(asked.state.has_reason());
}

TEST(DeferralTest, DeferHandsAnEarlierRequestToTheTimer) {
    const State::Deferral deferral = begun().request(kAllTypes, 0).state.defer(kTerminal, true, false);
    EXPECT_TRUE(deferral.call);
    EXPECT_TRUE(deferral.state.has(State::kStarting));
    EXPECT_FALSE(deferral.state.has(State::kCanceling));
    EXPECT_EQ(deferral.state.remind().call, kTerminal);
}

TEST(DeferralTest, DeferWithoutAnEarlierRequestNeedsNoHold) {
    const State::Deferral deferral = begun().defer(kTerminal, true, false);
    EXPECT_FALSE(deferral.call);
    EXPECT_FALSE(deferral.state.held());
    EXPECT_EQ(deferral.state.request(kAllTypes, 0).call, kTerminal);
}

TEST(DeferralTest, DeferWithoutACancelFunctionForgetsRequestsAndPermitsNone) {
    const State::Deferral deferral = begun().request(kAllTypes, kAllTypes).state.defer(0, true, false);
    EXPECT_FALSE(deferral.call);
    EXPECT_FALSE(deferral.state.has_reason());
    EXPECT_EQ(deferral.state.request(kAllTypes, kAllTypes).accepted, 0u);
}

TEST(DeferralTest, FinishWithoutDeferEndsTheHoldAndQueuesTheCallback) {
    for (const State state : {begun(), begun().request(kAllTypes, 0).state}) {
        const State::Step step = state.finish_begun();
        EXPECT_TRUE(step.queue);
        EXPECT_FALSE(step.state.held());
    }
}

TEST(DeferralTest, AfterASecondDeferTheNextRequestCallsTheFunction) {
    const State::Request first = begun().defer(kTerminal, true, false).state.expire(kAllTypes);
    EXPECT_EQ(first.call, kTerminal);
    EXPECT_FALSE(first.state.can_expire());
    const State::Deferral again = first.state.acknowledge(0).state.defer(kTerminal, false, false);
    const State::Returned back = again.state.returned(first.call, false);
    EXPECT_EQ(back.again, 0u);
    EXPECT_TRUE(back.step.state.can_expire());
    EXPECT_FALSE(back.step.state.has_reason());
    EXPECT_EQ(back.step.state.request(kAllTypes, 0).call, kTerminal);
}

State asked_unbegun() {
    return begun().defer(kTerminal, true, false).state.request(kAllTypes, 0).state.acknowledge(0).state;
}

TEST(DeferralTest, AnUnbegunOperationThatDeclinesIsAskedAgainByTheNextRequest) {
    const State::Returned back = asked_unbegun().returned_unbegun();
    EXPECT_TRUE(back.step.state.pending());
    EXPECT_FALSE(back.step.state.held() || back.step.state.has_reason() || back.step.state.can_expire());
    EXPECT_EQ(back.step.state.request(kAllTypes, 0).call, kTerminal);
}

TEST(DeferralTest, AnUnbegunOperationThatDeclinesAStopEndsWithoutACallback) {
    const State::Returned back = asked_unbegun().stop(State::kStopped).state.returned_unbegun();
    EXPECT_FALSE(back.step.state.busy());
    EXPECT_FALSE(back.step.queue);
    EXPECT_TRUE(back.step.state.complete().queue) << "a late finish calls back";
}

TEST(DeferralTest, AnUnbegunOperationThatIsFinishedDuringAStopCallsBackOnce) {
    const State finished = asked_unbegun().stop(State::kStopped).state.finish().state;
    EXPECT_TRUE(finished.returned_unbegun().step.queue);
}

// ---- exhaustively

enum class Act : unsigned {
    kBegin,
    kDefer,         // the first defer of an operation
    kDeferNothing,  // the first defer, without a cancel function
    kDeferUnbegun,  // the first defer, which itself has begun the operation
    kDeferAgain,    // a defer after the cancel function was called
    kArm,           // the provider, inside defer, arms the timer
    kArmed,         // the provider, inside defer, lets go of STARTING or arms the timer again
    kExamine,       // the timer examines the handle before the deadline
    kFinish,
    kLateFinish,  // a finish of an operation that was withdrawn
    kRequest,
    kExpire,
    kStop,
    kReturns,  // the cancel function returns
    kRemind,
    kRun,
    kReturn,  // the callback returns
};
constexpr unsigned kActs = static_cast<unsigned>(Act::kReturn) + 1;
constexpr std::array<const char*, kActs> kNames{"begin",
                                                "defer",
                                                "defer without a function",
                                                "defer without begin",
                                                "defer again",
                                                "arm",
                                                "armed",
                                                "examine",
                                                "finish",
                                                "late finish",
                                                "request",
                                                "expiry",
                                                "stop",
                                                "function returns",
                                                "remind",
                                                "callback begins",
                                                "callback returns"};

struct World {
    enum class Phase : unsigned char { kNone, kUndeferred, kDeferred };

    State state;
    Phase phase = Phase::kNone;  // of the pending operation
    bool function = false;       // the operation has a cancel function that was not called
    bool unbegun = false;        // defer has begun the latest operation
    bool declined = false;       // it is pending, and its cancel function has done nothing
    bool withdrawn = false;      // it has ended without a callback
    bool inside = false;         // a thread is inside the cancel function
    bool arming = false;         // the provider is inside defer
    bool arms = false;           // it has yet to arm the timer
    bool outdated = false;       // it does so for the deadline of an earlier defer than the latest one
    bool linked = false;         // the timer was armed for the deadline of the latest defer
    bool asked = false;          // a request was accepted, and the function was not called with it
    bool reminder = false;       // the timer has to call the function
    bool expired = false;
    bool stopped = false;
    bool queued = false;
    bool running = false;

    explicit World(State::Bits callback) : state(callback) {}
    auto operator<=>(const World&) const = default;

    [[nodiscard]] bool pending() const { return phase != Phase::kNone; }
    [[nodiscard]] bool held() const { return inside || arming || running || phase == Phase::kUndeferred; }

    [[nodiscard]] bool possible(Act act) const {
        switch (act) {
            case Act::kBegin:
                return !pending() && !state.in_flight() && !stopped && !arming;
            case Act::kDefer:
            case Act::kDeferNothing:
            case Act::kDeferUnbegun:
                return phase == Phase::kUndeferred;
            case Act::kDeferAgain:
                return phase == Phase::kDeferred && state.permitted() != 0 && !function;
            case Act::kFinish:
                return pending();
            case Act::kArm:
                return arms;
            case Act::kLateFinish:
                return withdrawn;
            case Act::kArmed:
                return arming && !arms;
            case Act::kExamine:
                return state.timer_armed();
            case Act::kReturns:
                return inside;
            case Act::kExpire:
                return state.can_expire() && phase == Phase::kDeferred && state.permitted() != 0;
            case Act::kRun:
                return queued;
            case Act::kReturn:
                return running;
            case Act::kStop:
                return !stopped;
            case Act::kRequest:
            case Act::kRemind:
                return true;
        }
        return false;
    }

    void perform(Act act) {
        switch (act) {
            case Act::kBegin:
                state = state.start(false, kBegun);
                phase = Phase::kUndeferred;
                asked = expired = reminder = unbegun = declined = false;
                break;
            case Act::kDefer:
                defer(kTerminal, true);
                break;
            case Act::kDeferUnbegun:
                unbegun = true;
                defer(kTerminal, true);
                break;
            case Act::kDeferNothing:
                asked = false;
                defer(0, true);
                break;
            case Act::kDeferAgain:
                asked = expired = declined = false;
                defer(kTerminal, false);
                break;
            case Act::kFinish:
                finish();
                break;
            case Act::kLateFinish:
                withdrawn = false;
                obey(state.complete());
                break;
            case Act::kArm:
                arms = false;
                linked = linked || !outdated;
                break;
            case Act::kArmed: {
                const State::Armed armed = state.armed();
                arming = arms = armed.again;
                outdated = outdated && !arms;
                obey(armed.step);
                break;
            }
            case Act::kExamine:
                state = state.examined();
                break;
            case Act::kRequest:
                ask(state.request(kAllTypes, 0));
                break;
            case Act::kExpire:
                expired = true;
                ask(state.expire(kAllTypes));
                break;
            case Act::kStop:
                stopped = true;
                ask(state.stop(State::kStopped));
                break;
            case Act::kReturns:
                come_back();
                break;
            case Act::kRemind: {
                const State::Request reminded = state.remind();
                require(reminded.call == 0 || (pending() && callable() && asked), "the timer calls without a reason");
                require(reminded.call != 0 || !reminder || inside || !pending() || !asked, "the timer does not call");
                reminder = false;
                state = reminded.state;
                call(reminded.call);
                break;
            }
            case Act::kRun:
                queued = false;
                running = true;
                state = state.run();
                break;
            case Act::kReturn:
                running = false;
                obey(state.ran());
                break;
        }
        agree();
    }

  private:
    void defer(Types guarantee, bool first) {
        const bool deadline = guarantee != 0;
        const State::Deferral deferral = state.defer(guarantee, first, deadline);
        require(deferral.call == (first && asked),
                "defer tells the timer to call for an earlier request, and only then");
        require(deferral.arms == (deadline && !arming), "two threads arm the timer, or none does");
        state = deferral.state;
        linked = !deadline;
        phase = Phase::kDeferred;
        function = guarantee != 0;
        reminder = deferral.call;
        outdated = arming;
        if (!arming) arming = arms = deferral.call || deferral.arms;
    }

    void finish() {
        const bool undeferred = phase == Phase::kUndeferred;
        phase = Phase::kNone;
        function = declined = asked = reminder = false;
        obey(undeferred ? state.finish_begun() : state.finish());
    }

    void ask(const State::Request& answer) {
        if (phase == Phase::kUndeferred) {
            require(answer.accepted == kTerminal, "a request before defer is refused");
            asked = true;
        }
        if (phase == Phase::kDeferred && callable() && answer.accepted != 0) asked = true;
        require(answer.call == 0 || (callable() && !inside), "the cancel function is called without being there");
        require(answer.call != 0 || !callable() || inside || reminder || answer.accepted == 0,
                "an accepted request calls no function");
        state = answer.state;
        call(answer.call);
    }

    // The operation has a cancel function, or it is one that a stop has to end without a function.
    [[nodiscard]] bool callable() const { return function || declined; }

    // Calls the cancel function as Operation::call_deferred does.
    void call(Types types) {
        if (types == 0) return;
        require(!inside && phase == Phase::kDeferred, "a function is called too early, or twice at once");
        inside = true;
        function = declined = asked = reminder = false;
        state = state.acknowledge(0).state;
    }

    void come_back() {
        inside = false;
        const State::Returned back = unbegun ? state.returned_unbegun() : state.returned(kTerminal, false);
        if (back.again == 0) {
            if (unbegun && pending()) settle_unbegun(back.step);
            return obey(back.step);
        }
        require(function && asked, "the function is called again, but was not deferred again and asked");
        state = back.step.state;
        call(back.again);
    }

    void settle_unbegun(const State::Step& step) {
        if (!stopped) {
            declined = !function;
            if (declined) asked = false, expired = true;
            return;
        }
        phase = Phase::kNone;
        function = asked = false;
        const bool calls = state.has(State::kInlineCallback);
        require(!step.queue && step.call == (calls && !held()), "an inline callback runs, and no other one");
        withdrawn = !calls;
    }

    void obey(const State::Step& step) {
        state = step.state;
        require(!step.queue || (!held() && !pending()), "the callback is queued while a hold is left");
        queued = queued || step.queue;
    }

    void agree() const {
        require(state.pending() == pending(), "PENDING");
        require(state.held() == held(), "the holds");
        require(!state.done() || held() || queued, "a finished operation is not delivered");
        require(linked || arming || !pending() || phase == Phase::kUndeferred || !state.can_expire(),
                "a deadline is lost");
        require(!asked || !function || inside || state.undelivered() != 0 || phase == Phase::kUndeferred,
                "a request is lost");
        require(!(unbegun && stopped && phase == Phase::kDeferred) || inside || reminder,
                "a stop leaves an operation that its provider need not finish");
    }
};

struct Visit {
    World world;
    std::size_t from;
    Act by;
};

std::string explore(State::Bits callback, std::size_t& worlds, std::array<std::size_t, kActs>& times) {
    std::vector<Visit> visits{{World(callback), 0, Act::kBegin}};
    std::set<World> known{visits[0].world};
    for (std::size_t i = 0; i < visits.size(); ++i) {
        for (unsigned a = 0; a < kActs; ++a) {
            const Act act = static_cast<Act>(a);
            World next = visits[i].world;
            if (!next.possible(act)) continue;
            ++times[a];
            try {
                next.perform(act);
            } catch (const Broken& broken) {
                std::ostringstream text;
                text << broken.rule << ", at " << kNames[a];
                for (std::size_t at = i; at != 0; at = visits[at].from)
                    text << "\n  after " << kNames[static_cast<unsigned>(visits[at].by)] << ": "
                         << describe(visits[at].world.state).data();
                return text.str();
            }
            next.state = State(next.state.bits() & (State::kOneGeneration - 1));
            if (known.insert(next).second) visits.push_back({next, i, act});
        }
    }
    worlds = visits.size();
    return {};
}

// The parameter says which callback the handle has.
class DeferralWalkTest : public testing::TestWithParam<State::Bits> {};

TEST_P(DeferralWalkTest, KeepsTheRulesForBeginDeferAndFinishAtEveryTime) {
    std::size_t worlds = 0;
    std::array<std::size_t, kActs> times{};
    ASSERT_EQ(explore(GetParam(), worlds, times), "");
    for (unsigned a = 0; a < kActs; ++a) {
        const bool of_callback = static_cast<Act>(a) == Act::kRun || static_cast<Act>(a) == Act::kReturn;
        const bool of_withdrawal = static_cast<Act>(a) == Act::kLateFinish;
        const bool expected = of_callback     ? GetParam() == 0
                              : of_withdrawal ? (GetParam() & State::kInlineCallback) == 0
                                              : true;
        EXPECT_EQ(times[a] != 0, expected) << kNames[a];
    }
    EXPECT_GT(worlds, 50u);
    RecordProperty("worlds", static_cast<int>(worlds));
}

INSTANTIATE_TEST_SUITE_P(OfEachCallback, DeferralWalkTest,
                         testing::Values(State::Bits{0}, State::Bits{State::kNoCallback},
                                         State::kNoCallback | State::kInlineCallback));

}  // namespace
}  // namespace naio
