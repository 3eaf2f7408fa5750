#include "base/dump.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "base/function_name.h"
#include "base/os.h"

namespace naio {

namespace {

// Appends to the text of `length` characters in a buffer of `size` bytes. Cuts off what does not fit. Returns the new
// length.
std::size_t append(char* text, std::size_t size, std::size_t length, const char* format, std::va_list args) noexcept {
    const int wanted = std::vsnprintf(text + length, size - length, format, args);
    return wanted < 0 ? length : std::min(length + static_cast<std::size_t>(wanted), size - 1);
}

}  // namespace

void DumpLine::add(const char* format, ...) noexcept {
    std::va_list args;
    va_start(args, format);
    length_ = append(text_, sizeof(text_), length_, format, args);
    va_end(args);
}

void DumpLine::add_function(const void* function, bool names) noexcept {
    if (!names) return add("%p", function);
    char name[256];
    name_function(function, name, sizeof(name));
    add("%s", name);
}

void DumpLine::add_seconds(std::int64_t milliseconds) noexcept {
    add("%lld.%03lld s", static_cast<long long>(milliseconds / 1000), static_cast<long long>(milliseconds % 1000));
}

void DumpName::copy(const char* name) noexcept {
    if (name == nullptr) return;
    std::snprintf(text_, sizeof(text_), "%s", name);
    // A control character, such as a newline, would split the line, or change a terminal that shows it.
    for (char& character : text_)
        if (const auto code = static_cast<unsigned char>(character); (code != 0 && code < ' ') || code == 127)
            character = '?';
}

void DumpName::add_to(DumpLine& line) const noexcept {
    if (!empty()) line.add(" \"%s\"", text_);
}

void Dump::line(const char* format, ...) noexcept {
    char text[512];
    std::va_list args;
    va_start(args, format);
    static_cast<void>(append(text, sizeof(text), 0, format, args));
    va_end(args);
    write_(argument_, text);
}

bool Dump::lock_soon(Mutex& mutex) noexcept {
    constexpr std::timespec kPause = timespec_of(kMillisecond);
    const Nanoseconds deadline = now() + kPatience;
    while (!mutex.try_lock()) {
        if (now() >= deadline) return false;
        os::nanosleep(&kPause, nullptr);
    }
    return true;
}

bool Dump::lock(Mutex& mutex, const char* what) noexcept {
    if (lock_soon(mutex)) return true;
    skip(what);
    return false;
}

void Dump::add_task(DumpLine& line, const void* task) noexcept {
    if (const void* const handle = handle_of_(*this, task))
        line.add("the callback of aio %p", handle);
    else
        line.add("task %p", task);
}

}  // namespace naio
