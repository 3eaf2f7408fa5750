#include "base/error.h"

#include <cstdio>
#include <cstring>

namespace naio {

namespace {

constexpr int kNumberMask = NNG_ESYSERR - 1;  // the bits of the number; the bits above them tell the kind of the code

// The alignment keeps LeakSanitizer from crashing if dlopen has loaded the library (see `here` in naio/promise.hpp).
alignas(32) thread_local char text[128];

const char* numbered(const char* what, int number) noexcept {
    std::snprintf(text, sizeof(text), "%s%d", what, number);
    return text;
}

// strerror_r comes in two kinds: POSIX's returns an int and writes to the buffer, GNU's returns the text.
[[maybe_unused]] const char* text_of(int failed, int number) noexcept {
    return failed == 0 ? text : numbered("System error #", number);
}
[[maybe_unused]] const char* text_of(const char* result, int) noexcept { return result; }

const char* system_text(int number) noexcept { return text_of(::strerror_r(number, text, sizeof(text)), number); }

// Returns the text of an enumerator; nullptr for any other value. The switch has no default, so that the compiler
// reports a missing enumerator.
const char* known_text(nng_err code) noexcept {
    switch (code) {
        case NNG_OK:
            return "Success";
        case NNG_EINTR:
            return "Interrupted";
        case NNG_ENOMEM:
            return "Out of memory";
        case NNG_EINVAL:
            return "Invalid argument";
        case NNG_EBUSY:
            return "Resource busy";
        case NNG_ETIMEDOUT:
            return "Timed out";
        case NNG_ECONNREFUSED:
            return "Connection refused";
        case NNG_ECLOSED:
            return "Object closed";
        case NNG_EAGAIN:
            return "Try again";
        case NNG_ENOTSUP:
            return "Not supported";
        case NNG_EADDRINUSE:
            return "Address in use";
        case NNG_ESTATE:
            return "Incorrect state";
        case NNG_ENOENT:
            return "Entry not found";
        case NNG_EPROTO:
            return "Protocol error";
        case NNG_EUNREACHABLE:
            return "Destination unreachable";
        case NNG_EADDRINVAL:
            return "Address invalid";
        case NNG_EPERM:
            return "Permission denied";
        case NNG_EMSGSIZE:
            return "Message too large";
        case NNG_ECONNABORTED:
            return "Connection aborted";
        case NNG_ECONNRESET:
            return "Connection reset";
        case NNG_ECANCELED:
            return "Operation canceled";
        case NNG_ENOFILES:
            return "Out of files";
        case NNG_ENOSPC:
            return "Out of space";
        case NNG_EEXIST:
            return "Resource already exists";
        case NNG_EREADONLY:
            return "Read only resource";
        case NNG_EWRITEONLY:
            return "Write only resource";
        case NNG_ECRYPTO:
            return "Cryptographic error";
        case NNG_EPEERAUTH:
            return "Peer could not be authenticated";
        case NNG_EBADTYPE:
            return "Incorrect type";
        case NNG_ECONNSHUT:
            return "Connection shutdown";
        case NNG_ESTOPPED:
            return "Operation stopped";
        case NNG_EINTERNAL:
            return "Internal error detected";
        case NNG_ESYSERR:
            return "System error";
        case NNG_ETRANERR:
            return "Transport error";
    }
    return nullptr;
}

}  // namespace

const char* error_text(int code) noexcept {
    const int kind = code & ~kNumberMask;
    const int number = code & kNumberMask;
    if (kind == NNG_ESYSERR && number != 0) return system_text(number);
    if (kind == NNG_ETRANERR && number != 0) return numbered("Transport error #", number);
    // A code that is out of the range of the enumeration must not be converted to it.
    const char* known = code >= 0 && kind <= NNG_ETRANERR ? known_text(static_cast<nng_err>(code)) : nullptr;
    return known != nullptr ? known : numbered("Unknown error #", code);
}

}  // namespace naio
