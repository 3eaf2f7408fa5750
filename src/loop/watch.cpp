#include "loop/watch.h"

#include <uv.h>

#include <optional>

#include "loop/loop.h"
#include "loop/poller.h"

namespace naio {

namespace {

int events_of_libuv(unsigned events) noexcept {
    return ((events & Watch::kReadable) != 0 ? UV_READABLE : 0) | ((events & Watch::kWritable) != 0 ? UV_WRITABLE : 0);
}

}  // namespace

bool Watch::want(unsigned events) noexcept {
    std::optional<bool> answer;
    while (!answer) answer = poller().want(*this, events);
    return *answer;
}

bool Watch::close() noexcept {
    std::optional<bool> answer;
    while (!answer) answer = poller().close(*this);
    return *answer;
}

int Watch::enter(uv_loop_t& loop) noexcept {
    if (!has_memory_to_watch(loop, watched_)) return UV_ENOMEM;
    poll_->data = this;
    return uv_poll_init(&loop, poll_.get(), watched_);
}

int Watch::watch_for(unsigned events) noexcept {
    if (events == watching_) return 0;
    const int error =
        events != 0 ? uv_poll_start(poll_.get(), events_of_libuv(events), polled) : uv_poll_stop(poll_.get());
    watching_ = error == 0 ? events : 0;
    return error;
}

void Watch::polled(uv_poll_t* poll, int status, int events) {
    auto& watch = *static_cast<Watch*>(poll->data);
    watch.poller().note_activity(watch);
    unsigned seen = ((events & UV_READABLE) != 0 ? kReadable : 0u) | ((events & UV_WRITABLE) != 0 ? kWritable : 0u);
    if (status < 0) {  // libuv has stopped watching; the owner's next system call returns the error
        seen = kReadable | kWritable;
        watch.watching_ = 0;
    }
    const int error = watch.watch_for(watch.ready(seen));
    if (error != 0) watch.refused(-error);
}

// Takes the descriptor out of the loop. libuv stops watching the descriptor at once. libuv uses the memory of poll_
// until it calls the callback, in the next iteration of the loop.
void Watch::unregister() noexcept {
    registered_.unlink();
    uv_close(reinterpret_cast<uv_handle_t*>(poll_.get()), [](uv_handle_t* handle) {
        auto& watch = *static_cast<Watch*>(handle->data);
        watch.poller().unregistered(watch);
    });
}

}  // namespace naio
