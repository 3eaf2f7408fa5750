#include "scenario.h"

#include "memory.h"

namespace schedules {

std::vector<Scenario>& all_scenarios() {
    static std::vector<Scenario> scenarios;
    return scenarios;
}

Library::Library(int workers, int most) {
    nng_init_params parameters{};
    parameters.num_task_threads = static_cast<int16_t>(workers);
    parameters.max_task_threads = static_cast<int16_t>(most);
    parameters.malloc_fn = memory::allocate;
    parameters.calloc_fn = memory::allocate_zeroed;
    parameters.free_fn = memory::release;
    require(nng_init(&parameters) == NNG_OK, "nng_init fails");
}

Library::~Library() {
    nng_fini();
    require(memory::blocks_in_use() == 0, "memory is left after nng_fini");
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

Handle::~Handle() { free(); }

void Handle::free() { nng_aio_free(std::exchange(aio, nullptr)); }

Operation::~Operation() {
    free();  // the cancel function may need the lock until then
    nng_mtx_free(lock_);
}

void Operation::open_lock() { require(nng_mtx_alloc(&lock_) == NNG_OK, "nng_mtx_alloc fails"); }

bool Operation::start() {
    nng_mtx_lock(lock_);
    const bool started = open_ = nng_aio_start(aio, cancel, this);
    nng_mtx_unlock(lock_);
    return started;
}

bool Operation::close() {
    nng_mtx_lock(lock_);
    const bool was_open = std::exchange(open_, false);
    nng_mtx_unlock(lock_);
    return was_open;
}

bool Operation::is_open() {
    nng_mtx_lock(lock_);
    const bool open = open_;
    nng_mtx_unlock(lock_);
    return open;
}

void Operation::finish(nng_err result) {
    if (close()) nng_aio_finish(aio, result);
}

void Operation::cancel(nng_aio* aio, void* self, nng_err reason) {
    if (static_cast<Operation*>(self)->close()) nng_aio_finish(aio, reason);
}

}  // namespace schedules
