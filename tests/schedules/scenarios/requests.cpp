// Scenarios of typed cancellation: permit, decline, reasons, release; signals, scopes and slots.
#include "scenario.h"

using schedules::Count;
using schedules::Gate;
using schedules::Handle;
using schedules::Library;
using schedules::Operation;
using schedules::require;
using schedules::Thread;
using schedules::TypedOperation;
using schedules::yield;

SCENARIO(permit, "a provider narrows its guarantee before a step, while another thread requests its end") {
    const Library library;
    Count count;
    TypedOperation operation(count);
    bool accepted = false, took_step = false;
    operation.start(NAIO_CANCEL_TOTAL);
    {
        operation.on_cancel = [](naio_cancel) { return false; };
        const Thread provider([&] {
            const naio_cancel types = naio_aio_permit(operation.aio, NAIO_CANCEL_TERMINAL);
            took_step = (types & NAIO_CANCEL_TOTAL) == 0;
            operation.finish(took_step ? NNG_OK : naio_aio_reason(operation.aio));
        });
        const Thread canceler([&] { accepted = naio_aio_cancel(operation.aio, NAIO_CANCEL_TOTAL, NNG_ECLOSED); });
    }
    nng_aio_wait(operation.aio);
    require(!accepted || !took_step, "a request was accepted, and the step was taken");
    require(took_step || count.result == NNG_ECLOSED, "the reason is not there");
}

SCENARIO(permit_sticky, "a stop becomes possible when the provider permits it") {
    const Library library;
    Count count;
    TypedOperation operation(count);
    operation.start(NAIO_CANCEL_NONE);
    {
        const Thread stopper([&] { nng_aio_stop(operation.aio); });
        const Thread provider([&] { naio_aio_permit(operation.aio, NAIO_CANCEL_TERMINAL); });
    }
    require(count.calls == 1 && count.result == NNG_ESTOPPED, "the operation was not stopped");
}

SCENARIO(decline, "the cancel function declines one type, while another one is requested") {
    const Library library;
    Count count;
    TypedOperation operation(count);
    int inside = 0;
    operation.on_cancel = [&](naio_cancel types) {
        require(++inside == 1, "two threads are inside a cancel function");
        yield();
        --inside;
        return (types & NAIO_CANCEL_TERMINAL) != 0;
    };
    operation.start(NAIO_CANCEL_TOTAL);
    bool declined_was_accepted = false;
    {
        const Thread one(
            [&] { declined_was_accepted = naio_aio_cancel(operation.aio, NAIO_CANCEL_TOTAL, NNG_ECANCELED); });
        const Thread other([&] { naio_aio_cancel(operation.aio, NAIO_CANCEL_TERMINAL, NNG_ECANCELED); });
    }
    nng_aio_wait(operation.aio);
    require(count.result == NNG_ECANCELED, "a request that was taken up has not ended the operation");
}

// The second request is accepted while the thread of the first one is still inside the cancel function. The next
// operation permits neither request.
SCENARIO(declined_before_next,
         "a request is declined, another one is accepted, and then the next operation is aborted") {
    const Library library;
    Count count;
    TypedOperation operation(count);
    operation.on_cancel = [](naio_cancel) { return false; };
    bool is_next = false;
    const auto abort_next = [](nng_aio* aio, void*, nng_err reason) {
        require(reason == NNG_EAGAIN, "an operation is given the reason of a request to the one before");
        nng_aio_finish(aio, reason);
    };
    count.also = [&] {
        if (is_next) return;
        is_next = true;
        nng_aio_start(operation.aio, abort_next, nullptr);
        nng_aio_abort(operation.aio, NNG_EAGAIN);
    };
    // This thread runs the callbacks, so that few switches of threads lie between the end of the cancel function and
    // the next operation.
    naio_queue* const queue = schedules::make_queue();
    naio_aio_set_queue(operation.aio, queue);
    operation.start(NAIO_CANCEL_TOTAL);
    {
        const Thread other([&] { naio_aio_cancel(operation.aio, NAIO_CANCEL_PARTIAL, NNG_ECLOSED); });
        const Thread provider([&] { operation.finish(); });
        naio_aio_cancel(operation.aio, NAIO_CANCEL_TOTAL, NNG_ECANCELED);
        while (count.calls != 2) naio_queue_run(queue, 1);
    }
    nng_aio_wait(operation.aio);
    naio_aio_set_queue(operation.aio, nullptr);
    naio_queue_free(queue);
    require(count.calls == 2 && count.result == NNG_EAGAIN, "the next operation was not aborted");
    require(naio_aio_reason(operation.aio) == NNG_EAGAIN, "the reason is that of a request to the operation before");
}

