#include "base/loggers.h"

#include <syslog.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/os.h"

namespace naio {

namespace {

struct Style {
    const char* name;
    const char* color;
};

Style style_of(nng_log_level level) noexcept {
    switch (level) {
        case NNG_LOG_ERR:
            return {"ERROR", "\x1b[31m"};  // red
        case NNG_LOG_WARN:
            return {"WARN", "\x1b[33m"};  // yellow
        case NNG_LOG_NOTICE:
            return {"NOTICE", "\x1b[1m"};  // bold
        case NNG_LOG_INFO:
            return {"INFO", ""};
        case NNG_LOG_DEBUG:
            return {"DEBUG", "\x1b[36m"};  // cyan
        case NNG_LOG_NONE:
            break;
    }
    return {"NONE", ""};
}

int without_newline(const char* text) noexcept {
    std::size_t length = std::strlen(text);
    while (length > 0 && text[length - 1] == '\n') --length;
    return static_cast<int>(length);
}

}  // namespace

void null_logger(nng_log_level, nng_log_facility, const char*, const char*) noexcept {}

void stderr_logger(nng_log_level level, nng_log_facility, const char* id, const char* text) noexcept {
    // Reads the environment only once, because other threads may change it later.
    static const bool colors = takes_colors(STDERR_FILENO);
    print_log_line(stderr, colors, std::chrono::system_clock::now(), level, id, text);
}

void system_logger(nng_log_level level, nng_log_facility facility, const char* id, const char* text) noexcept {
    const bool named = id != nullptr;
    ::syslog(syslog_priority(level, facility), "%s%s%s", named ? id : "", named ? ": " : "", text);
}

// Calls fprintf only once, so that lines of several threads do not mix.
void print_log_line(std::FILE* out, bool colors, std::chrono::system_clock::time_point when, nng_log_level level,
                    const char* id, const char* text) noexcept {
    using std::chrono::milliseconds;
    const auto since_epoch = std::chrono::floor<milliseconds>(when.time_since_epoch());
    const auto second = static_cast<std::time_t>(since_epoch / std::chrono::seconds(1));
    const auto millisecond = static_cast<int>((since_epoch % std::chrono::seconds(1)).count());
    std::tm local{};
    ::localtime_r(&second, &local);

    const Style style = style_of(level);
    const char* color = colors ? style.color : "";
    std::fprintf(out, "%s%02d:%02d:%02d.%03d %-6s %s%s%.*s%s\n", color, local.tm_hour, local.tm_min, local.tm_sec,
                 millisecond, style.name, id != nullptr ? id : "", id != nullptr ? ": " : "", without_newline(text),
                 text, *color != '\0' ? "\x1b[0m" : "");
}

bool takes_colors(int fd) noexcept {
    // NOLINTBEGIN(concurrency-mt-unsafe): stderr_logger calls this at its first message. It cannot prevent that
    // another thread changes the environment in that moment; the C library leaves that to the program.
    const char* terminal = std::getenv("TERM");
    return os::isatty(fd) != 0 && terminal != nullptr && *terminal != '\0' && std::getenv("NO_COLOR") == nullptr &&
           std::getenv("NNG_LOG_NO_COLOR") == nullptr;
    // NOLINTEND(concurrency-mt-unsafe)
}

int syslog_priority(nng_log_level level, nng_log_facility facility) noexcept {
    // NNG and syslog both use the numbers of RFC 5424 for levels and facilities. In a priority of syslog, the lowest
    // three bits are the level, and the bits above are the facility.
    static_assert(LOG_ERR == NNG_LOG_ERR && LOG_DEBUG == NNG_LOG_DEBUG);
    static_assert(LOG_USER == NNG_LOG_USER << 3 && LOG_DAEMON == NNG_LOG_DAEMON << 3);
    static_assert(LOG_AUTHPRIV == NNG_LOG_AUTH << 3);
    static_assert(LOG_LOCAL0 == NNG_LOG_LOCAL0 << 3 && LOG_LOCAL7 == NNG_LOG_LOCAL7 << 3);
    // NNG_LOG_NONE and numbers that are no level become LOG_INFO. Otherwise syslog would take NNG_LOG_NONE, which is 0,
    // for an emergency.
    const int severity = level < NNG_LOG_ERR || level > NNG_LOG_DEBUG ? LOG_INFO : level;
    return (facility << 3) | severity;
}

}  // namespace naio
