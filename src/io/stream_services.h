// The services that streams, dialers and listeners use. The Runtime owns them, and they outlive the streams.
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
