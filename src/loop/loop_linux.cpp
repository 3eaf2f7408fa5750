// Wake and Alarm on Linux: an eventfd and a timerfd, which any thread may set.
#include "loop/loop.h"

#if NAIO_LOOP_USES_DESCRIPTORS

#include <sys/eventfd.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>

#include "base/os.h"
#include "base/system_error.h"
#include "loop/timer_descriptor.h"

namespace naio {

namespace {

// Watches `descriptor` until the source is closed.
nng_err start_watching(uv_loop_t& loop, uv_poll_t& poll, int descriptor, void* source, uv_poll_cb ready) noexcept {
    if (!has_memory_to_watch(loop, descriptor)) return NNG_ENOMEM;
    poll.data = source;
    if (const int error = uv_poll_init(&loop, &poll, descriptor); error != 0) return system_error(-error);
    const int error = uv_poll_start(&poll, UV_READABLE, ready);
    if (error == 0) return NNG_OK;
    uv_close(reinterpret_cast<uv_handle_t*>(&poll), nullptr);
    uv_run(&loop, UV_RUN_NOWAIT);
    return system_error(-error);
}

// Watches a descriptor that the caller has just created. If the descriptor is -1, returns the error in errno. Closes
// the descriptor if it cannot be watched.
nng_err watch(uv_loop_t& loop, uv_poll_t& poll, int descriptor, void* source, uv_poll_cb ready) noexcept {
    if (descriptor < 0) return system_error(errno);
    const nng_err error = start_watching(loop, poll, descriptor, source, ready);
    if (error != NNG_OK) os::close(descriptor);
    return error;
}

void unwatch(uv_poll_t& poll, int& descriptor) noexcept {
    uv_close(reinterpret_cast<uv_handle_t*>(&poll), nullptr);
    os::close(descriptor);
    descriptor = -1;
}

// Resets the descriptor's count. The count may be zero already, because another thread may set the alarm to a later
// time between poll and read.
void drain(int descriptor) noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = os::read(descriptor, &count, sizeof(count));
}

}  // namespace

nng_err Wake::open(uv_loop_t& loop) noexcept {
    const int descriptor = os::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const auto ready = [](uv_poll_t* poll, int, int) { static_cast<Wake*>(poll->data)->raised(); };
    const nng_err error = watch(loop, *watch_.get(), descriptor, this, ready);
    if (error != NNG_OK) return error;
    Lock lock(mutex_);
    descriptor_ = descriptor;
    return NNG_OK;
}

void Wake::close() noexcept {
    Lock lock(mutex_);
    unwatch(*watch_.get(), descriptor_);
    pending_.forget();
}

void Wake::raise() noexcept {
    if (!pending_.raise()) return;
    Lock lock(mutex_);
    if (descriptor_ < 0) return pending_.forget();
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = os::write(descriptor_, &one, sizeof(one));
}

void Wake::raised() noexcept {
    {
        Lock lock(mutex_);
        drain(descriptor_);
    }
    pending_.take();
    handle();
}

Alarm::Alarm(Handler handler, void* argument) noexcept : LoopSource(handler, argument) {}

nng_err Alarm::open(uv_loop_t& loop) noexcept {
    const int descriptor = open_timer_descriptor(TFD_NONBLOCK);
    const auto ready = [](uv_poll_t* poll, int, int) { static_cast<Alarm*>(poll->data)->ring(); };
    const nng_err error = watch(loop, *watch_.get(), descriptor, this, ready);
    if (error != NNG_OK) return error;
    Lock lock(mutex_);
    descriptor_ = descriptor;
    return NNG_OK;
}

void Alarm::close() noexcept {
    Lock lock(mutex_);
    unwatch(*watch_.get(), descriptor_);
}

void Alarm::ring() noexcept {
    {
        Lock lock(mutex_);
        drain(descriptor_);
    }
    handle();
}

void Alarm::set(Nanoseconds deadline) noexcept {
    Lock lock(mutex_);
    if (descriptor_ >= 0) set_timer_descriptor(descriptor_, deadline);
}

}  // namespace naio

#endif
