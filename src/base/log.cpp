#include "base/log.h"

#include <cstddef>
#include <cstdio>
#include <cstring>

namespace naio {

namespace {

// Marks a text that did not fit, without leaving half a UTF-8 character before the mark.
void mark_cut(char* text, std::size_t size) noexcept {
    constexpr char kMark[] = "...";
    std::size_t end = size - sizeof(kMark);
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    std::memcpy(text + end, kMark, sizeof(kMark));
}

}  // namespace

void Log::print(nng_log_level level, const char* id, const char* format, ...) const noexcept {
    std::va_list args;
    va_start(args, format);
    vprint(level, facility(), id, format, args);
    va_end(args);
}

void Log::vprint(nng_log_level level, nng_log_facility facility, const char* id, const char* format,
                 std::va_list args) const noexcept {
    if (level == NNG_LOG_NONE || level > this->level()) return;
    if (static_cast<int>(facility) == 0) return;                           // 0 is the kernel's facility
    const nng_logger logger = logger_.load(NAIO_ORDER(log_get, acquire));  // see set_logger
    if (logger == nullptr) return;
    char text[512];
    const int length = std::vsnprintf(text, sizeof(text), format, args);
    if (length < 0) return;  // the arguments cannot be formatted
    if (static_cast<std::size_t>(length) >= sizeof(text)) mark_cut(text, sizeof(text));
    logger(level, facility, id, text);
}

}  // namespace naio
