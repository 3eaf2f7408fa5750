// The registration of a Watch on every system on which libuv runs, through a uv_poll_t.
#include "loop/watch.h"

#if !NAIO_LOOP_USES_DESCRIPTORS

#include <uv.h>

#include <cerrno>

#include "loop/loop.h"

namespace naio {

namespace {

int events_of_libuv(unsigned events) noexcept {
    return ((events & Watch::kReadable) != 0 ? UV_READABLE : 0) | ((events & Watch::kWritable) != 0 ? UV_WRITABLE : 0);
}

}  // namespace

int Watch::enter(Loop& loop, unsigned) noexcept {
    if (!has_memory_to_watch(loop.uv(), watched_)) return ENOMEM;
    poll_->data = this;
    return -uv_poll_init(&loop.uv(), poll_.get(), watched_);
}

int Watch::watch_for(unsigned events) noexcept {
    if (events == watching_) return 0;
    const int error =
        events != 0 ? uv_poll_start(poll_.get(), events_of_libuv(events), polled) : uv_poll_stop(poll_.get());
    watching_ = error == 0 ? events : 0;
    return -error;
}

int Watch::enter_again() noexcept { return 0; }

void Watch::polled(uv_poll_t* poll, int status, int events) {
    auto& watch = *static_cast<Watch*>(poll->data);
    unsigned seen = ((events & UV_READABLE) != 0 ? kReadable : 0u) | ((events & UV_WRITABLE) != 0 ? kWritable : 0u);
    if (status < 0) {  // libuv has stopped watching; the owner's next system call returns the error
        seen = kReadable | kWritable;
        watch.watching_ = 0;
    }
    watch.is_ready(seen);
}

// libuv stops watching the descriptor at once. It uses the memory of poll_ until it calls the callback.
void Watch::unregister() noexcept {
    registered_.unlink();
    watching_ = 0;
    uv_close(reinterpret_cast<uv_handle_t*>(poll_.get()),
             [](uv_handle_t* handle) { static_cast<Watch*>(handle->data)->left(); });
}

}  // namespace naio

#endif
