// What streams, dialers and listeners need around them; the Runtime owns it all. It outlives them.
#pragma once

#include "aio/registry.h"
#include "base/allocator.h"
#include "io/resolver.h"
#include "loop/pollers.h"

namespace naio {

struct StreamServices {
    const Allocator& allocator;
    Registry& registry;
    Pollers& pollers;
    Resolver& resolver;
};

}  // namespace naio
