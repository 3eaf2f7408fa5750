// Defines nng_log_* and the loggers.
#include "base/log.h"

#include <nng/nng.h>

#include <cstdarg>

#include "base/loggers.h"
#include "runtime/runtime.h"

using naio::runtime;

extern "C" {

void nng_null_logger(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg) {
    naio::null_logger(level, facility, msgid, msg);
}

void nng_stderr_logger(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg) {
    naio::stderr_logger(level, facility, msgid, msg);
}

void nng_system_logger(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg) {
    naio::system_logger(level, facility, msgid, msg);
}

void nng_log_set_facility(nng_log_facility facility) { runtime().log().set_facility(facility); }

void nng_log_set_level(nng_log_level level) { runtime().log().set_level(level); }

nng_log_level nng_log_get_level(void) { return runtime().log().level(); }

void nng_log_set_logger(nng_logger logger) { runtime().log().set_logger(logger); }

#define NAIO_LOG_CALL(name, level)                           \
    void name(const char* msgid, const char* msg, ...) {     \
        va_list args;                                        \
        va_start(args, msg);                                 \
        naio::Log& log = runtime().log();                    \
        log.vprint(level, log.facility(), msgid, msg, args); \
        va_end(args);                                        \
    }

NAIO_LOG_CALL(nng_log_err, NNG_LOG_ERR)
NAIO_LOG_CALL(nng_log_warn, NNG_LOG_WARN)
NAIO_LOG_CALL(nng_log_notice, NNG_LOG_NOTICE)
NAIO_LOG_CALL(nng_log_info, NNG_LOG_INFO)
NAIO_LOG_CALL(nng_log_debug, NNG_LOG_DEBUG)

void nng_log_auth(nng_log_level level, const char* msgid, const char* msg, ...) {
    va_list args;
    va_start(args, msg);
    runtime().log().vprint(level, NNG_LOG_AUTH, msgid, msg, args);
    va_end(args);
}

}  // extern "C"
