/* Calls the functions of messages from C99. */
#include <nng/nng.h>
#include <stdint.h>
#include <string.h>

#include "c_api.h"

static bool body_is(nng_msg* msg, const char* text) {
    return nng_msg_len(msg) == strlen(text) && memcmp(nng_msg_body(msg), text, strlen(text)) == 0;
}

static bool header_is(nng_msg* msg, const char* text) {
    return nng_msg_header_len(msg) == strlen(text) && memcmp(nng_msg_header(msg), text, strlen(text)) == 0;
}

static void body(nng_msg* msg) {
    CHECK(nng_msg_len(msg) == 0);
    CHECK(nng_msg_append(msg, "cdef", 4) == 0);
    CHECK(nng_msg_insert(msg, "ab", 2) == 0);
    CHECK(body_is(msg, "abcdef"));
    CHECK(nng_msg_trim(msg, 1) == 0);
    CHECK(nng_msg_chop(msg, 2) == 0);
    CHECK(body_is(msg, "bcd"));
    CHECK(nng_msg_trim(msg, 4) == NNG_EINVAL);
    CHECK(nng_msg_chop(msg, 4) == NNG_EINVAL);
    CHECK(body_is(msg, "bcd"));
    CHECK(nng_msg_reserve(msg, 1000) == 0);
    CHECK(nng_msg_capacity(msg) >= 1000);
    CHECK(body_is(msg, "bcd"));
    CHECK(nng_msg_realloc(msg, 2) == 0);
    CHECK(body_is(msg, "bc"));
    CHECK(nng_msg_realloc(msg, 500) == 0);
    CHECK(nng_msg_len(msg) == 500);
    CHECK(memcmp(nng_msg_body(msg), "bc", 2) == 0);
    nng_msg_clear(msg);
    CHECK(nng_msg_len(msg) == 0);
}

static void header(nng_msg* msg) {
    char much[65];
    memset(much, 'x', sizeof much);
    CHECK(nng_msg_header_len(msg) == 0);
    CHECK(nng_msg_header_append(msg, "cd", 2) == 0);
    CHECK(nng_msg_header_insert(msg, "ab", 2) == 0);
    CHECK(header_is(msg, "abcd"));
    CHECK(nng_msg_header_trim(msg, 1) == 0);
    CHECK(nng_msg_header_chop(msg, 1) == 0);
    CHECK(header_is(msg, "bc"));
    CHECK(nng_msg_header_trim(msg, 3) == NNG_EINVAL);
    CHECK(nng_msg_header_chop(msg, 3) == NNG_EINVAL);
    CHECK(nng_msg_header_append(msg, much, 63) == NNG_EINVAL);
    CHECK(nng_msg_header_insert(msg, much, 63) == NNG_EINVAL);
    CHECK(header_is(msg, "bc"));
    CHECK(nng_msg_header_append(msg, much, 62) == 0);
    CHECK(nng_msg_header_len(msg) == 64);
    nng_msg_header_clear(msg);
    CHECK(nng_msg_header_len(msg) == 0);
}

static void copy(nng_msg* msg) {
    nng_msg* twin = NULL;
    CHECK(nng_msg_append(msg, "body", 4) == 0);
    CHECK(nng_msg_header_append(msg, "head", 4) == 0);
    CHECK(nng_msg_dup(&twin, msg) == 0);
    if (twin == NULL) return;
    CHECK(nng_msg_append(msg, "!", 1) == 0);
    CHECK(body_is(twin, "body"));
    CHECK(header_is(twin, "head"));
    nng_msg_free(twin);
}

void c_api_message(void) {
    nng_msg* msg = NULL;
    CHECK(nng_msg_alloc(&msg, 7) == 0);
    if (msg == NULL) return;
    CHECK(nng_msg_len(msg) == 7);
    nng_msg_clear(msg);
    body(msg);
    header(msg);
    copy(msg);
    nng_msg_free(msg);
    nng_msg_free(NULL);
}

