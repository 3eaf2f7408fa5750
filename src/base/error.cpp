#include "base/error.h"

#include <cstdio>
#include <cstring>

namespace naio {

namespace {

constexpr int kNumberMask = NNG_ESYSERR - 1;  // the bits of the number; the bits above them tell the kind of the code

thread_local char text[128];

const char* numbered(const char* what, int number) noexcept {
    std::snprintf(text, sizeof(text), "%s %d", what, number);
    return text;
}

// strerror_r comes in two kinds: POSIX's returns an int and writes to the buffer, GNU's returns the text.
[[maybe_unused]] const char* text_of(int failed, int number) noexcept {
    return failed == 0 ? text : numbered("system error", number);
}
[[maybe_unused]] const char* text_of(const char* result, int) noexcept { return result; }

const char* system_text(int number) noexcept { return text_of(::strerror_r(number, text, sizeof(text)), number); }

// Returns the text of an enumerator; nullptr for any other value. The switch has no default, so that the compiler
// reports a missing enumerator.
const char* known_text(nng_err code) noexcept {
    switch (code) {
        case NNG_OK:
            return "success";
        case NNG_EINTR:
            return "interrupted";
        case NNG_ENOMEM:
            return "out of memory";
        case NNG_EINVAL:
            return "invalid argument";
        case NNG_EBUSY:
            return "busy";
        case NNG_ETIMEDOUT:
            return "timed out";
        case NNG_ECONNREFUSED:
            return "connection refused";
        case NNG_ECLOSED:
            return "closed";
        case NNG_EAGAIN:
            return "not now, try again";
        case NNG_ENOTSUP:
            return "not supported";
        case NNG_EADDRINUSE:
            return "address already in use";
        case NNG_ESTATE:
            return "not possible in this state";
        case NNG_ENOENT:
            return "no such entry";
        case NNG_EPROTO:
            return "protocol violated";
        case NNG_EUNREACHABLE:
            return "destination unreachable";
        case NNG_EADDRINVAL:
            return "invalid address";
        case NNG_EPERM:
            return "permission denied";
        case NNG_EMSGSIZE:
            return "message too large";
        case NNG_ECONNABORTED:
            return "connection aborted";
        case NNG_ECONNRESET:
            return "connection reset by peer";
        case NNG_ECANCELED:
            return "canceled";
        case NNG_ENOFILES:
            return "too many open files";
        case NNG_ENOSPC:
            return "no space left";
        case NNG_EEXIST:
            return "already exists";
        case NNG_EREADONLY:
            return "read-only";
        case NNG_EWRITEONLY:
            return "write-only";
        case NNG_ECRYPTO:
            return "cryptographic failure";
        case NNG_EPEERAUTH:
            return "peer not authenticated";
        case NNG_EBADTYPE:
            return "wrong type";
        case NNG_ECONNSHUT:
            return "connection shut down";
        case NNG_ESTOPPED:
            return "stopped";
        case NNG_EINTERNAL:
            return "internal error";
        case NNG_ESYSERR:
            return "system error";
        case NNG_ETRANERR:
            return "transport error";
    }
    return nullptr;
}

}  // namespace

const char* error_text(int code) noexcept {
    const int kind = code & ~kNumberMask;
    const int number = code & kNumberMask;
    if (kind == NNG_ESYSERR && number != 0) return system_text(number);
    if (kind == NNG_ETRANERR && number != 0) return numbered("transport error", number);
    // A code that is out of the range of the enumeration must not be converted to it.
    const char* known = code >= 0 && kind <= NNG_ETRANERR ? known_text(static_cast<nng_err>(code)) : nullptr;
    return known != nullptr ? known : numbered("unknown error", code);
}

}  // namespace naio
