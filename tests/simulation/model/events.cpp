// The part of the model for the events that other threads cause after a call: callbacks, steps, deadlines, and requests
// of groups to their members.
#include <algorithm>
#include <utility>

#include "contract.h"
#include "model.h"

namespace simulation {

void Model::post(Event event) {
    if (event.what != Event::What::kAskRest && event.what != Event::What::kPump)
        event.operation = aios_[event.i].operation;
    had_events_ = true;
    if (when_ == Order::kAtOnce) return happen(event);
    events_.push_back(event);
}

void Model::happen(const Event& event) {
    const bool before = std::exchange(elsewhere_, true);
    const auto outside = std::exchange(in_callback_, std::nullopt);
    Aio& aio = aios_[event.i];
    const bool in_flight = aio.in_flight && aio.operation == event.operation;
    switch (event.what) {
        case Event::What::kExpiry:
            if (!in_flight) break;
            // A program sees the expiry only if the operation permits one of the deadline's types. is_legal demands
            // that, except of operations that a callback starts.
            shown_ = (event.types & (aio.kind == Kind::kGroup ? ~groups_[aio.group].remembered : aio.permitted)) != 0;
            aio.expired = true;
            call_cancel(claim(event.i, event.types, event.types, NNG_ETIMEDOUT, true));
            if (!shown_) undetermined_ = true;
            break;
        case Event::What::kWakeUp:
            if (in_flight) end(event.i, NNG_OK, 0);
            break;
        case Event::What::kReminder:
            if (in_flight) ask(event.i, event.types);
            break;
        case Event::What::kReap:
            stop(event.i);
            break;
        case Event::What::kCallback:
            call_back(event.i);
            break;
        case Event::What::kPump:
            pump(event.i);
            break;
        case Event::What::kAskRest:
            ask_rest(event.i);
            break;
    }
    elsewhere_ = before;
    in_callback_ = outside;
}

void Model::settle() {
    while (!events_.empty()) {
        const auto next = when_ == Order::kLastFirst ? events_.end() - 1 : events_.begin();
        const Event event = *next;
        events_.erase(next);
        happen(event);
    }
}

// Makes the call with three orders of the events. The call is not allowed if the order changes what a program can see,
// except for the order in which the members of a group complete.
Made Model::try_call(const Call& call) {
    if (!is_legal(call)) return {};
    Model in_turn = *this;
    in_turn.had_events_ = in_turn.undetermined_ = in_turn.pushed_elsewhere_ = false;
    const auto answer = in_turn.apply(call);
    // A program can see that the queue has callbacks (naio_queue_fd), but not their number. So a call is not allowed if
    // because of it another thread adds a callback to a queue that already has one.
    if (in_turn.pushed_elsewhere_ && in_turn.queue_.size() > std::max<std::size_t>(queue_.size(), 1)) return {};
    if (in_turn.undetermined_) return {};
    if (in_turn.had_events_)
        for (const Order order : {Order::kAtOnce, Order::kLastFirst}) {
            Model other = *this;
            other.when_ = order;
            if (other.apply(call) != answer || other.undetermined_) return {};
            other.take_over(in_turn);
            for (unsigned g = 0; g < kGroups; ++g) in_turn.groups_[g].forget_other_order(other.groups_[g]);
            if (other != in_turn) return {};
        }
    *this = std::move(in_turn);
    return {true, answer};
}

bool Model::allows(const Call& call) const { return Model(*this).try_call(call).allowed; }

// Marks the members that have completed in another order in `other`: their order is not determined.
void Model::Group::forget_other_order(Group& other) {
    if (order.size() != other.order.size() || order == other.order) return;
    std::size_t begin = 0, end = order.size();
    while (order[begin] == other.order[begin]) ++begin;
    while (order[end - 1] == other.order[end - 1]) --end;
    begin = unordered_begin == unordered_end ? begin : std::min(begin, unordered_begin);
    end = std::max(end, unordered_end);
    for (Group* each : {this, &other}) {
        each->unordered_begin = begin;
        each->unordered_end = end;
        each->sort_unordered(each->order);
    }
}

// Copies the members that record how the state was reached, so that a comparison with `other` ignores them.
void Model::take_over(const Model& other) {
    when_ = other.when_;
    had_events_ = other.had_events_;
    undetermined_ = other.undetermined_;
    pushed_elsewhere_ = other.pushed_elsewhere_;
    shown_ = other.shown_;
}

}  // namespace simulation
