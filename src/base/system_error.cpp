#include "base/system_error.h"

#include <cerrno>

namespace naio {

nng_err system_error(int number) noexcept {
    // On some systems the two names in each of these lines are one number, so they cannot both be a case of the switch.
    if (number == EAGAIN || number == EWOULDBLOCK) return NNG_EAGAIN;
    if (number == ENOTSUP || number == EOPNOTSUPP) return NNG_ENOTSUP;
    switch (number) {
        case 0:
            return NNG_OK;
        case EINTR:
            return NNG_EINTR;
        case ENOMEM:
        case ENOBUFS:
            return NNG_ENOMEM;
        case EINVAL:
        case ENAMETOOLONG:
        case ENOTSOCK:
            return NNG_EINVAL;
        case EBUSY:
        case EISCONN:
            return NNG_EBUSY;
        case ETIMEDOUT:
            return NNG_ETIMEDOUT;
        case ECONNREFUSED:
            return NNG_ECONNREFUSED;
        case EBADF:
        case ENOTCONN:
        case EPIPE:
            return NNG_ECLOSED;
        case EAFNOSUPPORT:
        case ENOPROTOOPT:
        case ENOSYS:
        case EPROTONOSUPPORT:
            return NNG_ENOTSUP;
        case EADDRINUSE:
            return NNG_EADDRINUSE;
        case ENOENT:
            return NNG_ENOENT;
        case EPROTO:
            return NNG_EPROTO;
        case EHOSTUNREACH:
        case ENETUNREACH:
            return NNG_EUNREACHABLE;
        case EADDRNOTAVAIL:
            return NNG_EADDRINVAL;
        case EACCES:
        case EPERM:
            return NNG_EPERM;
        case EMSGSIZE:
            return NNG_EMSGSIZE;
        case ECONNABORTED:
            return NNG_ECONNABORTED;
        case ECONNRESET:
            return NNG_ECONNRESET;
        case EMFILE:
        case ENFILE:
            return NNG_ENOFILES;
        case ENOSPC:
        case EFBIG:
        case EDQUOT:
            return NNG_ENOSPC;
        case EEXIST:
            return NNG_EEXIST;
        default:
            return static_cast<nng_err>(NNG_ESYSERR | number);
    }
}

}  // namespace naio
