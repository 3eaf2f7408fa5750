// Writes the head of an HTTP/1.1 response as text. Pure functions.
#ifndef RESPONSE_H
#define RESPONSE_H

#include <time.h>

#include "range.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RESPONSE_HEAD_SIZE = 4096 };

struct response {
    int status;
    int minor;  // the version in the request is HTTP/1.minor; the header "Connection" depends on it
    bool keep_alive;
    const char* type;  // the type of the content; NULL: there is no content
    uint64_t length;   // the size of the content, even if it is not sent
    time_t modified;   // the time when the file was modified; 0: unknown
    struct range range;
    uint64_t file_size;    // the size of the whole file, for the answers 206 and 416
    const char* location;  // the target to redirect the client to, for the answer 301
};

// Writes the head, with the empty line at its end, and returns its size.
size_t response_head(const struct response* response, time_t now, char head[RESPONSE_HEAD_SIZE]);

// Returns the reason phrase, such as "Not Found".
const char* response_reason(int status);

enum { HTTP_DATE_SIZE = 30 };
void http_date(time_t time, char date[HTTP_DATE_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
