#include "base/function_name.h"

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "base/mapped_file.h"

#if !defined(__linux__)
#include <dlfcn.h>
#endif

namespace naio {

namespace {

void write_place(const char* file, std::uintptr_t offset, char* text, std::size_t size) noexcept {
    const char* const slash = std::strrchr(file, '/');
    std::snprintf(text, size, "%s+0x%zx", slash != nullptr ? slash + 1 : file, static_cast<std::size_t>(offset));
}

}  // namespace

void name_function(const void* function, char* text, std::size_t size) noexcept {
#if defined(__linux__)
    const auto address = reinterpret_cast<std::uintptr_t>(function);
    const auto write_name = [&](const MappedFile& file) {
        if (!file.contains(address)) return false;
        if (const char* const symbol = file.symbol_at(address))
            std::snprintf(text, size, "%s", symbol);
        else
            write_place(file.name(), file.offset_of(address), text, size);
        return true;
    };
    if (any_mapped_file(write_name)) return;
#else
    Dl_info found;
    if (::dladdr(function, &found) != 0) {
        const auto offset = static_cast<const char*>(function) - static_cast<const char*>(found.dli_fbase);
        if (found.dli_sname != nullptr) return static_cast<void>(std::snprintf(text, size, "%s", found.dli_sname));
        if (found.dli_fname != nullptr)
            return write_place(found.dli_fname, static_cast<std::uintptr_t>(offset), text, size);
    }
#endif
    std::snprintf(text, size, "%p", function);
}

}  // namespace naio
