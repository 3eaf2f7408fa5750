// Sections of the workload: functions without operations, for messages, threads, memory, logging, id maps, addresses
// and URLs.
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "workload.h"

namespace failures {

namespace {

// Calls the functions for numbers of one width on one part of a message. An append or an insert that fails leaves the
// part as it was, so the number is removed only if it was added.
template <class Number, class Set, class Get>
void number_both_ways(nng_msg* message, Set append, Set insert, Get chop, Get trim) {
    const auto number = static_cast<Number>(0x0102030405060708);
    Number got = 0;
    if (OK(append(message, number))) MUST(chop(message, &got) == NNG_OK && got == number);
    got = 0;
    if (OK(insert(message, number))) MUST(trim(message, &got) == NNG_OK && got == number);
    if (OK(append(message, number))) MUST(trim(message, &got) == NNG_OK && got == number);
}

void body_of(nng_msg* message) {
    if (OK(nng_msg_append(message, "body", 4)))
        MUST(nng_msg_len(message) == 4 && std::memcmp(nng_msg_body(message), "body", 4) == 0);
    nng_msg_clear(message);
    if (OK(nng_msg_insert(message, "front", 5))) MUST(nng_msg_trim(message, 5) == NNG_OK);
    MUST(nng_msg_len(message) == 0 && nng_msg_chop(message, 1) == NNG_EINVAL);
    number_both_ways<std::uint16_t>(message, nng_msg_append_u16, nng_msg_insert_u16, nng_msg_chop_u16,
                                    nng_msg_trim_u16);
    number_both_ways<std::uint32_t>(message, nng_msg_append_u32, nng_msg_insert_u32, nng_msg_chop_u32,
                                    nng_msg_trim_u32);
    number_both_ways<std::uint64_t>(message, nng_msg_append_u64, nng_msg_insert_u64, nng_msg_chop_u64,
                                    nng_msg_trim_u64);
    if (OK(nng_msg_reserve(message, 10'000))) MUST(nng_msg_capacity(message) >= 10'000);
    const std::size_t before = nng_msg_len(message);
    const bool grown = OK(nng_msg_realloc(message, 20'000));
    MUST(nng_msg_len(message) == (grown ? 20'000 : before));
    MUST(nng_msg_realloc(message, 3) == NNG_OK || before < 3);
}

void header_of(nng_msg* message) {
    MUST(nng_msg_header_append(message, "head", 4) == NNG_OK && nng_msg_header_len(message) == 4);
    MUST(std::memcmp(nng_msg_header(message), "head", 4) == 0);
    MUST(nng_msg_header_insert(message, "a", 1) == NNG_OK && nng_msg_header_trim(message, 1) == NNG_OK);
    MUST(nng_msg_header_chop(message, 1) == NNG_OK && nng_msg_header_len(message) == 3);
    nng_msg_header_clear(message);
    number_both_ways<std::uint16_t>(message, nng_msg_header_append_u16, nng_msg_header_insert_u16,
                                    nng_msg_header_chop_u16, nng_msg_header_trim_u16);
    number_both_ways<std::uint32_t>(message, nng_msg_header_append_u32, nng_msg_header_insert_u32,
                                    nng_msg_header_chop_u32, nng_msg_header_trim_u32);
    number_both_ways<std::uint64_t>(message, nng_msg_header_append_u64, nng_msg_header_insert_u64,
                                    nng_msg_header_chop_u64, nng_msg_header_trim_u64);
}

}  // namespace

void messages() {
    nng_msg* message = nullptr;
    if (!OK(nng_msg_alloc(&message, 0))) return;
    body_of(message);
    header_of(message);
    nng_msg* copy = nullptr;
    if (OK(nng_msg_dup(&copy, message))) {
        MUST(nng_msg_len(copy) == nng_msg_len(message));
        nng_msg_free(copy);
    }
    nng_msg_free(message);
}

namespace {

struct Shared {
    nng_mtx* mutex = nullptr;
    nng_cv* changed = nullptr;
    bool done = false;
};

void finish_work(void* argument) {
    auto& shared = *static_cast<Shared*>(argument);
    nng_mtx_lock(shared.mutex);
    shared.done = true;
    nng_cv_wake(shared.changed);
    nng_cv_wake1(shared.changed);
    nng_mtx_unlock(shared.mutex);
}

}  // namespace

void threads() {
    Shared shared;
    if (!OK(nng_mtx_alloc(&shared.mutex))) return;
    if (OK(nng_cv_alloc(&shared.changed, shared.mutex))) {
        nng_thread* thread = nullptr;
        if (OK(nng_thread_create(&thread, finish_work, &shared))) {
            nng_thread_set_name(thread, "worker");
            nng_mtx_lock(shared.mutex);
            while (!shared.done) nng_cv_wait(shared.changed);
            MUST(nng_cv_until(shared.changed, nng_clock()) == NNG_ETIMEDOUT || shared.done);
            nng_mtx_unlock(shared.mutex);
            nng_thread_destroy(thread);
        }
        nng_cv_free(shared.changed);
    }
    nng_mtx_free(shared.mutex);
}

void blocks() {
    if (void* const block = nng_alloc(100); HOLDS(block != nullptr)) nng_free(block, 100);
    if (char* const copy = nng_strdup("text"); HOLDS(copy != nullptr)) {
        MUST(std::strcmp(copy, "text") == 0);
        nng_strfree(copy);
    }
    const nng_time before = nng_clock();
    nng_msleep(2);
    MUST(nng_clock() >= before + 2);
    static_cast<void>(nng_random());
}

namespace {

std::atomic<int> lines{0};

void count_line(nng_log_level level, nng_log_facility facility, const char* id, const char* text) {
    ++lines;
    nng_null_logger(level, facility, id, text);
}

}  // namespace

void logging() {
    nng_log_set_logger(count_line);
    nng_log_set_level(NNG_LOG_DEBUG);
    nng_log_set_facility(NNG_LOG_LOCAL0);
    MUST(nng_log_get_level() == NNG_LOG_DEBUG);
    lines = 0;
    nng_log_err("A", "%d", 1);
    nng_log_warn("A", "%d", 2);
    nng_log_notice("A", "%d", 3);
    nng_log_info("A", "%d", 4);
    nng_log_debug("A", "%d", 5);
    nng_log_auth(NNG_LOG_ERR, "A", "%d", 6);
    MUST(lines == 6);
    nng_stderr_logger(NNG_LOG_DEBUG, NNG_LOG_USER, "A", "a line to be looked at if something fails");
    nng_log_set_logger(nullptr);
    nng_log_set_level(NNG_LOG_NOTICE);
}

void id_maps() {
    nng_id_map* map = nullptr;
    if (!OK(nng_id_map_alloc(&map, 10, 1000, NNG_MAP_RANDOM))) return;
    int value = 0;
    unsigned stored = 0;
    for (std::uint64_t id = 2000; id < 2100; ++id)
        if (OK(nng_id_set(map, id, &value))) ++stored;
    std::uint64_t id = 0;
    if (OK(nng_id_alloc(map, &id, &value))) {
        ++stored;
        MUST(nng_id_get(map, id) == &value);
    }
    unsigned seen = 0;
    for (std::uint32_t cursor = 0; nng_id_visit(map, &id, nullptr, &cursor);) ++seen;
    MUST(seen == stored);
    for (id = 2000; id < 2100; ++id) static_cast<void>(nng_id_remove(map, id));
    nng_id_map_free(map);
}

void addresses() {
    nng_sockaddr one{};
    one.s_in.sa_family = NNG_AF_INET;
    one.s_in.sa_port = 0x5000;
    const nng_sockaddr other = one;
    char text[NNG_MAXADDRSTRLEN];
    MUST(std::strlen(nng_str_sockaddr(&one, text, sizeof(text))) > 0);
    MUST(nng_sockaddr_equal(&one, &other) && nng_sockaddr_hash(&one) == nng_sockaddr_hash(&other));
    MUST(nng_sockaddr_port(&one) != 0);
}

void urls() {
    nng_url* url = nullptr;
    // The library has to look up the port of the service "http".
    if (!OK(nng_url_parse(&url, "http://user@host:http/path?query#fragment"))) return;
    nng_url* copy = nullptr;
    if (OK(nng_url_clone(&copy, url))) {
        for (const auto part :
             {nng_url_scheme, nng_url_userinfo, nng_url_hostname, nng_url_path, nng_url_query, nng_url_fragment})
            MUST(std::strcmp(part(copy), part(url)) == 0);
        nng_url_free(copy);
    }
    char text[100];
    MUST(nng_url_sprintf(text, sizeof(text), url) > 0);
    nng_url_resolve_port(url, 8080);
    MUST(nng_url_port(url) != 0);
    nng_url_free(url);
}

}  // namespace failures
