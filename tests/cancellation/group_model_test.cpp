// Compares every small group with a model: groups with each goal, each guarantee of their members and each order of
// events.
//
// A member that permits a request either ends at once, or only notes the request and ends later. The model has no
// states, slots or workers. For each event the model says which members end. When all members have ended, the model
// says the group's result, outcome and count.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/handle.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

constexpr nng_err kReason = NNG_EINTR;        // the reason of requests to the group
constexpr nng_err kFailure = NNG_ECONNRESET;  // the result of members that fail by themselves
constexpr nng_time kPatience = 20'000;

struct Kind {
    naio_cancel guarantee;
    bool prompt;  // the member ends at once when it accepts a request
};
constexpr Kind kKinds[] = {{kTotal, true}, {kPartial, true}, {kTerminal, true}, {kNone, true}, {kTotal, false}};

struct Event {
    enum What { kRequest, kSucceed, kFail, kGiveUp } what;  // kGiveUp: the member ends with the request's reason
    unsigned member = 0;
    naio_cancel types = 0;
};

struct Arrangement {
    std::vector<Kind> members;
    unsigned need = 0;
    unsigned flags = 0;
    naio_cancel types = 0;
};

std::string text(const Arrangement& arrangement, const std::vector<Event>& events) {
    std::ostringstream out;
    out << "need " << arrangement.need << (arrangement.flags != 0 ? " successes" : "") << " of";
    for (const Kind& kind : arrangement.members) out << ' ' << kind.guarantee << (kind.prompt ? "" : "late");
    out << ", types " << (arrangement.types & 7u) << ':';
    for (const Event& event : events) {
        if (event.what == Event::kRequest)
            out << " request " << (event.types & 7u);
        else
            out << ' ' << event.member
                << (event.what == Event::kSucceed ? " ok"
                    : event.what == Event::kFail  ? " fails"
                                                  : " gives up");
    }
    return out.str();
}

class Model {
  public:
    struct Member {
        Kind kind;
        bool asked = false;  // the member has accepted a request that came through the group
        naio_cancel accepted = 0;
        nng_err reason = NNG_OK;
        bool over = false;
        nng_err result = NNG_OK;
        naio_cancel outcome = 0;
    };

    explicit Model(const Arrangement& arrangement) : arrangement_(arrangement) {
        for (const Kind& kind : arrangement.members) members.push_back({.kind = kind});
        decide();
    }

    // Applies the event. Returns false if the event is a request that the group does not accept, otherwise true.
    bool apply(const Event& event) {
        bool accepted = true;
        if (event.what == Event::kRequest) {
            accepted = request(event.types & 7u);
        } else {
            Member& member = members[event.member];
            end(event.member, event.what == Event::kSucceed ? NNG_OK
                              : event.what == Event::kFail  ? kFailure
                                                            : member.reason);
        }
        decide();
        return accepted;
    }
    [[nodiscard]] bool over() const { return order.size() == members.size(); }

    [[nodiscard]] nng_err result() const {
        unsigned met = 0;
        for (const Member& member : members)
            if (meets(member) && !member.asked) ++met;
        if (met >= arrangement_.need) return NNG_OK;
        if (accepted_ != 0) return kReason;
        for (const unsigned i : order)
            if (members[i].result != NNG_OK) return members[i].result;
        return NNG_OK;
    }
    [[nodiscard]] naio_cancel outcome() const {
        if (accepted_ == 0 || result() != kReason) return kNone;
        naio_cancel weakest = kTotal;
        for (const Member& member : members)
            weakest = std::min(weakest, member.outcome != 0 ? member.outcome : kPartial);
        return weakest;
    }
    [[nodiscard]] std::size_t successes() const {
        return static_cast<std::size_t>(std::count_if(members.begin(), members.end(),
                                                      [](const Member& m) { return m.over && m.result == NNG_OK; }));
    }

    std::vector<Member> members;
    std::vector<unsigned> order;  // the members in the order of their completion

  private:
    [[nodiscard]] bool wants_success() const { return arrangement_.flags == NAIO_GROUP_SUCCESS; }
    [[nodiscard]] bool meets(const Member& member) const {
        return member.over && (!wants_success() || member.result == NNG_OK);
    }

    static bool can(const Kind& kind, naio_cancel types) {
        return kind.guarantee != 0 && (types & (2 * kind.guarantee - 1)) != 0;
    }

