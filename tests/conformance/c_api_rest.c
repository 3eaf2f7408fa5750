/* Calls the functions for errors, time, threads, memory, random numbers, logging and id maps from C99. */
#include <nng/nng.h>
#include <stdint.h>
#include <string.h>

#include "c_api.h"

static void errors(void) {
    CHECK(nng_strerror(NNG_OK) != NULL);
    CHECK(strlen(nng_strerror(NNG_ETIMEDOUT)) > 0);
    CHECK(strcmp(nng_strerror(NNG_ETIMEDOUT), nng_strerror(NNG_ECANCELED)) != 0);
    CHECK(strlen(nng_strerror((nng_err)12345)) > 0);
}

static void time_passes(void) {
    const nng_time before = nng_clock();
    nng_msleep(3);
    CHECK(nng_clock() >= before + 3);
    nng_msleep(0);
    nng_msleep(-1);
}

struct mailbox {
    nng_mtx* mtx;
    nng_cv* cv;
    int mail;
};

static void post(void* arg) {
    struct mailbox* box = arg;
    nng_thread_set_name(NULL, "poster");
    nng_mtx_lock(box->mtx);
    box->mail = 1;
    nng_cv_wake(box->cv);
    while (box->mail == 1) nng_cv_wait(box->cv);
    box->mail = 3;
    nng_cv_wake1(box->cv);
    nng_mtx_unlock(box->mtx);
}

static void threads(void) {
    struct mailbox box = {NULL, NULL, 0};
    nng_thread* thread = NULL;
    CHECK(nng_mtx_alloc(&box.mtx) == 0);
    CHECK(nng_cv_alloc(&box.cv, box.mtx) == 0);
    nng_mtx_lock(box.mtx);
    CHECK(nng_cv_until(box.cv, nng_clock() + 2) == NNG_ETIMEDOUT);
    CHECK(nng_thread_create(&thread, post, &box) == 0);
    nng_thread_set_name(thread, "c_api");
    while (box.mail == 0) nng_cv_wait(box.cv);
    CHECK(box.mail == 1);
    box.mail = 2;
    nng_cv_wake(box.cv);
    while (box.mail == 2) CHECK(nng_cv_until(box.cv, nng_clock() + 30000) == 0);
    nng_mtx_unlock(box.mtx);
    nng_thread_destroy(thread);
    CHECK(box.mail == 3);
    nng_cv_free(box.cv);
    nng_mtx_free(box.mtx);
    nng_cv_free(NULL);
    nng_mtx_free(NULL);
    nng_thread_destroy(NULL);
}

static void memory(void) {
    char* text = nng_strdup("text");
    void* block = nng_alloc(100);
    CHECK(block != NULL);
    if (block != NULL) memset(block, 1, 100);
    nng_free(block, 100);
    CHECK(nng_alloc(0) == NULL);
    nng_free(NULL, 0);
    CHECK(text != NULL && strcmp(text, "text") == 0);
    nng_strfree(text);
    nng_strfree(NULL);
}

static void random_numbers(void) {
    uint32_t all = 0;
    int i;
    for (i = 0; i < 64; ++i) all |= nng_random();
    CHECK(all != 0);
}

static int logged;
static nng_log_level logged_level;
static nng_log_facility logged_facility;
static char logged_text[64];

static void keep(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg) {
    if (msgid == NULL || strcmp(msgid, "TEST") != 0) return; /* the library may log, too */
    ++logged;
    logged_level = level;
    logged_facility = facility;
    logged_text[0] = '\0';
    strncat(logged_text, msg, sizeof logged_text - 1);
}

static void levels(void) {
    nng_log_set_level(NNG_LOG_DEBUG);
    CHECK(nng_log_get_level() == NNG_LOG_DEBUG);
    nng_log_err("TEST", "%s %d", "number", 1);
    CHECK(logged == 1 && logged_level == NNG_LOG_ERR && logged_facility == NNG_LOG_LOCAL3);
    CHECK(strcmp(logged_text, "number 1") == 0);
    nng_log_warn("TEST", "%d", 2);
    CHECK(logged == 2 && logged_level == NNG_LOG_WARN);
    nng_log_notice("TEST", "%d", 3);
    CHECK(logged == 3 && logged_level == NNG_LOG_NOTICE);
    nng_log_info("TEST", "%d", 4);
    CHECK(logged == 4 && logged_level == NNG_LOG_INFO);
    nng_log_debug("TEST", "%d", 5);
    CHECK(logged == 5 && logged_level == NNG_LOG_DEBUG);
    nng_log_auth(NNG_LOG_WARN, "TEST", "%d", 6);
    CHECK(logged == 6 && logged_level == NNG_LOG_WARN && logged_facility == NNG_LOG_AUTH);
    nng_log_set_level(NNG_LOG_WARN);
    nng_log_notice("TEST", "%d", 7);
    CHECK(logged == 6);
}

static void logging(void) {
    nng_log_set_facility(NNG_LOG_LOCAL3);
    nng_log_set_logger(keep);
    levels();
    nng_log_set_logger(NULL);
    nng_log_err("TEST", "%s", "without a logger");
    CHECK(logged == 6);
    nng_log_set_level(NNG_LOG_NOTICE);
    nng_log_set_facility(NNG_LOG_USER);
    nng_null_logger(NNG_LOG_ERR, NNG_LOG_USER, "TEST", "without a logger");
    nng_stderr_logger(NNG_LOG_INFO, NNG_LOG_USER, NULL, "this line is expected");
    nng_system_logger(NNG_LOG_DEBUG, NNG_LOG_USER, "TEST", "this line is expected");
}

static void id_map(void) {
    nng_id_map* map = NULL;
    int one = 0;
    int two = 0;
    uint64_t id = 0;
    uint64_t sum = 0;
    uint32_t cursor = 0;
    void* value = NULL;
    CHECK(nng_id_map_alloc(&map, 10, 11, 0) == 0);
    if (map == NULL) return;
    CHECK(nng_id_alloc(map, &id, &one) == 0 && id == 10);
    CHECK(nng_id_alloc(map, &id, &two) == 0 && id == 11);
    CHECK(nng_id_alloc(map, &id, &two) == NNG_ENOMEM);
    CHECK(nng_id_get(map, 10) == &one);
    CHECK(nng_id_get(map, 12) == NULL);
    CHECK(nng_id_set(map, 12, &two) == 0);
    CHECK(nng_id_get(map, 12) == &two);
    while (nng_id_visit(map, &id, &value, &cursor)) sum += id;
    CHECK(sum == 33);
    CHECK(nng_id_remove(map, 12) == 0);
    CHECK(nng_id_remove(map, 12) == NNG_ENOENT);
    nng_id_map_free(map);
    nng_id_map_free(NULL);
    CHECK(nng_id_map_alloc(&map, 0, 0, NNG_MAP_RANDOM) == 0);
    nng_id_map_free(map);
}

void c_api_rest(void) {
    errors();
    time_passes();
    threads();
    memory();
    random_numbers();
    logging();
    id_map();
}
