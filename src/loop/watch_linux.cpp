// The registration of a Watch on Linux: in the epoll of its loop, only while the loop watches for an event, because an
// epoll also reports errors of a descriptor for which it shall report nothing.
#include "loop/watch.h"

#if NAIO_LOOP_USES_DESCRIPTORS

#include <sys/epoll.h>

#include <cerrno>

#include "base/os.h"
#include "loop/loop.h"

namespace naio {

int Watch::control(int operation, unsigned events) noexcept {
    epoll_event event{.events = ((events & kReadable) != 0 ? std::uint32_t{EPOLLIN} : 0u) |
                                ((events & kWritable) != 0 ? std::uint32_t{EPOLLOUT} : 0u),
                      .data = {.ptr = this}};
    return os::epoll_ctl(loop().epoll_, operation, watched_, &event) == 0 ? 0 : errno;
}

int Watch::enter(Loop&, unsigned events) noexcept { return watch_for(events); }

int Watch::watch_for(unsigned events) noexcept {
    if (events == watching_) [[likely]]
        return 0;
    const int error = control(watching_ == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, events);
    if (error != 0 && watching_ != 0) static_cast<void>(control(EPOLL_CTL_DEL, 0));
    watching_ = error == 0 ? events : 0;
    return error;
}

// After an error of the descriptor, the owner's next system call returns that error, whatever it is. If the other side
// has hung up, the same holds for those events for which the loop watches.
void Watch::polled(std::uint32_t events) noexcept {
    unsigned seen = ((events & EPOLLIN) != 0 ? kReadable : 0u) | ((events & EPOLLOUT) != 0 ? kWritable : 0u);
    if ((events & EPOLLERR) != 0) [[unlikely]]
        seen = kReadable | kWritable;
    else if (seen == 0) [[unlikely]]
        seen = watching_;
    is_ready(seen);
}

void Watch::unregister() noexcept {
    registered_.unlink();
    static_cast<void>(watch_for(0));
    loop().add_left(*this);
}

}  // namespace naio

#endif
