// Emissions. The time is that of one target. A target is an operation that is started, asked to end, and ends, or a
// function in a slot. Asio has a signal for each target. naio has one, too, or one scope for all of them.
#include <naio/naio.h>

#include <asio.hpp>
#include <memory>

#include "common/measure.h"
#include "rows.h"

namespace {

// ---- naio

bool end(nng_aio* aio, void*, naio_cancel, nng_err reason) {
    naio_aio_finish(aio, reason, 0);
    return true;
}

double emit(std::size_t size, bool scope, long events) {
    std::vector<nng_aio*> aios(size);
    std::vector<naio_signal*> signals(scope ? 1 : size);
    for (naio_signal*& signal : signals) require(naio_signal_alloc(&signal, 0) == NNG_OK, "naio_signal_alloc");
    nng_aio* owner;
    require(nng_aio_alloc(&owner, nullptr, nullptr) == NNG_OK, "nng_aio_alloc");
    // A scope would remember the requests, so the slot of a handle stands for it.
    naio_slot* const shared = naio_aio_slot(owner);
    for (std::size_t i = 0; i < size; ++i) {
        require(nng_aio_alloc(&aios[i], nullptr, nullptr) == NNG_OK, "nng_aio_alloc");
        naio_aio_bind_slot(aios[i], scope ? shared : naio_signal_slot(signals[i]), NAIO_CANCEL_ALL);
    }
    const int64_t begin = now_ns();
    for (long event = 0; event < events; ++event) {
        if (scope) naio_aio_start(owner, NAIO_CANCEL_TOTAL, nullptr, nullptr, nullptr);
        for (nng_aio* const aio : aios) naio_aio_start(aio, NAIO_CANCEL_TOTAL, end, nullptr, nullptr);
        if (scope) {
            naio_aio_cancel(owner, NAIO_CANCEL_TOTAL, NNG_OK);
            naio_aio_finish(owner, NNG_OK, 0);
        } else {
            for (naio_signal* const signal : signals) naio_signal_emit(signal, NAIO_CANCEL_TOTAL);
        }
    }
    const double ns = static_cast<double>(now_ns() - begin) / static_cast<double>(events * static_cast<long>(size));
    for (nng_aio* const aio : aios) nng_aio_free(aio);
    nng_aio_free(owner);
    for (naio_signal* const signal : signals) naio_signal_free(signal);
    return ns;
}

double naio_emit(long size, long events) { return emit(static_cast<std::size_t>(size), false, events); }
double naio_scope(long size, long events) { return emit(static_cast<std::size_t>(size), true, events); }

double naio_handler(long size, long events) {
    std::vector<naio_signal*> signals(static_cast<std::size_t>(size));
    for (naio_signal*& signal : signals) require(naio_signal_alloc(&signal, 0) == NNG_OK, "naio_signal_alloc");
    long called = 0;
    const auto count = [](void* arg, naio_cancel) { return ++*static_cast<long*>(arg) != 0; };
    const int64_t begin = now_ns();
    for (naio_signal* const signal : signals) naio_slot_assign(naio_signal_slot(signal), count, &called);
    for (long event = 0; event < events; ++event)
        for (naio_signal* const signal : signals) naio_signal_emit(signal, NAIO_CANCEL_TOTAL);
    const double ns = static_cast<double>(now_ns() - begin) / static_cast<double>(events * size);
    require(called == events * size, "each emission calls");
    for (naio_signal* const signal : signals) naio_signal_free(signal);
    return ns;
}

double naio_none(long, long events) {
    naio_signal* signal;
    require(naio_signal_alloc(&signal, 0) == NNG_OK, "naio_signal_alloc");
    const int64_t begin = now_ns();
    for (long event = 0; event < events; ++event) naio_signal_emit(signal, NAIO_CANCEL_TOTAL);
    const double ns = static_cast<double>(now_ns() - begin) / static_cast<double>(events);
    naio_signal_free(signal);
    return ns;
}

// ---- Asio

// Waits for a timer in an operation's slot, and runs the handler, as an Asio program does.
double asio_timer(long size, long events) {
    asio::io_context context{1};
    std::vector<asio::steady_timer> timers;
    for (long i = 0; i < size; ++i) timers.emplace_back(context, std::chrono::hours(1));
    std::vector<asio::cancellation_signal> signals(timers.size());
    long done = 0;
    const int64_t begin = now_ns();
    for (long event = 0; event < events; ++event) {
        for (std::size_t i = 0; i < timers.size(); ++i)
            timers[i].async_wait(
                asio::bind_cancellation_slot(signals[i].slot(), [&done](asio::error_code) { ++done; }));
        for (asio::cancellation_signal& signal : signals) signal.emit(asio::cancellation_type::total);
        context.restart();
        context.poll();
    }
    const double ns = static_cast<double>(now_ns() - begin) / static_cast<double>(events * size);
    require(done == events * size, "each emission ends an operation");
    return ns;
}

double asio_handler(long size, long events) {
    std::vector<asio::cancellation_signal> signals(static_cast<std::size_t>(size));
    long called = 0;
    const int64_t begin = now_ns();
    for (asio::cancellation_signal& signal : signals)
        signal.slot().assign([&called](asio::cancellation_type_t) { ++called; });
    for (long event = 0; event < events; ++event)
        for (asio::cancellation_signal& signal : signals) signal.emit(asio::cancellation_type::total);
    const double ns = static_cast<double>(now_ns() - begin) / static_cast<double>(events * size);
    require(called == events * size, "each emission calls");
    return ns;
}

// The least that an operation of Asio does: it puts a function into the slot, which clears the slot and posts the
// handler.
template <class Handler>
struct LeastOperation {
    asio::io_context& context;
    asio::cancellation_slot slot;
    Handler handler;
    void operator()(asio::cancellation_type_t) {
        asio::post(context, std::move(handler));
        asio::cancellation_slot own = slot;
        own.clear();  // destroys this object
    }
};

double asio_emit(long size, long events) {
    asio::io_context context{1};
    std::vector<asio::cancellation_signal> signals(static_cast<std::size_t>(size));
    long done = 0;
    const auto handler = [&done] { ++done; };
    const int64_t begin = now_ns();
    for (long event = 0; event < events; ++event) {
        for (asio::cancellation_signal& signal : signals) {
            asio::cancellation_slot slot = signal.slot();
            slot.emplace<LeastOperation<std::decay_t<decltype(handler)>>>(context, slot, handler);
        }
        for (asio::cancellation_signal& signal : signals) signal.emit(asio::cancellation_type::total);
        context.restart();
        context.poll();
    }
    const double ns = static_cast<double>(now_ns() - begin) / static_cast<double>(events * size);
    require(done == events * size, "each emission ends an operation");
    return ns;
}

double asio_none(long, long events) {
    asio::cancellation_signal signal;
    const int64_t begin = now_ns();
    for (long event = 0; event < events; ++event) {
        signal.emit(asio::cancellation_type::total);
        asm volatile("" : : "r"(&signal) : "memory");
    }
    return static_cast<double>(now_ns() - begin) / static_cast<double>(events);
}

}  // namespace

std::vector<Row> emit_rows() {
    std::vector<Row> rows;
    rows.push_back({"emit, no target", 0, naio_none, asio_none, 1000000});
    for (const long size : {1L, 10L, 1000L}) {
        rows.push_back({"emit, operations", size, naio_emit, asio_emit, 200000 / size});
        rows.push_back({"emit, operations of one scope", size, naio_scope, asio_emit, 200000 / size});
        rows.push_back({"emit, operations; Asio: timers", size, naio_emit, asio_timer, 200000 / size});
        rows.push_back({"emit, functions", size, naio_handler, asio_handler, 200000 / size});
    }
    return rows;
}
