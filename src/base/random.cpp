#include "base/random.h"

#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>  // declares getentropy, as unistd.h does on other systems
#endif

#include "base/panic.h"

namespace naio {

std::uint32_t random_u32() noexcept {
    std::uint32_t number = 0;
    if (::getentropy(&number, sizeof(number)) != 0) panic("the system has no random numbers");
    return number;
}

}  // namespace naio
