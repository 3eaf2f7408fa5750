// The head of an HTTP/1.1 response, as text. Pure.
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
    int minor;  // of the request's version: 1.0 is told when the connection stays, 1.1 when it does not
    bool keep_alive;
    const char* type;  // of the content; NULL: there is none
    uint64_t length;   // of the content, also if it is not sent
    time_t modified;   // when the file was; 0: unknown
    struct range range;
    uint64_t file_size;    // for 206 and 416
    const char* location;  // for 301
};

// Writes the head, with the empty line, and returns its size.
size_t response_head(const struct response* response, time_t now, char head[RESPONSE_HEAD_SIZE]);

// "Not Found".
const char* response_reason(int status);

enum { HTTP_DATE_SIZE = 30 };
void http_date(time_t time, char date[HTTP_DATE_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
