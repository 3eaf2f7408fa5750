// Parses the head of an HTTP/1.1 request. Pure functions: no I/O, and no memory except the caller's.
//
// The parser is as strict as RFC 9112 allows. It refuses text that two programs could understand differently, because
// a proxy in front of this server may be one of the two.
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { HTTP_FIELDS_MAX = 100 };

// A part of the bytes that were parsed.
struct text {
    const char* at;
    size_t size;
};

struct http_request {
    struct text method;
    struct text target;
    int minor;        // HTTP/1.minor
    bool keep_alive;  // the client wants, or expects, the connection to stay open
    bool has_host;
    bool expects;  // the client waits for permission to send the body
    bool chunked;  // the body has the transfer coding "chunked", or another one
    bool has_length;
    uint64_t content_length;  // the size of the body; 0 if there is none
    struct text range;        // range, if_range and if_modified_since: empty if the field is missing
    struct text if_range;
    struct text if_modified_since;
};

// Parses the bytes that have arrived so far. Sets *size to the size of the head if it is complete.
// Returns 0: not complete yet; 200: complete; otherwise the status to answer with: 400, 431 or 505.
int http_request_parse(const char* data, size_t available, struct http_request* request, size_t* size);

bool text_equals(struct text text, const char* string);
bool text_equals_ignoring_case(struct text text, const char* string);

#ifdef __cplusplus
}
#endif

#endif