    // The group does not request a type again that it has accepted, because a member that could not honour this type
    // before cannot honour it now.
    bool request(naio_cancel types) {
        if (over()) return false;
        const naio_cancel added = types & ~accepted_;
        const bool known = (types & accepted_) != 0;
        const bool taken = added != 0 && ask(added, kReason);
        if (taken) accepted_ |= added;
        return known || taken;
    }

    bool ask(naio_cancel types, nng_err reason) {
        bool accepted = false;
        for (unsigned i = 0; i < members.size(); ++i) {
            Member& member = members[i];
            if (member.over || !can(member.kind, types)) continue;
            accepted = member.asked = true;
            if (member.reason == NNG_OK) member.reason = reason;
            if (member.kind.prompt) end(i, member.reason);
        }
        return accepted;
    }

    void end(unsigned i, nng_err result) {
        Member& member = members[i];
        member.over = true;
        member.result = result;
        if (member.asked && result == member.reason) member.outcome = member.kind.guarantee;
        order.push_back(i);
    }

    // Asks the other members to end as soon as the goal is reached or out of reach. Only a goal of successes can be out
    // of reach.
    void decide() {
        if (decided_) return;
        unsigned met = 0;
        bool ended_by_request = false;
        for (const Member& member : members) {
            if (meets(member)) ++met;
            if (member.outcome != 0) ended_by_request = true;
        }
        const std::size_t left = members.size() - order.size();
        const bool out_of_reach = wants_success() && (ended_by_request || met + left < arrangement_.need);
        if (met < arrangement_.need && !out_of_reach) return;
        decided_ = true;
        ask(arrangement_.types & 7u, NNG_ECANCELED);
    }

    Arrangement arrangement_;
    naio_cancel accepted_ = 0;
    bool decided_ = false;
};

// Runs the events with a group and with the model.
class Comparison {
  public:
    explicit Comparison(unsigned size) { EXPECT_EQ(naio_group_alloc(&group_, size), NNG_OK); }
    Comparison(const Comparison&) = delete;
    Comparison& operator=(const Comparison&) = delete;
    ~Comparison() { naio_group_free(group_); }

    void run(const Arrangement& arrangement, const std::vector<Event>& events) {
        SCOPED_TRACE(text(arrangement, events));
        Model model(arrangement);
        launch(arrangement);
        for (const Event& event : events) {
            const bool accepted = model.apply(event);
            apply(event, accepted, model);
            wait_for(model);
            if (testing::Test::HasFailure()) break;
        }
        for (const auto& operation : operations_) operation->finish();  // has an effect only after a failure
        ASSERT_TRUE(naio_aio_wait_until(outer_, nng_clock() + kPatience)) << "the group does not end";
        compare(model);
    }

  private:
    nng_aio* aio(unsigned i) { return naio_group_aio(group_, i); }

    void launch(const Arrangement& arrangement) {
        ASSERT_TRUE(naio_group_start(group_, outer_, arrangement.need, arrangement.flags, arrangement.types));
        operations_.clear();
        for (unsigned i = 0; i < arrangement.members.size(); ++i) {
            const Kind& kind = arrangement.members[i];
            operations_.push_back(
                std::make_unique<TypedOperation>(kind.prompt ? TypedOperation::finishes : TypedOperation::takes_up));
            operations_[i]->has_release = false;  // so that finish() itself completes the member
            ASSERT_TRUE(operations_[i]->start(aio(i), kind.guarantee));
        }
        naio_group_seal(group_);
    }

    // Waits until a worker has asked the other members as the model says, and until the group has counted each member
    // that has ended. A member becomes idle a moment before the group counts it.
    void wait_for(const Model& model) {
        for (unsigned i = 0; i < model.members.size(); ++i) {
            const Model::Member& member = model.members[i];
            const bool noted = !member.asked || member.over || operations_[i]->asked();
            EXPECT_TRUE(noted) << "member " << i;
        }
        const auto counted = [&] {
            return model.order.empty() ||
                   naio_group_order(group_, static_cast<unsigned>(model.order.size()) - 1) != UINT_MAX;
        };
        const nng_time deadline = nng_clock() + kPatience;
        while (!counted() && nng_clock() < deadline) std::this_thread::yield();
        EXPECT_TRUE(counted()) << model.order.size() << " members have not ended";
    }

