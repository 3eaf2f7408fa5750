// nng_init and nng_fini.
#include <nng/nng.h>

#include "runtime/runtime.h"

extern "C" {

nng_err nng_init(const nng_init_params* parameters) { return naio::runtime().init(parameters); }

void nng_fini(void) { naio::runtime().fini(); }

}  // extern "C"
