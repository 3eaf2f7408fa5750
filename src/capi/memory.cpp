// nng_alloc, nng_strdup, and the functions that release their memory.
#include <nng/nng.h>

#include <cstring>

#include "base/panic.h"
#include "runtime/runtime.h"

using naio::runtime;

extern "C" {

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
