// nng_random.
#include "base/random.h"

#include <nng/nng.h>

extern "C" uint32_t nng_random(void) { return naio::random_u32(); }