// NNG_ECLOSED is not in the state (StateBits::kCodedReasons).
SCENARIO(reason, "a provider that learns of a request finds its reason") {
    const Library library;
    Count count;
    TypedOperation operation(count);
    operation.on_cancel = [](naio_cancel) { return false; };
    operation.start(NAIO_CANCEL_TOTAL);
    {
        const Thread canceler([&] { naio_aio_cancel(operation.aio, NAIO_CANCEL_TERMINAL, NNG_ECLOSED); });
        const Thread provider([&] {
            for (int i = 0; i < 4; ++i) {
                if (naio_aio_acknowledge(operation.aio, 0) == 0) continue;
                require(naio_aio_reason(operation.aio) == NNG_ECLOSED, "a request was accepted without its reason");
            }
            operation.finish();
        });
    }
}

SCENARIO(release, "the provider's state is released after its cancel function and before the callback") {
    const Library library;
    Count count;
    TypedOperation operation(count);
    int inside = 0, releases = 0;
    operation.on_cancel = [&](naio_cancel) {
        ++inside;
        yield();
        --inside;
        return true;
    };
    operation.on_release = [&] {
        require(inside == 0, "the state is released beside the cancel function");
        require(++releases == 1, "the state is released twice");
    };
    count.also = [&] { require(releases == 1, "the callback comes before the release"); };
    operation.start(NAIO_CANCEL_TERMINAL);
    {
        const Thread canceler([&] { naio_aio_cancel(operation.aio, NAIO_CANCEL_TERMINAL, NNG_ECANCELED); });
        const Thread finisher([&] { operation.finish(); });
    }
    nng_aio_wait(operation.aio);
    require(releases == 1, "the state was not released");
}

SCENARIO(scope, "an operation starts while its scope is asked to end") {
    const Library library;
    Operation operation;
    naio_signal* scope = nullptr;
    require(naio_signal_alloc(&scope, NAIO_SIGNAL_SCOPE) == NNG_OK, "naio_signal_alloc fails");
    naio_aio_bind_slot(operation.aio, naio_signal_slot(scope), NAIO_CANCEL_ALL);
    {
        const Thread starter([&] { operation.start(); });
        const Thread emitter([&] { naio_signal_emit(scope, NAIO_CANCEL_TERMINAL); });
    }
    nng_aio_wait(operation.aio);
    require(nng_aio_result(operation.aio) == NNG_ECANCELED, "the request to the scope has not ended the operation");
    naio_signal_free(scope);
}

SCENARIO(shielded, "an operation that is bound with a filter of nothing goes on when its scope is asked to end") {
    const Library library;
    Operation shielded;
    naio_signal* scope = nullptr;
    require(naio_signal_alloc(&scope, NAIO_SIGNAL_SCOPE) == NNG_OK, "naio_signal_alloc fails");
    naio_aio_bind_slot(shielded.aio, naio_signal_slot(scope), 0);
    {
        const Thread starter([&] { shielded.start(); });
        const Thread emitter([&] { naio_signal_emit(scope, NAIO_CANCEL_TERMINAL); });
    }
    require(shielded.pending(), "the scope has ended an operation that is shielded from it");
    shielded.finish();
    nng_aio_wait(shielded.aio);
    naio_signal_free(scope);
}

SCENARIO(slot_cleared, "a slot's function is cleared, and what it uses destroyed, while the signal is emitted") {
    const Library library;
    naio_signal* signal = nullptr;
    require(naio_signal_alloc(&signal, 0) == NNG_OK, "naio_signal_alloc fails");
    naio_slot* const slot = naio_signal_slot(signal);
    bool alive = true;
    const auto function = [](void* argument, naio_cancel) {
        yield();
        require(*static_cast<bool*>(argument), "the function runs after it was cleared");
        return true;
    };
    naio_slot_assign(slot, function, &alive);
    {
        const Thread emitter([&] { naio_signal_emit(signal, NAIO_CANCEL_TERMINAL); });
        const Thread clearer([&] {
            naio_slot_clear(slot);
            alive = false;
        });
    }
    naio_signal_free(signal);
}

