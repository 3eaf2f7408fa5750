// Sections of the workload: nng_init and nng_fini, sleeps, operations of the providers in this file, the cancellation
// of operations, and signals.
#include <cstring>

#include "memory.h"
#include "workload.h"

namespace failures {

void library() {
    MUST(std::strlen(nng_version()) > 0);
    MUST(naio_version() == NAIO_VERSION);
    MUST(std::strlen(nng_strerror(NNG_ENOMEM)) > 0);
    const nng_init_params params = counted_memory();
    if (OK(nng_init(&params))) {
        MUST(nng_init(&params) == NNG_EBUSY);
        {
            Operation sleep;
            if (sleep) {
                nng_sleep_aio(1, sleep.submit());
                static_cast<void>(WAIT_OK(sleep));
            }
        }
        nng_fini();
    }
    {
        Operation first_use;  // its nng_aio_alloc starts the library without nng_init
        if (first_use) {
            nng_sleep_aio(0, first_use.submit());
            static_cast<void>(WAIT_OK(first_use));
        }
    }
    nng_fini();
    nng_fini();
}

void sleeping() {
    Operation sleep;
    if (!sleep) return;
    nng_sleep_aio(1, sleep.submit());
    static_cast<void>(WAIT_OK(sleep));

    nng_aio_set_timeout(sleep.get(), 1);
    MUST(naio_aio_get_timeout(sleep.get()) == 1);
    nng_sleep_aio(NNG_DURATION_INFINITE, sleep.submit());
    MUST(sleep.wait() == NNG_ETIMEDOUT);

    nng_aio_set_expire(sleep.get(), nng_clock() + 1);
    nng_sleep_aio(NNG_DURATION_INFINITE, sleep.submit());
    MUST(sleep.wait() == NNG_ETIMEDOUT);

    nng_aio_set_timeout(sleep.get(), NNG_DURATION_DEFAULT);
    naio_aio_default_timeout(sleep.get(), 1);
    nng_sleep_aio(NNG_DURATION_INFINITE, sleep.submit());
    MUST(sleep.wait() == NNG_ETIMEDOUT);

    nng_aio_set_timeout(sleep.get(), NNG_DURATION_INFINITE);
    naio_aio_limit(sleep.get(), nng_clock() + 1);
    nng_sleep_aio(NNG_DURATION_INFINITE, sleep.submit());
    MUST(sleep.wait() == NNG_ETIMEDOUT);

    nng_sleep_aio(NNG_DURATION_INFINITE, sleep.submit());
    MUST(!naio_aio_wait_until(sleep.get(), nng_clock()));
    nng_aio_cancel(sleep.get());
    MUST(sleep.wait() == NNG_ECANCELED);
    nng_sleep_aio(NNG_DURATION_INFINITE, sleep.submit());
    nng_aio_abort(sleep.get(), NNG_EINTR);
    MUST(sleep.wait() == NNG_EINTR);

    bool skipped = false;
    nng_aio* without_callback = nullptr;
    if (OK(nng_aio_alloc(&without_callback, nullptr, nullptr))) {
        nng_aio_skip_callback(without_callback, &skipped);
        nng_sleep_aio(0, without_callback);
        MUST(skipped);
        nng_sleep_aio(NNG_DURATION_INFINITE, without_callback);
        std::atomic<bool> gone{false};
        naio_aio_reap_then(
            without_callback, [](void* is_gone) { *static_cast<std::atomic<bool>*>(is_gone) = true; }, &gone);
        while (!gone) nng_msleep(1);
    }
    if (OK(nng_aio_alloc(&without_callback, nullptr, nullptr))) nng_aio_reap(without_callback);
    MUST(!naio_aio_posted(sleep.get()));
    MUST(naio_aio_post(sleep.submit()));
    MUST(sleep.wait() == NNG_EINTR);  // the result of the operation before
    naio_aio_memory memory;
    if (OK(naio_aio_init(&without_callback, &memory, sizeof memory, nullptr, nullptr))) {
        nng_sleep_aio(NNG_DURATION_INFINITE, without_callback);
        naio_aio_fini(without_callback);
    }
    nng_sleep_aio(NNG_DURATION_INFINITE, sleep.submit());
    MUST(!naio_aio_post(sleep.get()));
    naio_aio_close(sleep.get());
    nng_aio_stop(sleep.get());
    MUST(sleep.wait() == NNG_ESTOPPED);
}

namespace {

bool accept_request(nng_aio* aio, void*, naio_cancel types, nng_err reason) {
    MUST(types != 0);
    nng_aio_finish(aio, reason);
    return true;
}

void end(nng_aio* aio, void*, nng_err reason) { nng_aio_finish(aio, reason); }

void count_release(void* count) { ++*static_cast<std::atomic<int>*>(count); }

}  // namespace

void providing() {
    Operation operation;
    if (!operation) return;
    nng_aio* const aio = operation.get();
    int value = 0;
    MUST(nng_aio_set_input(aio, 0, &value) == NNG_OK && nng_aio_get_input(aio, 0) == &value);
    MUST(nng_aio_set_input(aio, 4, &value) == NNG_EINVAL);

    MUST(nng_aio_start(operation.submit(), end, nullptr));
    MUST(nng_aio_set_output(aio, 3, &value) == NNG_OK);
    naio_aio_set_data(aio, 1, &value);
    MUST(naio_aio_get_data(aio, 1) == &value);
    naio_aio_finish(aio, NNG_OK, 5);
    MUST(operation.wait() == NNG_OK && nng_aio_count(aio) == 5 && nng_aio_get_output(aio, 3) == &value);

    nng_aio_reset(aio);
    MUST(nng_aio_count(aio) == 0);
    MUST(naio_aio_add_count(aio, 2) == 2 && nng_aio_count(aio) == 2);
    nng_aio_finish(operation.submit(), NNG_ENOENT);
    MUST(operation.wait() == NNG_ENOENT);

    std::atomic<int> released{0};
    MUST(naio_aio_start(operation.submit(), NAIO_CANCEL_TOTAL, accept_request, count_release, &released));
    MUST(naio_aio_permit(aio, NAIO_CANCEL_PARTIAL) == 0);
    MUST(naio_aio_cancelled(aio) == 0 && naio_aio_acknowledge(aio, 0) == 0 && naio_aio_reason(aio) == NNG_OK);
    MUST(!naio_aio_cancel(aio, NAIO_CANCEL_TOTAL, NNG_OK));
    naio_aio_finish_sync(aio, NNG_OK, 7);
    MUST(operation.wait() == NNG_OK && released == 1);

    char bytes[8] = {};
    const nng_iov pieces[] = {{bytes, 3}, {bytes + 3, 5}};
    const nng_iov* list = nullptr;
    MUST(nng_aio_set_iov(aio, 2, pieces) == NNG_OK && naio_aio_get_iov(aio, &list) == 2);
    MUST(naio_aio_iov_advance(aio, 4) == 0 && naio_aio_get_iov(aio, &list) == 1 && list[0].iov_len == 4);

    nng_msg* message = nullptr;
    if (OK(nng_msg_alloc(&message, 3))) {
        nng_aio_set_msg(aio, message);
        MUST(nng_aio_get_msg(aio) == message);
        nng_aio_set_msg(aio, nullptr);
        MUST(nng_aio_start(operation.submit(), nullptr, nullptr));
        naio_aio_finish_msg(aio, message);
        MUST(operation.wait() == NNG_OK && nng_aio_get_msg(aio) == message && nng_aio_count(aio) == 3);
        nng_msg_free(message);
    }
}

void cancellation() {
    Operation operation;
    if (!operation) return;
    nng_aio* const aio = operation.get();
    naio_aio_set_timeout_types(aio, NAIO_CANCEL_ALL);
    std::atomic<int> released{0};
    MUST(naio_aio_start(operation.submit(), NAIO_CANCEL_TOTAL, accept_request, count_release, &released));
    MUST(naio_aio_cancel(aio, NAIO_CANCEL_PARTIAL, NNG_EINTR));
    MUST(operation.wait() == NNG_EINTR && naio_aio_outcome(aio) == NAIO_CANCEL_TOTAL && released == 1);

    // An inner operation is bound to the slot of the outer one.
    Operation inner;
    if (!inner) return;
    naio_slot* const slot = naio_aio_slot(aio);
    if (!HOLDS(slot != nullptr)) return;
    naio_aio_bind_slot(inner.get(), slot, NAIO_CANCEL_ALL);
    MUST(naio_aio_bound_slot(inner.get()) == slot);
    MUST(naio_aio_start(operation.submit(), NAIO_CANCEL_TOTAL, nullptr, nullptr, nullptr));
    nng_sleep_aio(NNG_DURATION_INFINITE, inner.submit());
    MUST(naio_aio_cancel(aio, NAIO_CANCEL_TOTAL, NNG_ECANCELED));
    MUST(inner.wait() == NNG_ECANCELED);
    nng_aio_finish(aio, NNG_ECANCELED);
    MUST(operation.wait() == NNG_ECANCELED);

    MUST(naio_aio_start(operation.submit(), NAIO_CANCEL_TOTAL, nullptr, nullptr, nullptr));
    nng_sleep_aio(NNG_DURATION_INFINITE, inner.submit());
    MUST(naio_aio_forward(aio, NAIO_CANCEL_TOTAL, NNG_EINTR));
    MUST(inner.wait() == NNG_EINTR);
    nng_aio_finish(aio, NNG_OK);
    MUST(operation.wait() == NNG_OK);
    naio_aio_bind_slot(inner.get(), nullptr, 0);
}

void signals() {
    Operation operation;
    if (!operation) return;
    for (const unsigned flags : {0U, NAIO_SIGNAL_SCOPE}) {
        naio_signal* signal = nullptr;
        if (!OK(naio_signal_alloc(&signal, flags))) return;
        naio_slot* const slot = naio_signal_slot(signal);
        std::atomic<int> calls{0};
        naio_slot_assign(
            slot,
            [](void* count, naio_cancel) {
                ++*static_cast<std::atomic<int>*>(count);
                return true;
            },
            &calls);
        MUST(naio_signal_emit(signal, NAIO_CANCEL_TOTAL) && calls == 1);
        naio_slot_clear(slot);
        naio_signal_free(signal);

        if (!OK(naio_signal_alloc(&signal, flags))) return;
        naio_signal_set_name(signal, "first");  // a name needs memory; without it the signal has none
        naio_signal_set_name(signal, "second");
        naio_aio_bind_slot(operation.get(), naio_signal_slot(signal), NAIO_CANCEL_ALL);
        nng_sleep_aio(NNG_DURATION_INFINITE, operation.submit());
        MUST(naio_signal_emit(signal, NAIO_CANCEL_TOTAL));
        MUST(operation.wait() == NNG_ECANCELED);
        naio_aio_bind_slot(operation.get(), nullptr, 0);
        naio_signal_free(signal);
    }
}

}  // namespace failures
