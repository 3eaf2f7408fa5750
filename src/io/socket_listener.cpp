#include "io/socket_listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/os.h"
#include "base/system_error.h"
#include "io/system_calls.h"

namespace naio {

namespace {

nng_err check_socket(int fd) noexcept {
    int type = 0, listens = 0;
    if (!get_socket_option(fd, SO_TYPE, type) || !get_socket_option(fd, SO_ACCEPTCONN, listens))
        return system_error(errno);
    return type == SOCK_STREAM && listens == 0 ? NNG_OK : NNG_EINVAL;
}

}  // namespace

void SocketListener::release() noexcept {
    if (references_.release()) services_.allocator.destroy(this);
}

int SocketListener::pop() noexcept {
    const int fd = fds_[0];
    std::copy(fds_.begin() + 1, fds_.begin() + waiting_, fds_.begin());
    --waiting_;
    return fd;
}

// Creates a stream over the descriptor, or closes the descriptor on an error.
nng_err SocketListener::hand_out(int fd, Aio& aio) noexcept {
    Stream* stream = nullptr;
    const nng_err error = Stream::create(services_, fd, StreamKind::kSocket, {}, stream);
    if (error != NNG_OK) {
        os::close(fd);
        return error;
    }
    static_cast<void>(aio.set_output(0, stream));
    return NNG_OK;
}

void SocketListener::accept(Aio& aio) noexcept {
    const bool may_try = aio.attempt();
    nng_err error = NNG_ECLOSED;
    int fd = -1;
    Started start;
    {
        Lock lock(mutex_);
        if (may_try && !closed_ && waiting_ != 0) {
            fd = pop();
        } else if (!may_try || !closed_) {
            error = NNG_OK;
            start = aio.try_start(
                {.guarantee = kTotal, .cancel = cancel, .release = end_accept, .argument = this, .own = true});
            if (start.in_flight) {
                references_.retain();
                Aio::Link& link = aio.make_link();
                if (closed_)
                    error = NNG_ECLOSED;  // attempt() has returned false, but the start has succeeded
                else if (waiting_ != 0)
                    fd = pop();  // the descriptor was not taken above, because attempt() had returned false
                else
                    accepts_.push_back(link);
            }
        }
    }
    if (fd >= 0) return aio.finish({hand_out(fd, aio)});
    if (error != NNG_OK) return aio.finish({error});
    if (start.refused) aio.report(start);
}

bool SocketListener::cancel(Aio* aio, void* self, Types, nng_err reason) noexcept {
    auto& listener = *static_cast<SocketListener*>(self);
    {
        Lock lock(listener.mutex_);
        if (listener.closed_ || !aio->link().linked()) return false;  // it is being finished
        aio->link().unlink();
    }
    aio->finish({reason});
    return true;
}

nng_err SocketListener::give(int fd) noexcept {
    if (fd < 0) return NNG_EINVAL;
    const nng_err error = check_socket(fd);
    if (error != NNG_OK) return error;
    Aio::Link* first = nullptr;
    {
        Lock lock(mutex_);
        if (closed_) return NNG_ECLOSED;
        if (waiting_ == kMaxWaiting) return NNG_ENOSPC;
        // take_over comes last, because a descriptor that the listener refuses must stay as it was.
        if (!take_over(fd)) return system_error(errno);
        first = accepts_.pop_front();
        if (first == nullptr) {
            fds_[waiting_++] = fd;
            return NNG_OK;
        }
    }
    Aio& aio = first->aio;
    aio.finish({hand_out(fd, aio)});
    return NNG_OK;
}

nng_err SocketListener::get(const char* name, OptionRoom) noexcept {
    return std::string_view(name) == NNG_OPT_SOCKET_FD ? NNG_EWRITEONLY : NNG_ENOTSUP;
}

nng_err SocketListener::set(const char* name, OptionValue value) noexcept {
    if (std::string_view(name) != NNG_OPT_SOCKET_FD) return NNG_ENOTSUP;
    int fd = 0;
    const nng_err error = value.get(fd);
    return error == NNG_OK ? give(fd) : error;
}

void SocketListener::close() noexcept {
    List<Aio::Link> ended;  // not the handles as tasks, because a post may have queued a handle
    {
        Lock lock(mutex_);
        closed_ = true;
        while (waiting_ != 0) os::close(pop());
        ended.take(accepts_);
    }
    while (Aio::Link* const each = ended.pop_front()) each->aio.finish({NNG_ECLOSED});
}

void SocketListener::free() noexcept {
    close();
    release();
}

}  // namespace naio
