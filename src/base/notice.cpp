#include "base/notice.h"

#include <cstdarg>

namespace naio {

void Notices::post(nng_log_level level, const char* id, const char* format, ...) noexcept {
    const Log* const log = log_.get();
    if (log == nullptr) return;
    std::va_list args;
    va_start(args, format);
    log->vprint(level, log->facility(), id, format, args);
    va_end(args);
}

}  // namespace naio
