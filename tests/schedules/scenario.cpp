#include "scenario.h"

#include "memory.h"

namespace schedules {

std::vector<Scenario>& all_scenarios() {
    static std::vector<Scenario> scenarios;
    return scenarios;
}

Library::Library(int workers, int max) {
    nng_init_params parameters{};
    parameters.num_task_threads = static_cast<int16_t>(workers);
    parameters.max_task_threads = static_cast<int16_t>(max);
    parameters.malloc_fn = memory::allocate;
    parameters.calloc_fn = memory::allocate_zeroed;
    parameters.free_fn = memory::release;
    require(nng_init(&parameters) == NNG_OK, "nng_init fails");
}

void Library::go_down() {
    if (std::exchange(up_, false)) nng_fini();
}

namespace {

void count_callback(void* count) {
    auto& to = *static_cast<Count*>(count);
    ++to.calls;
    to.result = nng_aio_result(to.aio);
    to.also();
}

}  // namespace

Handle::Handle(Count& count) {
    require(nng_aio_alloc(&aio, count_callback, &count) == NNG_OK, "nng_aio_alloc fails");
    count.aio = aio;
}

Handle::Handle() { require(nng_aio_alloc(&aio, nullptr, nullptr) == NNG_OK, "nng_aio_alloc fails"); }

void Handle::free() {
    if (std::exchange(owned_, false)) nng_aio_free(aio);
}

void Handle::reap() {
    if (std::exchange(owned_, false)) nng_aio_reap(aio);
}

void Handle::reap_then(void (*function)(void*), void* argument) {
    naio_aio_reap_then(aio, function, argument);
    owned_ = false;
}

// ---- Operation

bool Operation::start_on(nng_aio* other) {
    return start_under_lock(other, [&] { return nng_aio_start(other, cancel, this); });
}

void Operation::cancel(nng_aio*, void* self, nng_err reason) { static_cast<Operation*>(self)->finish(reason); }

// ---- TypedOperation

bool TypedOperation::start(naio_cancel guarantee) {
    const auto release = [](void* self) { static_cast<TypedOperation*>(self)->on_release(); };
    return start_under_lock(aio, [&] { return naio_aio_start(aio, guarantee, cancel, release, this); });
}

bool TypedOperation::cancel(nng_aio*, void* self, naio_cancel types, nng_err reason) {
    auto& operation = *static_cast<TypedOperation*>(self);
    if (!operation.on_cancel(types)) return false;
    operation.finish(reason);
    return true;
}

// ---- Gate

void Gate::open() {
    const naio::Lock lock(mutex_);
    open_ = true;
    opened_.notify_all();
}

void Gate::pass() { pass_until(naio::kNever); }

void Gate::pass_within(std::int64_t nanoseconds) { pass_until(now() + nanoseconds); }

void Gate::pass_until(std::int64_t deadline) {
    const naio::Lock lock(mutex_);
    while (!open_ && opened_.wait_until(mutex_, deadline)) {
    }
}

}  // namespace schedules
