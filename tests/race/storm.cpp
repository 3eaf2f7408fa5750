#include "storm.h"

#include "support/gate.h"
#include "verdict.h"

namespace race {

using namespace support;

bool Lease::try_share() {
    int users = users_.load(std::memory_order_relaxed);
    while (users != kOwned)
        if (users_.compare_exchange_weak(users, users + 1, std::memory_order_acquire)) return true;
    return false;
}

bool Lease::try_own() {
    int none = 0;
    return users_.compare_exchange_strong(none, kOwned, std::memory_order_acq_rel);
}

Storm::Storm(unsigned handles) : places_(handles) {
    for (const Style style : kStyles) providers_.push_back(std::make_unique<Provider>(style, courier_, kAnyReason));
    for (unsigned i = 0; i < handles; ++i) {
        Place& place = places_[i];
        place.index = i;
        place.provider = providers_[i % providers_.size()].get();
        place.subject.set_plan([this, &place](Subject&, nng_err result) { call_back(place, result); });
        open(place);
    }
}

// All threads of the storm have ended, but the last callbacks may be about to reap their handles.
Storm::~Storm() {
    for (Place& place : places_) {
        wait_until([&] { return place.lease.try_own() || place.orphaned || failed(); });
        if (place.orphaned) adopt(place);
        if (!failed()) place.subject.free();
    }
}

void Storm::open(Place& place) { place.subject.open(*place.provider, false, 1000 + place.index); }

void Storm::rage(unsigned thread, unsigned turns) {
    Random random(thread);
    for (unsigned i = 0; i < turns && !failed(); ++i) turn(places_[random.below(unsigned(places_.size()))], random);
}

void Storm::turn(Place& place, Random& random) {
    if (place.orphaned.exchange(false, std::memory_order_acquire)) {
        adopt(place);
        place.lease.disown();
    }
    if (random.one_in(50)) {
        if (!place.lease.try_own()) return;
        replace(place, random);
        place.lease.disown();
    } else if (place.lease.try_share()) {
        use(place, random);
        place.lease.unshare();
    }
}

void Storm::use(Place& place, Random& random) {
    Subject& subject = place.subject;
    switch (random.below(16)) {
        case 0:
            return nng_aio_cancel(subject.aio());
        case 1:
            return nng_aio_abort(subject.aio(), NNG_ECONNABORTED);
        case 2:
            return nng_aio_wait(subject.aio());
        case 3:
            return random.one_in(8) ? nng_aio_stop(subject.aio()) : nng_aio_cancel(subject.aio());
        case 4:
        case 5:
        case 6:
            subject.finish(NNG_EPROTO);
            return;
        default:
            return submit(place, random);
    }
}

void Storm::submit(Place& place, Random& random) {
    if (place.submitting.exchange(true, std::memory_order_acquire)) return;
    if (!nng_aio_busy(place.subject.aio())) {
        if (random.one_in(8))
            place.subject.complete(NNG_EPROTO);
        else
            place.subject.start(limit(random));
    }
    place.submitting.store(false, std::memory_order_release);
}

// Returns a limit of about a millisecond, so that every operation ends by itself.
Limit Storm::limit(Random& random) {
    if (random.one_in(2)) return {.expire = nng_clock() + 1};
    return {.timeout = 1};
}

void Storm::replace(Place& place, Random& random) {
    if (random.one_in(2)) {
        place.subject.free();
    } else {
        place.subject.reap();
        wait_until([&] { return place.subject.at_rest() || failed(); });
    }
    open(place);
}

void Storm::adopt(Place& place) {
    wait_until([&] { return place.subject.at_rest() || failed(); });
    open(place);
}

void Storm::call_back(Place& place, nng_err result) {
    Subject& subject = place.subject;
    Random& random = subject.random();
    const unsigned act = random.below(16);
    if (act >= 6) return;
    subject.start_again(result, limit(random));
    if (act == 0) nng_aio_cancel(subject.aio());
    if (act == 1) nng_aio_wait(subject.aio());
    if (act == 2 && random.one_in(4)) nng_aio_stop(subject.aio());
    if (act == 3 && random.one_in(4) && place.lease.try_own()) {
        subject.reap();
        place.orphaned.store(true, std::memory_order_release);
    }
}

unsigned long Storm::operations() const {
    unsigned long sum = 0;
    for (const Place& place : places_) sum += place.subject.submitted();
    return sum;
}

}  // namespace race
