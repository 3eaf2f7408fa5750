#include "io/address_listener.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "base/fault.h"
#include "base/os.h"
#include "base/system_error.h"
#include "io/address.h"
#include "io/look_up.h"
#include "io/system_calls.h"

namespace naio {

nng_err AddressListener::may_begin() noexcept {
    if (closed_) return NNG_ECLOSED;
    return acceptor_ != nullptr || beginning_ ? NNG_ESTATE : NNG_OK;
}

nng_err AddressListener::listen() noexcept {
    {
        Lock lock(mutex_);
        const nng_err error = may_begin();
        if (error != NNG_OK) return error;
        beginning_ = true;
    }
    ListeningSocket socket;
    nng_err error = open(socket);
    if (error == NNG_OK) error = begin(socket);
    Lock lock(mutex_);
    beginning_ = false;
    return error;
}

nng_err AddressListener::open(ListeningSocket& to) noexcept {
    int permissions = -1;
    {
        Lock lock(mutex_);
        permissions = permissions_;
    }
    const int family = endpoint_.family;
    if (endpoint_.kind == StreamKind::kLocal) return ListeningSocket::open(endpoint_.address, family, permissions, to);
    if (endpoint_.host[0] == '\0') return ListeningSocket::open_any(family, endpoint_.port, to);
    nng_sockaddr address{};
    const nng_err error = look_up_and_wait(services_, endpoint_, address);
    return error == NNG_OK ? ListeningSocket::open(address, family, permissions, to) : error;
}

// Takes the socket over, or closes it on an error.
nng_err AddressListener::begin(const ListeningSocket& socket) noexcept {
    Acceptor* made = nullptr;
    const nng_err error = Acceptor::create(services_, socket, endpoint_.kind, made);
    bool closed = false;
    if (error == NNG_OK) {
        Lock lock(mutex_);
        use(*made);
        address_ = socket.address;
        closed = closed_ && !NAIO_FAULT(listen_misses_a_close);
        Lock file_lock(file_mutex_);
        if (!closed) file_ = socket.file;
    }
    if (error == NNG_OK && !closed) return NNG_OK;
    // Removes the file first, because another listener may replace the file by its own as soon as the socket is closed.
    socket.file.remove(socket.address.s_ipc.sa_path);
    closed ? made->close() : static_cast<void>(os::close(socket.fd));
    return closed ? NNG_ECLOSED : error;
}

nng_err AddressListener::adopt(int fd) noexcept {
    if (fd < 0) return NNG_EINVAL;
    ListeningSocket socket;
    nng_err error = ListeningSocket::adopt(fd, endpoint_.kind, socket);
    if (error != NNG_OK) return error;
    Lock lock(mutex_);
    if (closed_) return NNG_ECLOSED;
    if (acceptor_ != nullptr || beginning_) return NNG_EBUSY;
    Acceptor* created = nullptr;
    error = Acceptor::create(services_, socket, endpoint_.kind, created);
    if (error != NNG_OK) return error;
    auto made = Ref<Acceptor>::adopt(created);
    // take_over comes last, because a descriptor that the listener refuses must stay as it was.
    if (!take_over(fd)) return system_error(errno);
    use(*made.keep());
    address_ = socket.address;
    return NNG_OK;
}

void AddressListener::use(Acceptor& acceptor) noexcept {
    acceptor.configure(settings_);
    acceptor.set_name(services_.allocator, name_);
    acceptor_ = &acceptor;
}

void AddressListener::set_name(const char* name) noexcept {
    Lock lock(mutex_);
    name_ = name;
    if (acceptor_ != nullptr) acceptor_->set_name(services_.allocator, name);
}

Acceptor* AddressListener::acceptor() noexcept {
    Lock lock(mutex_);
    return acceptor_;
}

void AddressListener::accept(Aio& aio) noexcept {
    nng_err error = NNG_OK;
    Acceptor* acceptor = nullptr;
    {
        Lock lock(mutex_);
        acceptor = acceptor_;
        if (acceptor == nullptr) error = closed_ ? NNG_ECLOSED : NNG_ESTATE;
    }
    if (acceptor != nullptr) return acceptor->accept(aio);
    aio.complete(error);
}

nng_sockaddr AddressListener::address() noexcept {
    Lock lock(mutex_);
    return address_.s_family != NNG_AF_UNSPEC ? address_ : endpoint_.address;
}

void AddressListener::close() noexcept {
    Acceptor* acceptor = nullptr;
    {
        Lock lock(mutex_);
        closed_ = true;
        acceptor = acceptor_;
    }
    // A listener without an acceptor has no file. This thread must not use the listener any more, because the callback
    // of an accept that another thread has submitted in the meantime may have freed the listener.
    if (acceptor == nullptr && !NAIO_FAULT(close_goes_on_without_an_acceptor)) return;
    {
        Lock lock(file_mutex_);
        std::exchange(file_, {}).remove(endpoint_.address.s_ipc.sa_path);
    }
    if (acceptor != nullptr) acceptor->close();
}

void AddressListener::stop() noexcept {
    close();
    Acceptor* const listening = acceptor();
    if (listening != nullptr) listening->stop();
}

void AddressListener::free() noexcept {
    stop();
    Acceptor* const listening = acceptor();
    if (listening != nullptr) listening->release();
    services_.allocator.destroy(this);
}

nng_err AddressListener::get_bound_port(OptionRoom room) noexcept {
    Lock lock(mutex_);
    return acceptor_ != nullptr ? room.put(static_cast<int>(port_of(address_))) : NNG_ESTATE;
}

nng_err AddressListener::get_descriptor(OptionRoom room) noexcept {
    Lock lock(mutex_);
    if (closed_) return NNG_ECLOSED;
    return acceptor_ != nullptr ? acceptor_->use([room](int fd) { return room.put(fd); }) : NNG_ESTATE;
}

nng_err AddressListener::get(const char* name, OptionRoom room) noexcept {
    const std::string_view option = name;
    if (option == NNG_OPT_LISTEN_FD) return get_descriptor(room);
    if (endpoint_.kind == StreamKind::kLocal) return option == NNG_OPT_IPC_PERMISSIONS ? NNG_EWRITEONLY : NNG_ENOTSUP;
    if (option == NNG_OPT_BOUND_PORT) return get_bound_port(room);
    Lock lock(mutex_);
    if (option == NNG_OPT_TCP_NODELAY) return room.put(settings_.nodelay);
    if (option == NNG_OPT_TCP_KEEPALIVE) return room.put(settings_.keepalive);
    return NNG_ENOTSUP;
}

nng_err AddressListener::set_permissions(int mode) noexcept {
    if (mode < 0 || (mode & S_IFMT) != 0 || mode > 07777) return NNG_EINVAL;
    Lock lock(mutex_);
    if (acceptor_ != nullptr || beginning_) return NNG_EBUSY;
    permissions_ = mode;
    return NNG_OK;
}

nng_err AddressListener::set(const char* name, OptionValue value) noexcept {
    const std::string_view option = name;
    int number = 0;
    if (option == NNG_OPT_LISTEN_FD) {
        const nng_err error = value.get(number);
        return error == NNG_OK ? adopt(number) : error;
    }
    if (endpoint_.kind == StreamKind::kLocal) {
        if (option != NNG_OPT_IPC_PERMISSIONS) return NNG_ENOTSUP;
        const nng_err error = value.get(number);
        return error == NNG_OK ? set_permissions(number) : error;
    }
    if (option == NNG_OPT_BOUND_PORT) return NNG_EREADONLY;
    Lock lock(mutex_);
    nng_err error = NNG_ENOTSUP;
    if (option == NNG_OPT_TCP_NODELAY) error = value.get(settings_.nodelay);
    if (option == NNG_OPT_TCP_KEEPALIVE) error = value.get(settings_.keepalive);
    if (error != NNG_OK || acceptor_ == nullptr) return error;
    acceptor_->configure(settings_);
    return NNG_OK;
}

}  // namespace naio