// The outer operation has no cancel function, so requests go to the operations that are bound to the outer handle's
// slot. The request may come before the slot is made.
SCENARIO(own_slot, "an inner operation is bound to the slot of an outer one that is asked to end") {
    const Library library;
    Operation inner;
    Handle outer;
    require(naio_aio_start(outer.aio, NAIO_CANCEL_TERMINAL, nullptr, nullptr, nullptr), "naio_aio_start fails");
    {
        const Thread provider([&] {
            naio_aio_bind_slot(inner.aio, naio_aio_slot(outer.aio), NAIO_CANCEL_ALL);
            inner.start();
            nng_aio_wait(inner.aio);
            naio_aio_finish(outer.aio, nng_aio_result(inner.aio), 0);
        });
        const Thread canceler([&] { naio_aio_cancel(outer.aio, NAIO_CANCEL_TERMINAL, NNG_ECANCELED); });
    }
    nng_aio_wait(outer.aio);
    require(nng_aio_result(outer.aio) == NNG_ECANCELED, "the request did not reach the inner operation");
}

// A provider must honour a request that it has acknowledged, so naio_aio_cancel must not tell the canceler that the
// request was declined.
SCENARIO(acknowledged, "a provider acknowledges a request that its cancel function declines") {
    const Library library;
    Count count;
    TypedOperation operation(count);
    bool accepted = false, acknowledged = false;
    operation.on_cancel = [](naio_cancel) {
        yield();
        return false;
    };
    operation.start(NAIO_CANCEL_TERMINAL);
    {
        const Thread canceler([&] { accepted = naio_aio_cancel(operation.aio, NAIO_CANCEL_TERMINAL, NNG_ECANCELED); });
        const Thread provider([&] {
            acknowledged = naio_aio_acknowledge(operation.aio, 0) != 0;
            operation.finish(acknowledged ? naio_aio_reason(operation.aio) : NNG_OK);
        });
    }
    nng_aio_wait(operation.aio);
    require(!acknowledged || accepted, "a request was declined although its provider honours it");
}

SCENARIO(release_waits, "a handle without a callback expires, and its release function waits for a timeout") {
    const Library library;
    TypedOperation operation;
    const Handle sleep;
    nng_aio_set_timeout(operation.aio, 1);
    int releases = 0;
    operation.on_release = [&] {
        nng_sleep_aio(1, sleep.aio);
        nng_aio_wait(sleep.aio);
        ++releases;
    };
    operation.start(NAIO_CANCEL_TERMINAL);
    const Thread finisher([&] { operation.finish(); });
    nng_aio_wait(operation.aio);
    require(releases == 1, "the state was not released once");
}

SCENARIO(emitted_twice, "two threads emit a signal, whose function is called by one of them at a time") {
    const Library library;
    naio_signal* signal = nullptr;
    require(naio_signal_alloc(&signal, 0) == NNG_OK, "naio_signal_alloc fails");
    struct Calls {
        int inside = 0;
        naio_cancel types = 0;
    } calls;
    const auto function = [](void* argument, naio_cancel types) {
        auto& called = *static_cast<Calls*>(argument);
        require(++called.inside == 1, "two threads are inside a slot's function");
        yield();
        called.types |= types;
        --called.inside;
        return true;
    };
    naio_slot_assign(naio_signal_slot(signal), function, &calls);
    {
        const Thread one([&] { naio_signal_emit(signal, NAIO_CANCEL_TERMINAL); });
        const Thread other([&] { naio_signal_emit(signal, NAIO_CANCEL_PARTIAL); });
    }
    require(calls.types == (NAIO_CANCEL_TERMINAL | NAIO_CANCEL_PARTIAL), "an emission has called no function");
    naio_signal_free(signal);
}

SCENARIO(emitted_on_two, "two threads emit to an operation each, of one slot, and one calls both cancel functions") {
    const Library library;
    Count count;
    TypedOperation outer, one(count), other(count);
    int inside = 0;
    for (TypedOperation* const each : {&one, &other}) {
        each->on_cancel = [&](naio_cancel types) {
            require(++inside == 1, "two threads are inside the cancel functions of one slot");
            yield();
            --inside;
            return types != 0;
        };
        naio_aio_bind_slot(each->aio, naio_aio_slot(outer.aio), each == &one ? NAIO_CANCEL_PARTIAL : NAIO_CANCEL_TOTAL);
    }
    outer.start(NAIO_CANCEL_NONE);
    one.start(NAIO_CANCEL_TOTAL);
    other.start(NAIO_CANCEL_TOTAL);
    {
        const Thread first([&] { naio_aio_forward(outer.aio, NAIO_CANCEL_PARTIAL, NNG_ECANCELED); });
        const Thread second([&] { naio_aio_forward(outer.aio, NAIO_CANCEL_TOTAL, NNG_ECANCELED); });
    }
    nng_aio_wait(one.aio);
    nng_aio_wait(other.aio);
    require(count.calls == 2, "an emission was forgotten");
    outer.finish();
}

