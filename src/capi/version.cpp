// nng_version: the version of NNG that has these functions.
#include <nng/nng.h>

#define NAIO_TEXT_OF(number) #number
#define NAIO_VERSION(major, minor, patch, suffix) \
    NAIO_TEXT_OF(major) "." NAIO_TEXT_OF(minor) "." NAIO_TEXT_OF(patch) suffix

extern "C" const char* nng_version(void) {
    return NAIO_VERSION(NNG_MAJOR_VERSION, NNG_MINOR_VERSION, NNG_PATCH_VERSION, NNG_RELEASE_SUFFIX);
}