/* For each width, appends a number, inserts another number before it, and removes both, first the one at the front. */
static void body_numbers(nng_msg* msg) {
    uint16_t u16 = 0;
    uint32_t u32 = 0;
    uint64_t u64 = 0;
    CHECK(nng_msg_append_u16(msg, 0x6162) == 0);
    CHECK(nng_msg_insert_u16(msg, 0x4142) == 0);
    CHECK(body_is(msg, "ABab")); /* the most significant byte first */
    CHECK(nng_msg_trim_u16(msg, &u16) == 0 && u16 == 0x4142);
    CHECK(nng_msg_chop_u16(msg, &u16) == 0 && u16 == 0x6162);
    CHECK(nng_msg_trim_u16(msg, &u16) == NNG_EINVAL);
    CHECK(nng_msg_chop_u16(msg, &u16) == NNG_EINVAL);
    CHECK(nng_msg_append_u32(msg, 0x61626364) == 0);
    CHECK(nng_msg_insert_u32(msg, 0x41424344) == 0);
    CHECK(body_is(msg, "ABCDabcd"));
    CHECK(nng_msg_trim_u32(msg, &u32) == 0 && u32 == 0x41424344);
    CHECK(nng_msg_chop_u32(msg, &u32) == 0 && u32 == 0x61626364);
    CHECK(nng_msg_trim_u32(msg, &u32) == NNG_EINVAL);
    CHECK(nng_msg_chop_u32(msg, &u32) == NNG_EINVAL);
    CHECK(nng_msg_append_u64(msg, UINT64_C(0x6162636465666768)) == 0);
    CHECK(nng_msg_insert_u64(msg, UINT64_C(0x4142434445464748)) == 0);
    CHECK(body_is(msg, "ABCDEFGHabcdefgh"));
    CHECK(nng_msg_trim_u64(msg, &u64) == 0 && u64 == UINT64_C(0x4142434445464748));
    CHECK(nng_msg_chop_u64(msg, &u64) == 0 && u64 == UINT64_C(0x6162636465666768));
    CHECK(nng_msg_trim_u64(msg, &u64) == NNG_EINVAL);
    CHECK(nng_msg_chop_u64(msg, &u64) == NNG_EINVAL);
}

static void header_numbers(nng_msg* msg) {
    uint16_t u16 = 0;
    uint32_t u32 = 0;
    uint64_t u64 = 0;
    CHECK(nng_msg_header_append_u16(msg, 0x6162) == 0);
    CHECK(nng_msg_header_insert_u16(msg, 0x4142) == 0);
    CHECK(header_is(msg, "ABab"));
    CHECK(nng_msg_header_trim_u16(msg, &u16) == 0 && u16 == 0x4142);
    CHECK(nng_msg_header_chop_u16(msg, &u16) == 0 && u16 == 0x6162);
    CHECK(nng_msg_header_trim_u16(msg, &u16) == NNG_EINVAL);
    CHECK(nng_msg_header_chop_u16(msg, &u16) == NNG_EINVAL);
    CHECK(nng_msg_header_append_u32(msg, 0x61626364) == 0);
    CHECK(nng_msg_header_insert_u32(msg, 0x41424344) == 0);
    CHECK(header_is(msg, "ABCDabcd"));
    CHECK(nng_msg_header_trim_u32(msg, &u32) == 0 && u32 == 0x41424344);
    CHECK(nng_msg_header_chop_u32(msg, &u32) == 0 && u32 == 0x61626364);
    CHECK(nng_msg_header_trim_u32(msg, &u32) == NNG_EINVAL);
    CHECK(nng_msg_header_chop_u32(msg, &u32) == NNG_EINVAL);
    CHECK(nng_msg_header_append_u64(msg, UINT64_C(0x6162636465666768)) == 0);
    CHECK(nng_msg_header_insert_u64(msg, UINT64_C(0x4142434445464748)) == 0);
    CHECK(header_is(msg, "ABCDEFGHabcdefgh"));
    CHECK(nng_msg_header_trim_u64(msg, &u64) == 0 && u64 == UINT64_C(0x4142434445464748));
    CHECK(nng_msg_header_chop_u64(msg, &u64) == 0 && u64 == UINT64_C(0x6162636465666768));
    CHECK(nng_msg_header_trim_u64(msg, &u64) == NNG_EINVAL);
    CHECK(nng_msg_header_chop_u64(msg, &u64) == NNG_EINVAL);
}

void c_api_message_numbers(void) {
    nng_msg* msg = NULL;
    CHECK(nng_msg_alloc(&msg, 0) == 0);
    if (msg == NULL) return;
    body_numbers(msg);
    header_numbers(msg);
    nng_msg_free(msg);
}
