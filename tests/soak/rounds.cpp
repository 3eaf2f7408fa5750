// Rounds without sockets, files and names: handles, sleeps, providers, groups, compositions, signals, queues, messages.
#include <naio/naio.h>

#include <memory>
#include <thread>

#include "actor.h"

namespace soak {
namespace {

// ---- Handles and sleeps

void end_somehow(Random& random, nng_aio* aio) {
    switch (random.below(5)) {
        case 0:
            return nng_aio_cancel(aio);
        case 1:
            return nng_aio_abort(aio, NNG_ECONNABORTED);
        case 2:
            return nng_msleep(static_cast<nng_duration>(random.below(2)));
        default:
            return;
    }
}

void sleeps(Random& random) {
    Handle handles[8];
    for (Handle& handle : handles) {
        nng_aio_set_timeout(handle.get(), static_cast<nng_duration>(1 + random.below(4)));
        nng_sleep_aio(static_cast<nng_duration>(random.below(6)), handle.begin());
    }
    for (Handle& handle : handles) end_somehow(random, handle.get());
    for (Handle& handle : handles) handle.wait();
}

// Stops and frees handles whose operations may be in flight.
void lives(Random& random) {
    for (unsigned i = 0; i < 8; ++i) {
        const auto handle = std::make_unique<Handle>();
        nng_sleep_aio(static_cast<nng_duration>(random.below(3)), handle->begin());
        if (random.below(2) == 0) nng_aio_stop(handle->get());
    }
}

// ---- A provider: one thread starts and finishes operations; another thread or a timeout may end them earlier

struct Pending {
    std::atomic<bool> taken{false};
    nng_aio* aio = nullptr;

    void finish(nng_err result) {
        if (!taken.exchange(true)) naio_aio_finish(aio, result, 1);
    }
};

bool cancel(nng_aio*, void* arg, naio_cancel, nng_err reason) {
    auto& pending = *static_cast<Pending*>(arg);
    if (pending.taken.exchange(true)) return false;
    naio_aio_finish(pending.aio, reason, 0);
    return true;
}

void provider(Random& random) {
    Handle handle;
    for (unsigned i = 0; i < 50; ++i) {
        Pending pending;
        pending.aio = handle.begin();
        nng_aio_set_timeout(pending.aio, random.below(4) == 0 ? 1 : NNG_DURATION_INFINITE);
        if (!naio_aio_start(pending.aio, NAIO_CANCEL_TOTAL, cancel, nullptr, &pending)) continue;
        std::thread other;
        if (random.below(8) == 0) other = std::thread([&] { naio_aio_cancel(pending.aio, NAIO_CANCEL_TOTAL, NNG_OK); });
        if (random.below(2) == 0) static_cast<void>(naio_aio_permit(pending.aio, NAIO_CANCEL_PARTIAL));
        pending.finish(NNG_OK);
        handle.wait();
        if (other.joinable()) other.join();
    }
}

// ---- Groups, compositions, signals

void groups(Random& random) {
    constexpr unsigned kMembers = 5;
    Handle handle;
    naio_group* group = nullptr;
    SOAK_CHECK(naio_group_alloc(&group, kMembers) == NNG_OK);
    for (unsigned i = 0; i < 10; ++i) {
        const unsigned need = 1 + random.below(kMembers);
        if (!naio_group_start(group, handle.begin(), need, random.below(2), NAIO_CANCEL_TOTAL)) continue;
        for (unsigned m = 0; m < kMembers; ++m)
            nng_sleep_aio(static_cast<nng_duration>(random.below(3)), naio_group_aio(group, m));
        naio_group_seal(group);
        if (random.below(3) == 0) nng_aio_cancel(handle.get());
        handle.wait();
    }
    naio_group_free(group);
}

void step(naio_op* op, void* arg, nng_err result, size_t) {
    auto& left = *static_cast<unsigned*>(arg);
    if (result != NNG_OK || left == 0) return naio_op_finish(op, result, left);
    --left;
    nng_sleep_aio(static_cast<nng_duration>(left % 2), naio_op_child(op));
}

void compositions(Random& random) {
    Handle handle;
    for (unsigned i = 0; i < 10; ++i) {
        unsigned left = random.below(5);
        SOAK_CHECK(naio_compose(handle.begin(), NAIO_CANCEL_NONE, step, nullptr, &left) == NNG_OK);
        if (random.below(3) == 0) nng_aio_cancel(handle.get());
        handle.wait();
    }
}

void signals(Random& random) {
    Handle handles[4];
    naio_signal* signal = nullptr;
    SOAK_CHECK(naio_signal_alloc(&signal, NAIO_SIGNAL_SCOPE) == NNG_OK);
    for (Handle& handle : handles) {
        naio_aio_bind_slot(handle.get(), naio_signal_slot(signal), NAIO_CANCEL_ALL);
        nng_sleep_aio(static_cast<nng_duration>(1 + random.below(50)), handle.begin());
    }
    static_cast<void>(naio_signal_emit(signal, NAIO_CANCEL_TOTAL));
    for (Handle& handle : handles) {
        handle.wait();
        naio_aio_bind_slot(handle.get(), nullptr, NAIO_CANCEL_ALL);
    }
    naio_signal_free(signal);
}

// ---- Queues, messages, counted initialisation

void queues(Random& random) {
    naio_queue* queue = nullptr;
    SOAK_CHECK(naio_queue_alloc(&queue) == NNG_OK);
    {
        Handle handles[4];
        SOAK_CHECK(naio_queue_fd(queue) >= 0);
        for (Handle& handle : handles) {
            naio_aio_set_queue(handle.get(), queue);
            nng_sleep_aio(static_cast<nng_duration>(random.below(3)), handle.begin());
        }
        for (std::size_t ran = 0; ran < 4;) ran += naio_queue_run(queue, NNG_DURATION_INFINITE);
        nng_sleep_aio(1, handles[0].begin());
        handles[0].wait();  // this thread runs the callback
    }
    naio_queue_free(queue);
}

void messages(Random& random) {
    nng_msg *one = nullptr, *other = nullptr;
    const std::size_t size = random.below(100'000);
    SOAK_CHECK(nng_msg_alloc(&one, size) == 0);
    SOAK_CHECK(nng_msg_append_u64(one, size) == 0 && nng_msg_insert_u32(one, 7) == 0);
    SOAK_CHECK(nng_msg_dup(&other, one) == 0);
    std::uint64_t got = 0;
    SOAK_CHECK(nng_msg_chop_u64(other, &got) == 0 && got == size && nng_msg_len(other) == size + 4);
    nng_msg_free(one);
    nng_msg_free(other);
}

void counted_init(Random&) {
    SOAK_CHECK(nng_init(nullptr) == NNG_OK);
    nng_msleep(1);
    nng_fini();
}

}  // namespace

const Kind kKinds[] = {{"sleeps", sleeps},
                       {"lives", lives},
                       {"provider", provider},
                       {"groups", groups},
                       {"compositions", compositions},
                       {"signals", signals},
                       {"queues", queues},
                       {"messages", messages},
                       {"counted_init", counted_init},
                       {"tcp", tcp},
                       {"local", local},
                       {"socket_pair", socket_pair},
                       {"udp", udp},
                       {"file", file},
                       {"fifo", fifo},
                       {"names", names}};
const unsigned kKindCount = sizeof(kKinds) / sizeof(kKinds[0]);

}  // namespace soak
