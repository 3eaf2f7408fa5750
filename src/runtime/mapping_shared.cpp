// The shared library's reference to itself. See mapping.h.
#include <dlfcn.h>

#include "runtime/mapping.h"

namespace naio {

bool hold_mapping(void*& handle) noexcept {
    Dl_info here{};
    static const char inside = 0;
    handle = ::dladdr(&inside, &here) != 0 ? ::dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD) : nullptr;
    return handle != nullptr;
}

Parting release_mapping(void* handle) noexcept { return {.leave = ::dlclose, .handle = handle}; }

}  // namespace naio
