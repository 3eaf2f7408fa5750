// The part of the model for operations that the test's provider starts: single ones, composed ones, and the built-in
// sleep.
#include "contract.h"
#include "model.h"

namespace simulation {

void Model::start(const Call& call) {
    Aio& aio = aios_[call.aio];
    Deadline deadline = take_deadline(aio);
    const bool typed = call.what == Do::kStartTyped;
    const Types terminal = NAIO_CANCEL_TERMINAL;
    const Types guarantee = typed ? call.types : call.policy == Policy::kNone ? Types{0} : terminal;
    aio.typed = typed;
    aio.release = typed && call.value != 0;
    aio.policy = call.policy;
    aio.first_byte.reset();
    if (!begin(call.aio, Kind::kProvider, guarantee, deadline)) return;
    if (typed || guarantee != 0) expire_if_near(call.aio, deadline);
}

// Starts a composed operation. Its release function is called even if the start is refused.
void Model::compose(const Call& call) {
    Aio& aio = aios_[call.aio];
    const Deadline deadline = take_deadline(aio);
    aio.typed = true;
    aio.policy = call.policy;
    aio.steps_left = call.value;
    aio.steps_done = 0;
    aio.first_byte.reset();
    if (!begin(call.aio, Kind::kComposed, call.types != 0 ? call.types : Types{NAIO_CANCEL_TERMINAL}, deadline)) {
        ++aio.seen.releases;
        return;
    }
    aio.release = true;
    start_step(call.aio);
    expire_if_near(call.aio, deadline);
}

// Starts the next operation on the child, or refuses it if the composed operation has accepted a request.
void Model::start_step(unsigned i) {
    Aio& aio = aios_[i];
    Aio& child = aios_[child_of(i)];
    --aio.steps_left;
    child = {};
    child.in_queue = is_queued(i);
    child.typed = true;
    child.policy = aio.policy;
    if (aio.accepted != 0) return refuse(child_of(i), aio.reason, NAIO_CANCEL_TOTAL, 0);
    ++aio.seen.steps;
    begin(child_of(i), Kind::kProvider, NAIO_CANCEL_TOTAL, {});
}

// Called when the child's operation is over. Starts the next step, or ends the composed operation.
void Model::step(unsigned i) {
    Aio& aio = aios_[i];
    const int result = aios_[child_of(i)].seen.result;
    if (result == NNG_OK) ++aio.steps_done;
    if (result == NNG_OK && aio.steps_left != 0) return start_step(i);
    end(i, result, aio.steps_done);
}

void Model::sleep(unsigned i, int duration) {
    Aio& aio = aios_[i];
    Deadline deadline = take_deadline(aio);
    aio.typed = aio.release = false;
    aio.moved = 0;
    aio.first_byte.reset();
    const bool at_once = duration <= 0 && duration != NNG_DURATION_INFINITE;
    if (at_once && !refusal(i, {})) return complete(i, NNG_OK, 0);
    const Moment wake_up = at_once ? Moment::kPassed : moment_of(duration);
    if (!begin(i, Kind::kSleep, NAIO_CANCEL_TOTAL, deadline)) return;
    if (wake_up == Moment::kNear && deadline.moment >= Moment::kNear) return post({Event::What::kWakeUp, i});
    expire_if_near(i, deadline);
}

// False if the deadline is near and the operation permits none of the deadline's types. A program cannot see when such
// a deadline has passed.
bool Model::shows_expiry(const Aio& aio, Types permitted) {
    const auto [moment, types] = deadline_of(aio);
    return moment != Moment::kNear || (types & permitted) != 0;
}

}  // namespace simulation
