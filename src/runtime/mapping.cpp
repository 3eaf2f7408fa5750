#include "runtime/mapping.h"

namespace naio {

[[gnu::weak]] bool hold_mapping(void*& handle) noexcept {
    handle = nullptr;
    return true;
}

[[gnu::weak]] Parting release_mapping(void*) noexcept { return keep_mapping(); }

Parting keep_mapping() noexcept {
    return {.leave = [](void*) { return 0; }, .handle = nullptr};
}

}  // namespace naio
