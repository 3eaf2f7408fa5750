// Ends the process when the program has broken the library's contract: prints one line to stderr and aborts.
#pragma once

namespace naio {

// Prints "naio: " and the formatted message as one line, in one write, and aborts. Any thread may call panic at any
// time. Allocates nothing.
[[noreturn]] void panic(const char* format, ...) noexcept __attribute__((format(printf, 1, 2)));

// Ends the process if `handle` is NULL. `call` is the name of the public function.
inline void require(const void* handle, const char* call) noexcept {
    if (handle == nullptr) [[unlikely]]
        panic("%s: the handle is NULL", call);
}

}  // namespace naio
