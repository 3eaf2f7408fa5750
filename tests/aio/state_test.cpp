// Tests State with one type of request: by examples, and by a walk through all states.
#include "aio/state.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "aio/state_text.h"
#include "state_world.h"

namespace naio {
namespace {

using namespace life;

// ---- by example

TEST(StateTest, FinishDeliversWhenThereIsNoHold) {
    const State::Step step = State().start(false, kTerminalOperation).finish();
    EXPECT_TRUE(step.queue);
    EXPECT_EQ(step.state, State(State::kOneGeneration | State::kDone | kTerminalOperation));
}

TEST(StateTest, TheLastToLetGoDelivers) {
    // The operation is finished in the callback of the previous operation, while one thread still arms the deadline of
    // the new operation and another thread cancels the new operation.
    const State::Step finished = ask(State(State::kRunning).start(true, kTerminalOperation)).state.finish();
    EXPECT_FALSE(finished.queue);
    const State::Step armed = finished.state.let_go(State::kStarting);
    EXPECT_FALSE(armed.queue);
    const State::Step canceled = armed.state.let_go(State::kCanceling);
    EXPECT_FALSE(canceled.queue);
    const State::Step returned = canceled.state.let_go(State::kRunning);
    EXPECT_TRUE(returned.queue);
}

TEST(StateTest, AHandleWithoutCallbackCompletesInPlace) {
    const State::Step step = State(State::kNoCallback).start(false, 0).wait().finish();
    EXPECT_FALSE(step.queue);
    EXPECT_TRUE(step.wake);
    EXPECT_EQ(step.state, State(State::kOneGeneration | State::kNoCallback));
}

TEST(StateTest, AnOperationIsAskedOnceForTheSame) {
    const State::Request first = ask(State().start(false, kTerminalOperation));
    EXPECT_EQ(first.call, kTerminal);
    const State asked = first.state.returned(first.call, true).step.state;
    EXPECT_TRUE(ask(asked).accepted);
    EXPECT_EQ(ask(asked).call, 0u);
    EXPECT_EQ(ask(asked.finish().state.run().start(false, kTerminalOperation)).call, kTerminal);
}

TEST(StateTest, TheReaperNeverDelivers) {
    const State::Step reaping = State().start(false, kTerminalOperation).reap();
    EXPECT_FALSE(reaping.destroy);
    const State::Step finished = reaping.state.finish();
    EXPECT_TRUE(finished.queue);
    const State::Step left = finished.state.reaped();
    EXPECT_FALSE(left.queue);
    EXPECT_FALSE(left.destroy);
    EXPECT_TRUE(left.state.run().let_go(State::kRunning).destroy);
}

TEST(StateTest, TheGenerationWrapsAround) {
    const State last(~State::Bits{0} << State::kGeneration | State::kWaited);
    EXPECT_EQ(last.start(false, 0).generation(), 0u);
    EXPECT_EQ(last.start(false, 0), State(State::kWaited | State::kPending));
    EXPECT_EQ(last.complete().state, State(State::kWaited | State::kDone));
}

TEST(StateTest, APostRunsTheCallbackOnce) {
    const State::Post first = State().post();
    EXPECT_TRUE(first.accepted && first.step.queue);
    const State::Post second = first.step.state.post();
    EXPECT_TRUE(second.accepted);
    EXPECT_FALSE(second.step.queue);
    const State running = second.step.state.run_posted();
    EXPECT_EQ(running, State(State::kRunning));
    EXPECT_EQ(running.ran().state, State());
}

TEST(StateTest, APostInTheCallbackRunsItAgainAfterItsEnd) {
    const State::Post posted = State(State::kRunning).post();
    EXPECT_TRUE(posted.accepted);
    EXPECT_FALSE(posted.step.queue);
    const State::Step returned = posted.step.state.ran();
    EXPECT_TRUE(returned.again);
    EXPECT_EQ(returned.state, State(State::kPosted));
}

TEST(StateTest, AnOperationThatIsOverBeforeTheCallbackOfAPostHasTheSameCallback) {
    const State::Step finished = State(State::kPosted).start(false, 0).finish();
    EXPECT_FALSE(finished.queue);
    EXPECT_EQ(finished.state.run_posted(), State(State::kOneGeneration | State::kRunning));
}

TEST(StateTest, ACancelFunctionThatStillRunsDelaysTheCallbackOfAPostAndAnOperation) {
    const State finished = ask(State(State::kPosted).start(false, kTerminalOperation)).state.finish().state;
    EXPECT_TRUE(finished.postpones());
    const State::Step returned = finished.run_posted().let_go(State::kCanceling);
    EXPECT_TRUE(returned.queue);
    EXPECT_FALSE(returned.state.posted());
}

TEST(StateTest, APostDuringAnOperationIsRefused) {
    const State pending = State().start(false, 0);
    EXPECT_FALSE(pending.post().accepted);
    EXPECT_TRUE(pending.finish().state.post().accepted);
    EXPECT_TRUE(State(State::kPosted).start(false, 0).post().accepted) << "the callback of the earlier post will begin";
}

// ---- exhaustively

// The choice of actors for a walk. A walk with all of them would take minutes. kPosts: a handle with a callback, a
// poster, and neither timer nor registry.
enum class Play : std::uint8_t { kWithoutCallback, kWithCallback, kPosts };

std::string title_of(const testing::TestParamInfo<Play>& play) {
    static constexpr const char* kTitles[] = {"WithoutCallback", "WithCallback", "Posts"};
    return kTitles[static_cast<std::size_t>(play.param)];
}

bool takes_part(Event event, Play play) {
    switch (event) {
        case Event::kPost:
            return play != Play::kWithCallback;
        case Event::kRunPosted:
        case Event::kReapInCallback:
            return play == Play::kPosts;
        case Event::kRun:
        case Event::kReturn:
            return play != Play::kWithoutCallback;
        case Event::kTimerReads:
        case Event::kTimerClaims:
        case Event::kTimerPasses:
        case Event::kTimerCanceled:
        case Event::kClose:
        case Event::kOpen:
            return play != Play::kPosts;
        default:
            return true;
    }
}

// Visits every world that a new handle can reach, breadth first: in each world it performs every event that is
// possible.
class Walk {
  public:
    explicit Walk(Play play) : play_(play) { add(World(play != Play::kWithoutCallback), 0, Event::kOpen); }

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
    [[nodiscard]] std::size_t times(Event event) const { return times_[static_cast<std::size_t>(event)]; }
    [[nodiscard]] bool reached(State::Bits flags) const {
        for (const auto& [world, index] : known_)
            if ((world.state.bits() & flags) == flags) return true;
        return false;
    }

