// The registration of a Watch on Linux: in the epoll of its loop, only while the loop watches for an event, because an
// epoll also reports errors of a descriptor for which it shall report nothing.
#include "loop/watch.h"

#if NAIO_LOOP_USES_DESCRIPTORS

#include <sys/epoll.h>

#include <cerrno>
#include <utility>

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
    const bool is_known = watching_ != 0;
    const int error = control(!is_known ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, events);
    // If the program has closed the descriptor, the system does not find it in the epoll. But it stays in the epoll if
    // there is a duplicate.
    if (error != 0 && is_known && (events == 0 || control(EPOLL_CTL_DEL, 0) != 0))
        loop().has_strays_ = is_stray_ = true;
    watching_ = error == 0 ? events : 0;
    return error;
}

// Called after the loop has forgotten its watches.
int Watch::enter_again() noexcept { return watch_for(std::exchange(watching_, 0)); }

// After an error of the descriptor, the owner's next system call returns that error, whatever it is. If the other side
// has hung up, the same holds for those events for which the loop watches.
void Watch::polled(std::uint32_t events) noexcept {
    if (watching_ == 0) [[unlikely]]
        return;  // a stray
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