SCENARIO(reminded, "an operation declines a sticky request that the timer delivers, and expires afterwards") {
    const Library library;
    Count count;
    TypedOperation operation(count);
    naio_signal* scope = nullptr;
    require(naio_signal_alloc(&scope, NAIO_SIGNAL_SCOPE) == NNG_OK, "naio_signal_alloc fails");
    naio_aio_bind_slot(operation.aio, naio_signal_slot(scope), NAIO_CANCEL_ALL);
    nng_aio_set_timeout(operation.aio, 1);
    operation.on_cancel = [](naio_cancel types) { return (types & NAIO_CANCEL_TOTAL) != 0; };
    operation.start(NAIO_CANCEL_NONE);
    naio_signal_emit(scope, NAIO_CANCEL_TERMINAL);
    naio_aio_permit(operation.aio, NAIO_CANCEL_TERMINAL);
    naio_aio_permit(operation.aio, NAIO_CANCEL_TOTAL);
    nng_aio_wait(operation.aio);
    require(count.calls == 1, "there was not one callback");
    naio_aio_bind_slot(operation.aio, nullptr, 0);
    naio_signal_free(scope);
}

SCENARIO(reaped_undelivered, "a handle is reaped while the timer is about to deliver a request") {
    const Library library;
    Count count;
    Gate ended;
    TypedOperation operation(count);
    count.also = [&] { ended.open(); };
    operation.start(NAIO_CANCEL_NONE);
    naio_aio_close(operation.aio);
    naio_aio_permit(operation.aio, NAIO_CANCEL_TERMINAL);
    operation.reap();
    ended.pass();
    require(count.result == NNG_ESTOPPED, "the operation was not stopped");
}

SCENARIO(cleared, "a request is made again while the provider clears it, and then an inner operation starts") {
    const Library library;
    const Handle outer;
    Operation inner;
    require(naio_aio_start(outer.aio, NAIO_CANCEL_TERMINAL, nullptr, nullptr, nullptr), "naio_aio_start fails");
    naio_aio_bind_slot(inner.aio, naio_aio_slot(outer.aio), NAIO_CANCEL_ALL);
    naio_aio_cancel(outer.aio, NAIO_CANCEL_TERMINAL, NNG_ECANCELED);
    {
        const Thread provider([&] { naio_aio_acknowledge(outer.aio, NAIO_CANCEL_TERMINAL); });
        const Thread canceler([&] { naio_aio_cancel(outer.aio, NAIO_CANCEL_TERMINAL, NNG_ECANCELED); });
    }
    const bool accepted = naio_aio_cancelled(outer.aio) != 0;
    require(inner.start() != accepted, "a start is refused without a request, or accepted after one");
    inner.finish();
    nng_aio_wait(inner.aio);
    nng_aio_finish(outer.aio, NNG_OK);
}

namespace {

struct Assigned {
    naio_slot* slot = nullptr;
    bool inside = false;
    int calls = 0;
};

bool second_function(void* argument, naio_cancel) {
    auto& assigned = *static_cast<Assigned*>(argument);
    require(!assigned.inside, "a slot's function is called inside another one");
    ++assigned.calls;
    return true;
}

bool first_function(void* argument, naio_cancel) {
    auto& assigned = *static_cast<Assigned*>(argument);
    assigned.inside = true;
    naio_slot_assign(assigned.slot, second_function, argument);
    assigned.inside = false;
    return true;
}

}  // namespace

SCENARIO(assigned_inside, "the function of a scope's slot assigns another one, which is called afterwards") {
    const Library library;
    naio_signal* scope = nullptr;
    require(naio_signal_alloc(&scope, NAIO_SIGNAL_SCOPE) == NNG_OK, "naio_signal_alloc fails");
    Assigned assigned{.slot = naio_signal_slot(scope)};
    naio_slot_assign(assigned.slot, first_function, &assigned);
    naio_signal_emit(scope, NAIO_CANCEL_TERMINAL);
    require(assigned.calls == 1, "the function that was assigned was not called once");
    naio_signal_free(scope);
}