  private:
    struct Visit {
        const World* world;
        std::size_t from;
        Event by;
    };

    void add(const World& world, std::size_t from, Event by) {
        const auto [place, is_new] = known_.try_emplace(world, visits_.size());
        if (is_new) visits_.push_back({&place->first, from, by});
    }

    std::string explore_from(std::size_t index) {
        const World world = *visits_[index].world;
        bool rests = true;
        for (std::size_t e = 0; e < kEvents; ++e) {
            const auto event = static_cast<Event>(e);
            if (!takes_part(event, play_) || !world.possible(event)) continue;
            World next = world;
            try {
                next.perform(event);
                if (leads_to_rest(event, world)) {
                    require(next.distance() < world.distance(), "the world comes no nearer to rest");
                    rests = false;
                }
            } catch (const Broken& broken) {
                return story(index, event, broken.rule);
            }
            ++transitions_;
            ++times_[e];
            add(next, index, event);
        }
        // When no actor has a step to take, every operation must be delivered and every reaped handle destroyed.
        if (rests && !(world.idle() && !world.queued && !world.sleeping && world.destroyed >= world.reaped))
            return story(index, visits_[index].by, "no actor has a step to take, but the aio is not at rest");
        return {};
    }

    // True if an actor has to perform the event sooner or later. For a start that is refused, true only while the
    // callback is running.
    static bool leads_to_rest(Event event, const World& world) {
        switch (event) {
            case Event::kArmed:
            case Event::kFinish:
            case Event::kCanceled:
            case Event::kTimerClaims:
            case Event::kTimerPasses:
            case Event::kTimerCanceled:
            case Event::kRun:
            case Event::kRunPosted:
            case Event::kReturn:
            case Event::kReaperAsks:
            case Event::kReaperCanceled:
            case Event::kReaperLeaves:
                return true;
            case Event::kRefused:
                return world.running;
            default:
                return false;
        }
    }

    std::string story(std::size_t index, Event last, const char* rule) const {
        std::vector<std::string> steps{std::string("  ") + name(last)};
        for (; index != 0; index = visits_[index].from)
            steps.push_back(std::string("  ") + name(visits_[index].by) + ": " +
                            describe(visits_[index].world->state).data());
        std::ostringstream text;
        text << rule << ", after\n";
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) text << *step << '\n';
        return text.str();
    }

    const Play play_;
    std::map<World, std::size_t> known_;
    std::vector<Visit> visits_;
    std::size_t transitions_ = 0;
    std::array<std::size_t, kEvents> times_{};
};

class StateWalkTest : public testing::TestWithParam<Play> {};

TEST_P(StateWalkTest, KeepsItsInvariantsWhateverHappensInWhicheverOrder) {
    const Play play = GetParam();
    const bool has_callback = play != Play::kWithoutCallback, has_registry = play != Play::kPosts;
    Walk walk(play);
    EXPECT_EQ(walk.explore(), "");
    std::printf("walked %zu worlds, %zu transitions\n", walk.worlds(), walk.transitions());
    RecordProperty("worlds", static_cast<int>(walk.worlds()));

    // The walk must have reached every event and the following states, because it proves nothing about an event or a
    // state that it has not reached.
    for (std::size_t e = 0; e < kEvents; ++e) {
        const auto event = static_cast<Event>(e);
        EXPECT_EQ(walk.times(event) != 0, takes_part(event, play)) << name(event);
    }
    EXPECT_EQ(walk.reached(State::kDone | State::kStarting | State::kCanceling | State::kReaping | State::kStopped |
                           State::kClosed | State::kWaited | State::kExpired),
              has_registry);
    EXPECT_EQ(walk.reached(State::kDone | State::kStarting | State::kCanceling | State::kRunning | State::kReaping),
              has_callback);
    EXPECT_EQ(walk.reached(State::kDone | State::kRunning | State::kDestroyWhenIdle), has_callback);
    EXPECT_EQ(walk.reached(State::kPending | State::kRunning | State::kReaping | State::kClosed),
              has_callback && has_registry);
    EXPECT_EQ(walk.reached(State::kDone | State::kStarting | State::kCanceling | State::kPosted | State::kStopped |
                           State::kWaited),
              !has_registry);
    EXPECT_EQ(walk.reached(State::kPending | State::kRunning | State::kPosted | State::kReaping), !has_registry);
}

INSTANTIATE_TEST_SUITE_P(Handle, StateWalkTest,
                         testing::Values(Play::kWithoutCallback, Play::kWithCallback, Play::kPosts), title_of);

}  // namespace
}  // namespace naio
