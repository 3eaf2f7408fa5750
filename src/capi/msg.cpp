// Defines nng_msg_*: messages.
#include <nng/nng.h>

#include "base/panic.h"
#include "capi/handle.h"
#include "msg/big_endian.h"
#include "msg/message.h"
#include "runtime/runtime.h"

using naio::checked;

namespace {

int deliver(nng_msg* message, nng_msg** out) noexcept {
    if (message == nullptr) return NNG_ENOMEM;
    *out = message;
    return NNG_OK;
}

}  // namespace

extern "C" {

int nng_msg_alloc(nng_msg** msgp, size_t size) {
    naio::require(msgp, __func__);
    return deliver(nng_msg::create(naio::runtime().allocator(), size), msgp);
}

int nng_msg_dup(nng_msg** dup, const nng_msg* msg) {
    naio::require(dup, __func__);
    return deliver(checked(msg, __func__).duplicate(), dup);
}

void nng_msg_free(nng_msg* msg) { nng_msg::destroy(msg); }

int nng_msg_realloc(nng_msg* msg, size_t size) { return checked(msg, __func__).body().resize(size); }

int nng_msg_reserve(nng_msg* msg, size_t capacity) { return checked(msg, __func__).body().reserve(capacity); }

size_t nng_msg_capacity(nng_msg* msg) { return checked(msg, __func__).body().capacity(); }

void* nng_msg_body(nng_msg* msg) { return checked(msg, __func__).body().data(); }

size_t nng_msg_len(const nng_msg* msg) { return checked(msg, __func__).body().size(); }

void nng_msg_clear(nng_msg* msg) { checked(msg, __func__).body().clear(); }

int nng_msg_append(nng_msg* msg, const void* data, size_t size) {
    return checked(msg, __func__).body().append(data, size);
}

int nng_msg_insert(nng_msg* msg, const void* data, size_t size) {
    return checked(msg, __func__).body().insert(data, size);
}

int nng_msg_trim(nng_msg* msg, size_t size) { return checked(msg, __func__).body().trim(size); }

int nng_msg_chop(nng_msg* msg, size_t size) { return checked(msg, __func__).body().chop(size); }

void* nng_msg_header(nng_msg* msg) { return checked(msg, __func__).header().data(); }

size_t nng_msg_header_len(const nng_msg* msg) { return checked(msg, __func__).header().size(); }

void nng_msg_header_clear(nng_msg* msg) { checked(msg, __func__).header().clear(); }

int nng_msg_header_append(nng_msg* msg, const void* data, size_t size) {
    return checked(msg, __func__).header().append(data, size);
}

int nng_msg_header_insert(nng_msg* msg, const void* data, size_t size) {
    return checked(msg, __func__).header().insert(data, size);
}

int nng_msg_header_trim(nng_msg* msg, size_t size) { return checked(msg, __func__).header().trim(size); }

int nng_msg_header_chop(nng_msg* msg, size_t size) { return checked(msg, __func__).header().chop(size); }

// Defines the functions that add or remove big-endian numbers of one size, in one part of the message.
#define NAIO_NUMBER_CALLS(prefix, part, suffix, type)                     \
    int prefix##_append_##suffix(nng_msg* msg, type value) {              \
        return naio::append_number(checked(msg, __func__).part(), value); \
    }                                                                     \
    int prefix##_insert_##suffix(nng_msg* msg, type value) {              \
        return naio::insert_number(checked(msg, __func__).part(), value); \
    }                                                                     \
    int prefix##_trim_##suffix(nng_msg* msg, type* value) {               \
        return naio::trim_number(checked(msg, __func__).part(), value);   \
    }                                                                     \
    int prefix##_chop_##suffix(nng_msg* msg, type* value) {               \
        return naio::chop_number(checked(msg, __func__).part(), value);   \
    }

NAIO_NUMBER_CALLS(nng_msg, body, u16, uint16_t)
NAIO_NUMBER_CALLS(nng_msg, body, u32, uint32_t)
NAIO_NUMBER_CALLS(nng_msg, body, u64, uint64_t)
NAIO_NUMBER_CALLS(nng_msg_header, header, u16, uint16_t)
NAIO_NUMBER_CALLS(nng_msg_header, header, u32, uint32_t)
NAIO_NUMBER_CALLS(nng_msg_header, header, u64, uint64_t)

}  // extern "C"
