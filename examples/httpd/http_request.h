// The head of an HTTP/1.1 request, parsed. Pure: no I/O, no memory but the caller's.
//
// As strict as RFC 9112 allows: what two programs could read in two ways is refused, because one of the two may be a
// proxy in front of this one.
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { HTTP_FIELDS_MAX = 100 };

// Part of the bytes that were parsed.
struct text {
    const char* at;
    size_t size;
};

struct http_request {
    struct text method;
    struct text target;
    int minor;        // HTTP/1.minor
    bool keep_alive;  // the client wants, or expects, the connection to stay
    bool has_host;
    bool expects;  // waits to be told to send the body
    bool chunked;  // or encoded in another way
    bool has_length;
    uint64_t content_length;  // of the body; 0 without one
    struct text range;        // these are empty if they are not there
    struct text if_range;
    struct text if_modified_since;
};

// Parses what has come so far. *size becomes the size of the head, if it is complete.
// 0: not complete yet. 200: complete. Else the status to answer with: 400, 431 or 505.
int http_request_parse(const char* data, size_t available, struct http_request* request, size_t* size);

bool text_equals(struct text text, const char* string);
bool text_equals_ignoring_case(struct text text, const char* string);

#ifdef __cplusplus
}
#endif

#endif