    void apply(const Event& event, bool accepted, const Model& model) {
        if (event.what == Event::kRequest) {
            EXPECT_EQ(naio_aio_cancel(outer_, event.types, kReason), accepted);
            return;
        }
        EXPECT_TRUE(operations_[event.member]->finish(model.members[event.member].result));
    }

    void compare(const Model& model) {
        EXPECT_EQ(nng_aio_result(outer_), model.result());
        EXPECT_EQ(naio_aio_outcome(outer_), model.outcome());
        EXPECT_EQ(nng_aio_count(outer_), model.successes());
        for (unsigned i = 0; i < model.members.size(); ++i) {
            EXPECT_EQ(nng_aio_result(aio(i)), model.members[i].result) << "member " << i;
            EXPECT_EQ(naio_aio_outcome(aio(i)), model.members[i].outcome) << "member " << i;
            EXPECT_EQ(naio_group_order(group_, i), model.order[i]);
        }
    }

    naio_group* group_ = nullptr;
    std::vector<std::unique_ptr<TypedOperation>> operations_;
    Handle outer_;
};

std::vector<Event> possible(const Model& model, unsigned requests) {
    std::vector<Event> events;
    for (unsigned i = 0; i < model.members.size(); ++i) {
        const Model::Member& member = model.members[i];
        if (member.over) continue;
        events.push_back({Event::kSucceed, i});
        events.push_back({Event::kFail, i});
        if (member.asked) events.push_back({Event::kGiveUp, i});
    }
    if (requests != 0)
        for (const naio_cancel types : {kTotal, kPartial, kAll}) events.push_back({Event::kRequest, 0, types});
    return events;
}

// Runs every order of events that ends the group, with at most `requests` requests.
void explore(Comparison& comparison, const Arrangement& arrangement, std::vector<Event>& events, unsigned requests) {
    Model model(arrangement);
    for (const Event& event : events) model.apply(event);
    if (model.over()) return comparison.run(arrangement, events);
    for (const Event& event : possible(model, requests)) {
        events.push_back(event);
        explore(comparison, arrangement, events, event.what == Event::kRequest ? requests - 1 : requests);
        events.pop_back();
        if (testing::Test::HasFailure()) return;
    }
}

void explore_all(unsigned size, unsigned requests) {
    Comparison comparison(size);
    std::vector<std::size_t> kinds(size, 0);
    for (;;) {
        for (unsigned need = 1; need <= size; ++need)
            for (const unsigned flags : {0u, NAIO_GROUP_SUCCESS})
                for (const naio_cancel types : {kNone, kTotal, kAll}) {
                    Arrangement arrangement{.members = {}, .need = need, .flags = flags, .types = types};
                    for (const std::size_t kind : kinds) arrangement.members.push_back(kKinds[kind]);
                    std::vector<Event> events;
                    explore(comparison, arrangement, events, requests);
                    if (testing::Test::HasFailure()) return;
                }
        unsigned i = 0;
        while (i < size && ++kinds[i] == std::size(kKinds)) kinds[i++] = 0;
        if (i == size) return;
    }
}

TEST(GroupModel, HoldsForEveryGroupOfOne) { explore_all(1, 3); }

TEST(GroupModel, HoldsForEveryGroupOfTwo) { explore_all(2, 1); }

TEST(GroupModel, HoldsForRandomGroupsOfUpToFour) {
    std::mt19937 random(20);
    const auto below = [&](std::size_t n) { return static_cast<unsigned>(random() % n); };
    for (unsigned size = 2; size <= 4; ++size) {
        Comparison comparison(size);
        for (int run = 0; run < 3000 && !testing::Test::HasFailure(); ++run) {
            Arrangement arrangement{.members = {}, .need = 1 + below(size), .flags = below(2), .types = below(8)};
            for (unsigned i = 0; i < size; ++i) arrangement.members.push_back(kKinds[below(std::size(kKinds))]);
            std::vector<Event> events;
            Model model(arrangement);
            for (unsigned requests = below(4); !model.over();) {
                const std::vector<Event> choice = possible(model, requests);
                events.push_back(choice[below(choice.size())]);
                if (events.back().what == Event::kRequest) --requests;
                model.apply(events.back());
            }
            comparison.run(arrangement, events);
        }
    }
}

}  // namespace
}  // namespace cancellation
