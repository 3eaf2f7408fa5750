#include "base/panic.h"

#include <unistd.h>

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include "base/os.h"

namespace naio {

void panic(const char* format, ...) noexcept {
    char line[512];
    constexpr std::size_t kRoom = sizeof(line) - 1;  // the last byte is for the newline
    auto length = static_cast<std::size_t>(std::snprintf(line, kRoom, "naio: "));
    va_list args;
    va_start(args, format);
    const int wanted = std::vsnprintf(line + length, kRoom - length, format, args);
    va_end(args);
    if (wanted > 0) length += static_cast<std::size_t>(wanted);
    if (length > kRoom - 1) length = kRoom - 1;
    line[length++] = '\n';
    // If stderr refuses the line, the process aborts without it.
    [[maybe_unused]] const auto written = os::write(STDERR_FILENO, line, length);
    std::abort();
}

}  // namespace naio
