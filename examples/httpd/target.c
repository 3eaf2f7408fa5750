#include "target.h"

#include <string.h>

enum { OK = 200, BAD_REQUEST = 400, URI_TOO_LONG = 414 };

static int hex(char c) {
    const char* digits = "0123456789abcdef0123456789ABCDEF";
    const char* found = c == '\0' ? NULL : strchr(digits, c);
    return found == NULL ? -1 : (int)((found - digits) % 16);
}

// Returns the next character, or -1 if it is malformed or 0. A 0 is refused, because the system would end the path
// there, but this server would not.
static int take_character(struct text* rest) {
    size_t size = rest->at[0] == '%' ? 3 : 1;
    int c = (unsigned char)rest->at[0];

    if (size > rest->size) return -1;
    if (size == 3) {
        int high = hex(rest->at[1]), low = hex(rest->at[2]);
        if (high < 0 || low < 0) return -1;
        c = high * 16 + low;
    }
    *rest = (struct text){rest->at + size, rest->size - size};
    return c == 0 ? -1 : c;
}

// Removes "http://host". Clients send such targets to proxies, and a server must accept them, too. The host is ignored.
static struct text without_host(struct text target) {
    const char scheme[] = "http://";
    size_t size = sizeof(scheme) - 1;

    if (target.size < size || !text_equals_ignoring_case((struct text){target.at, size}, scheme)) return target;
    while (size < target.size && target.at[size] != '/' && target.at[size] != '?') size++;
    return (struct text){target.at + size, target.size - size};
}

static struct text without_query(struct text target) {
    for (size_t i = 0; i < target.size; i++)
        if (target.at[i] == '?' || target.at[i] == '#') target.size = i;
    return target;
}

// Called when a part of the path ends at `size`. Removes the part if it is "", "." or "..", and the part before it if
// it is "..". Returns the new size of the path, or SIZE_MAX if ".." has no part before it.
static size_t end_part(const char* path, size_t size) {
    size_t start = size;
    while (start > 0 && path[start - 1] != '/') start--;
    struct text part = {path + start, size - start};

    if (text_equals(part, "") || text_equals(part, ".")) return start;
    if (!text_equals(part, "..")) return size;
    if (start == 0) return SIZE_MAX;
    start--;
    while (start > 0 && path[start - 1] != '/') start--;
    return start;
}

static bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~/", c) != NULL);
}

void path_to_target(const char* path, char target[TARGET_SIZE]) {
    const char* digits = "0123456789ABCDEF";

    *target++ = '/';
    for (; *path != '\0'; path++) {
        if (is_unreserved(*path)) {
            *target++ = *path;
        } else {
            *target++ = '%';
            *target++ = digits[(unsigned char)*path / 16];
            *target++ = digits[(unsigned char)*path % 16];
        }
    }
    *target = '\0';
}

int target_to_path(struct text target, char path[PATH_SIZE]) {
    struct text rest = without_host(target);
    bool has_host = rest.at != target.at;
    size_t size = 0;

    rest = without_query(rest);
    if (has_host && rest.size == 0) rest = (struct text){"/", 1};
    if (rest.size == 0 || rest.at[0] != '/') return BAD_REQUEST;
    while (rest.size != 0) {
        int c = take_character(&rest);
        if (c < 0) return BAD_REQUEST;
        if (c == '/') size = end_part(path, size);
        if (size == SIZE_MAX) return BAD_REQUEST;
        if (c == '/' && (size == 0 || path[size - 1] == '/')) continue;
        if (size + 2 >= PATH_SIZE) return URI_TOO_LONG;  // room for a slash that may have to be appended
        path[size++] = (char)c;
    }
    size = end_part(path, size);
    if (size == SIZE_MAX) return BAD_REQUEST;
    path[size] = '\0';
    return OK;
}
