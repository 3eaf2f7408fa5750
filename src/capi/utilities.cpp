// Defines functions that take no handle: nng_strerror, nng_version, naio_version, nng_random, nng_clock, nng_msleep,
// nng_alloc, nng_strdup.
#include <naio/naio.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/clock.h"
#include "base/error.h"
#include "base/os.h"
#include "base/panic.h"
#include "base/random.h"
#include "runtime/runtime.h"

#define NAIO_TEXT_OF(number) #number
#define NAIO_VERSION_TEXT(major, minor, patch, suffix) \
    NAIO_TEXT_OF(major) "." NAIO_TEXT_OF(minor) "." NAIO_TEXT_OF(patch) suffix

using naio::runtime;

extern "C" {

const char* nng_strerror(nng_err code) { return naio::error_text(code); }

// Returns the version of NNG whose functions this library has.
const char* nng_version(void) {
    return NAIO_VERSION_TEXT(NNG_MAJOR_VERSION, NNG_MINOR_VERSION, NNG_PATCH_VERSION, NNG_RELEASE_SUFFIX);
}

uint32_t naio_version(void) { return NAIO_VERSION; }

uint32_t nng_random(void) { return naio::random_u32(); }

nng_time nng_clock(void) { return static_cast<nng_time>(naio::now() / naio::kMillisecond); }

void nng_msleep(nng_duration duration) {
    if (duration <= 0) return;
    timespec left = naio::timespec_of(duration * naio::kMillisecond);
    while (naio::os::nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

// Returns NULL for 0 bytes, because an allocation function of the program need not handle that size.
void* nng_alloc(size_t size) { return size != 0 ? runtime().allocator().allocate(size) : nullptr; }

void nng_free(void* block, size_t size) { runtime().allocator().release(block, size); }

char* nng_strdup(const char* text) {
    naio::require(text, __func__);
    const size_t size = std::strlen(text) + 1;
    void* copy = nng_alloc(size);
    return copy != nullptr ? static_cast<char*>(std::memcpy(copy, text, size)) : nullptr;
}

void nng_strfree(char* text) {
    if (text != nullptr) nng_free(text, std::strlen(text) + 1);
}

}  // extern "C"
