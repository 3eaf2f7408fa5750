// nng_strerror.
#include "base/error.h"

#include <nng/nng.h>

extern "C" const char* nng_strerror(nng_err code) { return naio::error_text(code); }
