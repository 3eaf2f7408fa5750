// Messages, and messages in handles.
#include <string.h>

#include "compared.h"

static void compare_bodies(void) {
    nng_msg *message, *copy;
    uint16_t two = 0;
    uint32_t four = 0;
    uint64_t eight = 0;
    need(nng_msg_alloc(&message, 3), "nng_msg_alloc");
    memcpy(nng_msg_body(message), "abc", 3);
    say("msg.append", "%s", name_of(nng_msg_append(message, "de", 2)));
    say("msg.insert", "%s", name_of(nng_msg_insert(message, "_", 1)));
    say("msg.body", "%d, %.*s", (int)nng_msg_len(message), (int)nng_msg_len(message), (char*)nng_msg_body(message));
    say("msg.chop.too_much", "%s", name_of(nng_msg_chop(message, 7)));
    say("msg.trim.too_much", "%s", name_of(nng_msg_trim(message, 7)));
    say("msg.chop", "%s", name_of(nng_msg_chop(message, 2)));
    say("msg.trim", "%s", name_of(nng_msg_trim(message, 1)));
    need(nng_msg_dup(&copy, message), "nng_msg_dup");
    say("msg.dup", "%d, %.3s", (int)nng_msg_len(copy), (char*)nng_msg_body(copy));
    nng_msg_free(copy);
    nng_msg_clear(message);
    nng_msg_append_u16(message, 0x1234);
    nng_msg_append_u32(message, 0x12345678);
    nng_msg_insert_u64(message, 7);
    say("msg.numbers.len", "%d", (int)nng_msg_len(message));
    say("msg.trim_u64", "%s", name_of(nng_msg_trim_u64(message, &eight)));
    say("msg.chop_u32", "%s", name_of(nng_msg_chop_u32(message, &four)));
    say("msg.chop_u32.too_much", "%s", name_of(nng_msg_chop_u32(message, &four)));
    say("msg.chop_u16", "%s", name_of(nng_msg_chop_u16(message, &two)));
    say("msg.numbers", "%x, %lx, %d", two, (unsigned long)four, (int)eight);
    say("msg.realloc", "%s", name_of(nng_msg_realloc(message, 100)));
    say("msg.realloc.len", "%d", (int)nng_msg_len(message));
    say("msg.reserve", "%s", name_of(nng_msg_reserve(message, 1000)));
    say("msg.capacity", "%d", nng_msg_capacity(message) >= 1000);
    nng_msg_free(message);
    nng_msg_free(NULL);
}

static void compare_headers(void) {
    nng_msg* message;
    uint32_t value = 0;
    char bytes[64] = {0};
    need(nng_msg_alloc(&message, 0), "nng_msg_alloc");
    say("msg.header.append", "%s", name_of(nng_msg_header_append(message, bytes, 60)));
    say("msg.header.append_u32", "%s", name_of(nng_msg_header_append_u32(message, 9)));
    say("msg.header.full.append", "%s", name_of(nng_msg_header_append(message, bytes, 1)));
    say("msg.header.full.insert", "%s", name_of(nng_msg_header_insert(message, bytes, 1)));
    say("msg.header.chop_u32", "%s", name_of(nng_msg_header_chop_u32(message, &value)));
    say("msg.header.value", "%d", (int)value);
    say("msg.header.trim.too_much", "%s", name_of(nng_msg_header_trim(message, 61)));
    say("msg.header.trim", "%s", name_of(nng_msg_header_trim(message, 60)));
    say("msg.header.len", "%d", (int)nng_msg_header_len(message));
    nng_msg_header_clear(message);
    nng_msg_free(message);
}

static void compare_messages_of_handles(void) {
    struct handle handle;
    nng_msg* message;
    make_handle(&handle);
    need(nng_msg_alloc(&message, 1), "nng_msg_alloc");
    nng_aio_set_msg(handle.aio, message);
    nng_aio_begin(handle.aio);
    say("msg.of_handle.begin", "%d", nng_aio_get_msg(handle.aio) == message);
    nng_aio_finish(handle.aio, NNG_EPROTO);
    nng_aio_wait(handle.aio);
    say("msg.of_handle.finish", "%d", nng_aio_get_msg(handle.aio) == message);
    nng_aio_set_msg(handle.aio, NULL);
    say("msg.of_handle.null", "%d", nng_aio_get_msg(handle.aio) == NULL);
    free_handle(&handle);
    nng_msg_free(message);
}

void compare_messages(void) {
    compare_bodies();
    compare_headers();
    compare_messages_of_handles();
}
