#include "duel.h"

#include <atomic>
#include <thread>

#include "verdict.h"

namespace race {

using support::Gate;
using support::wait_until;

const char* name(Party party) {
    static constexpr const char* kNames[] = {
        "Finish", "Cancel", "Abort",   "Expire",           "Stop",           "Free",           "Reap",
        "Wait",   "Start",  "Restart", "RestartAndCancel", "RestartAndStop", "RestartAndReap", "RestartAndFree"};
    return kNames[static_cast<unsigned>(party)];
}

std::string name(const Pair& pair) { return std::string(name(pair.left)) + "Against" + name(pair.right); }

namespace {

unsigned reasons(Party party) {
    switch (party) {
        case Party::kCancel:
        case Party::kRestartAndCancel:
            return bit(NNG_ECANCELED);
        case Party::kAbort:
            return bit(NNG_ECONNABORTED);
        case Party::kExpire:
            return bit(NNG_ETIMEDOUT);
        case Party::kStop:
        case Party::kFree:
        case Party::kReap:
        case Party::kRestartAndStop:
        case Party::kRestartAndReap:
        case Party::kRestartAndFree:
            return bit(NNG_ESTOPPED);
        default:
            return 0;
    }
}

unsigned reasons(const Pair& pair) { return reasons(pair.left) | reasons(pair.right); }

}  // namespace

// True if the operations need a timeout: a party is kExpire, or a party waits for operations that no thread ends.
bool Duel::is_timed() const {
    const bool endless = pair_.left == Party::kWait || has(Party::kStart) || has(Party::kRestart);
    return has(Party::kExpire) || (pair_.right == Party::kWait && endless);
}

Duel::Duel(const Pair& pair, Style style)
    : pair_(pair), provider_(style, courier_, reasons(pair) | (is_timed() ? bit(NNG_ETIMEDOUT) : 0)) {
    for (Subject& subject : subjects_) {
        subject.set_plan([this](Subject& called, nng_err result) {
            call_back(pair_.left, called, result);
            call_back(pair_.right, called, result);
        });
        open(subject);
    }
}

void Duel::open(Subject& subject) {
    const auto index = static_cast<unsigned>(&subject - subjects_.data());
    subject.open(provider_, index % 8 == 7 && !provider_.sleeps(), 100 + index);
}

Limit Duel::limit(Subject& subject) const {
    if (is_timed()) return subject.random().one_in(8) ? Limit{.timeout = 1} : Limit{.expire = deadline_};
    return subject.random().one_in(2) ? kFar : Limit{};
}

// Returns the limit of an operation that a callback starts. The deadline of the previous operation must not end the new
// one.
Limit Duel::next_limit(Subject& subject) const {
    if (!has(Party::kExpire) || subject.random().one_in(3)) return limit(subject);
    if (subject.random().one_in(3)) return {.expire = nng_clock() + 1};
    return subject.random().one_in(2) ? kFar : Limit{};
}

void Duel::set_up() {
    deadline_ = nng_clock() + 1;
    pace_.start();
    if (has(Party::kStart)) return;
    for (Subject& subject : subjects_) subject.start(limit(subject));
}

void Duel::await_deadline(Random& random) const {
    const std::int64_t moment = static_cast<std::int64_t>(deadline_) * 1'000'000 + random.below(200'000) - 60'000;
    wait_until([&] { return now_ns() >= moment; });
}

// The timer has a thread of its own. So if the left party is the timer, both threads act for the right party, each on
// half of the handles.
void Duel::walk(unsigned walker, Random& random) {
    const Party left = pair_.left == Party::kExpire ? pair_.right : pair_.left;
    if (is_timed()) await_deadline(random);
    for (unsigned i = 0; i < kHandles; ++i) {
        pace_.step(walker);
        random.dawdle();
        if (pair_.left == Party::kExpire && i % 2 != walker) continue;
        act(walker == 0 ? left : pair_.right, subjects_[i]);
    }
}

void Duel::act(Party party, Subject& subject) {
    switch (party) {
        case Party::kExpire:
            break;
        case Party::kCancel:
            nng_aio_cancel(subject.aio());
            break;
        case Party::kAbort:
            nng_aio_abort(subject.aio(), NNG_ECONNABORTED);
            break;
        case Party::kFree:
            subject.free();
            break;
        case Party::kReap:
            subject.reap();
            break;
        case Party::kStart:
            subject.start(limit(subject));
            break;
        case Party::kStop:
        case Party::kWait:
            (party == Party::kStop ? nng_aio_stop : nng_aio_wait)(subject.aio());
            if (!has(Party::kStart)) subject.expect_rest();
            break;
        case Party::kFinish:
            // If the other party starts the operation, tries to finish the operation before its start has returned.
            for (unsigned i = 0; has(Party::kStart) && i < 300; ++i) subject.finish_at_once(NNG_EPROTO);
            [[fallthrough]];
        default:
            subject.finish(NNG_EPROTO);
            break;
    }
}

// Does the part of a party kRestart... in a callback: in two of three callbacks it starts the next operation, and then
// acts on the handle, unless the handle was freed or reaped before.
void Duel::call_back(Party party, Subject& subject, nng_err result) {
    if (party < Party::kRestart || subject.random().one_in(3)) return;
    subject.start_again(result, next_limit(subject));
    if (subject.gone()) return;
    switch (party) {
        case Party::kRestartAndCancel:
            nng_aio_cancel(subject.aio());
            break;
        case Party::kRestartAndStop:
            nng_aio_stop(subject.aio());
            break;
        case Party::kRestartAndReap:
            subject.reap();
            break;
        case Party::kRestartAndFree:
            subject.free_in_callback();
            break;
        default:
            break;
    }
}

// Finishes the operations of the handle until the handle is idle. If the callback may reap or free the handle, this
// thread does not use the handle before the last callback has returned.
void Duel::come_to_rest(Subject& subject) {
    const bool reaped_by_itself = has(Party::kRestartAndReap) || has(Party::kRestartAndFree);
    wait_until([&] {
        subject.finish(NNG_EPROTO);
        const bool rests = reaped_by_itself || subject.gone() ? subject.at_rest() : !nng_aio_busy(subject.aio());
        return rests || failed();
    });
    if (subject.gone() || failed()) return;
    nng_aio_wait(subject.aio());
    subject.expect_rest();
}

// Waits until all handles are idle. Replaces stopped handles, because they accept no further start, and handles that
// were freed or reaped.
void Duel::settle() {
    for (Subject& subject : subjects_) {
        come_to_rest(subject);
        if (!subject.gone() && (reasons(pair_) & bit(NNG_ESTOPPED)) != 0) subject.free();
        if (subject.gone()) open(subject);
    }
}

Duel::~Duel() {
    for (Subject& subject : subjects_)
        if (!subject.gone()) subject.free();
}

void Duel::fight(unsigned rounds) {
    Gate gate(2);
    std::atomic<bool> over{false};
    std::thread partner([&] {
        Random random(2);
        for (gate.pass(); !over; gate.pass()) {
            walk(1, random);
            gate.pass();
        }
    });
    for (unsigned i = 0; i < rounds && !failed(); ++i) {
        set_up();
        gate.pass();
        walk(0, random_);
        gate.pass();
        settle();
    }
    over = true;
    gate.pass();
    partner.join();
}

unsigned long Duel::operations() const {
    unsigned long sum = 0;
    for (const Subject& subject : subjects_) sum += subject.submitted();
    return sum;
}

}  // namespace race
