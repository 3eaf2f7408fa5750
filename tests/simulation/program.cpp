#include "program.h"

#include <naio/naio.h>

#include <array>
#include <cstdio>

#include "model/model.h"

namespace simulation {

namespace {

constexpr std::array<const char*, static_cast<std::size_t>(Do::kEnd)> kNames = {"nng_aio_free",
                                                                                "nng_aio_reap",
                                                                                "nng_aio_stop",
                                                                                "naio_aio_close",
                                                                                "naio_aio_wait_until",
                                                                                "nng_aio_set_timeout",
                                                                                "nng_aio_set_expire",
                                                                                "naio_aio_limit",
                                                                                "naio_aio_set_timeout_types",
                                                                                "nng_aio_skip_callback",
                                                                                "nng_aio_start",
                                                                                "naio_aio_start",
                                                                                "naio_aio_finish",
                                                                                "naio_aio_finish_sync",
                                                                                "nng_aio_reset and naio_aio_finish",
                                                                                "nng_sleep_aio",
                                                                                "nng_aio_cancel",
                                                                                "nng_aio_abort",
                                                                                "naio_aio_cancel",
                                                                                "naio_aio_permit",
                                                                                "naio_aio_acknowledge",
                                                                                "naio_aio_set_queue",
                                                                                "naio_queue_run",
                                                                                "naio_aio_bind_slot",
                                                                                "naio_signal_emit",
                                                                                "naio_slot_assign",
                                                                                "naio_slot_clear",
                                                                                "naio_signal_free and alloc",
                                                                                "nng_stream_send",
                                                                                "nng_stream_recv",
                                                                                "naio_stream_send_all",
                                                                                "naio_stream_recv_all",
                                                                                "naio_stream_shutdown",
                                                                                "nng_stream_close",
                                                                                "new streams",
                                                                                "naio_compose",
                                                                                "naio_group_start",
                                                                                "naio_group_seal",
                                                                                "naio_group_free and alloc",
                                                                                "callbacks that call"};

// The relative frequency of each call.
constexpr std::array<unsigned, static_cast<std::size_t>(Do::kEnd)> kWeights = {
    4,  3,  3,  2,             // free, reap, stop, close
    2,  6,  2,  6,  5, 4,      // wait_until, set_timeout, set_expire, limit, set_timeout_types, skip
    14, 40, 18, 4,  5, 10,     // start, start typed, finish, finish_sync, complete, sleep
    5,  4,  14, 14, 8,         // cancel, abort, cancel typed, permit, acknowledge
    6,  6,  12, 8,  3, 2,  2,  // set_queue, run, bind, emit, assign, clear, new signal
    8,  8,  4,  8,  1, 1,  2,  // send, recv, send_all, recv_all, shutdown, close, new streams
    10,                        // compose
    14, 4,  1,  8              // group_start, seal, new group, again
};

static_assert(kNames.back() != nullptr && kWeights.back() != 0, "each kind of call needs a name and a weight");

Do choose(Random& random) {
    unsigned total = 0;
    for (const unsigned weight : kWeights) total += weight;
    unsigned at = random.below(total);
    std::size_t what = 0;
    while (at >= kWeights[what]) at -= kWeights[what++];
    return static_cast<Do>(what);
}

std::int32_t value_of(Do what, Random& random) {
    switch (what) {
        case Do::kSetTimeout:
            return random.of<std::int32_t>({-1, -1, -2, -5, 0, kNearMs, kFarMs});
        case Do::kSetExpire:
        case Do::kLimit:
            return random.of<std::int32_t>({-1000, kFarMs});
        case Do::kSleep:
            return random.of<std::int32_t>({-1, -2, 0, kNearMs, kFarMs, kFarMs});
        case Do::kFinish:
        case Do::kFinishSync:
        case Do::kComplete:
            return random.of<std::int32_t>(
                {NNG_OK, NNG_OK, NNG_ECANCELED, NNG_ETIMEDOUT, NNG_EINTR, NNG_ECLOSED, NNG_ESTOPPED});
        case Do::kAbort:
        case Do::kCancelTyped:
            return random.of<std::int32_t>({NNG_OK, NNG_EINTR, NNG_EPROTO, NNG_ECANCELED, NNG_ESYSERR + 5});
        case Do::kAgain:
        case Do::kCompose:
            return 1 + static_cast<std::int32_t>(random.below(3));
        case Do::kGroupStart:
            return static_cast<std::int32_t>(random.below(kMembers + 1)) + (random.one_in(20) ? 1 : 0) +
                   kFlag * (random.one_in(20) ? 2 : static_cast<std::int32_t>(random.below(2)));
        case Do::kSend:
        case Do::kRecv:
        case Do::kSendAll:
        case Do::kRecvAll:
            return 1 + static_cast<std::int32_t>(random.below(random.one_in(4) ? 500 : 20));
        default:
            return static_cast<std::int32_t>(random.below(2));
    }
}

// Turns the call into one that launches the group further: it submits the next member, or seals the group.
void launch(Call& call, unsigned group, const Model& model, Random& random) {
    const auto member = model.unsubmitted(group);
    call.other = static_cast<std::uint8_t>(group);
    call.what = Do::kGroupSeal;
    if (!member) return;
    call.aio = static_cast<std::uint8_t>(*member);
    call.what = random.of<Do>({Do::kStart, Do::kStartTyped, Do::kStartTyped, Do::kStartTyped, Do::kComplete, Do::kSleep,
                               Do::kCompose, Do::kRecv, Do::kSend, Do::kSetTimeout});
}

// Chooses the arguments that depend on the function that is called.
void choose_rest(Call& call, Random& random) {
    call.types = random.one_in(3) ? kAll : static_cast<std::uint8_t>(random.below(8));
    if (call.what == Do::kSetTimeoutTypes && call.types == 0) call.types = static_cast<std::uint8_t>(random.below(8));
    call.policy = static_cast<Policy>(random.below(call.what == Do::kStartTyped || call.what == Do::kCompose ? 3 : 4));
    if (call.what == Do::kStart && call.policy == Policy::kDecline) call.policy = Policy::kDefer;
    call.value = value_of(call.what, random);
}

// Chooses the calls of a callback: one that asks an operation to end or changes the aio's timeout, one that starts the
// next operation, or both.
void choose_then(Call& call, Random& random) {
    if (random.one_in(2)) {
        Call& first = call.then.emplace_back();
        first.what = random.of<Do>({Do::kCancel, Do::kAbort, Do::kClose, Do::kEmit, Do::kSetTimeout});
        first.aio = first.what == Do::kSetTimeout ? call.aio : static_cast<std::uint8_t>(random.below(kAios));
        first.other = static_cast<std::uint8_t>(random.below(kSignals));
        choose_rest(first, random);
    }
    if (!call.then.empty() && random.one_in(3)) return;
    Call& start = call.then.emplace_back();
    start.what = random.of<Do>({Do::kStart, Do::kStartTyped, Do::kStartTyped, Do::kSleep, Do::kComplete});
    start.aio = call.aio;
    choose_rest(start, random);
}

Call choose_call(const Model& model, Random& random) {
    Call call;
    call.what = choose(random);
    call.aio = static_cast<std::uint8_t>(random.below(random.one_in(3) ? kPlaces : kAios));
    call.other = static_cast<std::uint8_t>(random.below(call.what == Do::kBind ? kSignals + 1 : kSignals));
    const unsigned group = random.below(kGroups);
    if (model.is_launching(group) && random.one_in(2)) launch(call, group, model, random);
    choose_rest(call, random);
    if (call.what == Do::kAgain) choose_then(call, random);
    return call;
}

}  // namespace

const char* name(Do what) { return kNames[static_cast<std::size_t>(what)]; }

Program generate(std::uint64_t seed, unsigned length) {
    Random random(seed);
    return generate(random, length);
}

Program generate(Random& random, unsigned length) {
    Model model;
    Program program;
    while (program.size() < length && !random.is_over()) {
        const Call call = choose_call(model, random);
        if (model.try_call(call).allowed) program.push_back(call);
    }
    return program;
}

std::string text(const Call& call) {
    std::array<char, 160> line;
    std::snprintf(line.data(), line.size(), "%-34s aio %u, other %u, types %u, policy %u, value %d", name(call.what),
                  static_cast<unsigned>(call.aio), static_cast<unsigned>(call.other), static_cast<unsigned>(call.types),
                  static_cast<unsigned>(call.policy), static_cast<int>(call.value));
    std::string whole = line.data();
    for (const Call& each : call.then) whole += "\n        then " + text(each);
    return whole;
}

}  // namespace simulation
