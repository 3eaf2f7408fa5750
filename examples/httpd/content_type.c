#include "content_type.h"

#include <stddef.h>
#include <string.h>

#include "http_request.h"

static const struct {
    const char* extension;
    const char* type;
} types[] = {
    {"html", "text/html; charset=utf-8"},
    {"htm", "text/html; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"txt", "text/plain; charset=utf-8"},
    {"md", "text/markdown; charset=utf-8"},
    {"c", "text/plain; charset=utf-8"},
    {"h", "text/plain; charset=utf-8"},
    {"xml", "application/xml"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"ico", "image/x-icon"},
    {"woff2", "font/woff2"},
    {"pdf", "application/pdf"},
    {"wasm", "application/wasm"},
    {"mp4", "video/mp4"},
    {"webm", "video/webm"},
    {"mp3", "audio/mpeg"},
    {"ogg", "audio/ogg"},
    {"gz", "application/gzip"},
    {"zip", "application/zip"},
};

const char* content_type(const char* path) {
    const char* slash = strrchr(path, '/');
    const char* dot = strrchr(slash == NULL ? path : slash, '.');

    if (dot == NULL) return "application/octet-stream";
    struct text extension = {dot + 1, strlen(dot + 1)};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (text_equals_ignoring_case(extension, types[i].extension)) return types[i].type;
    return "application/octet-stream";
}
