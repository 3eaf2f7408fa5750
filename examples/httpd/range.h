// Determines which part of a file a request asks for. Pure function.
#ifndef RANGE_H
#define RANGE_H

#include "http_request.h"

#ifdef __cplusplus
extern "C" {
#endif

struct range {
    uint64_t first;
    uint64_t size;
};

// Parses "bytes=FIRST-LAST", "bytes=FIRST-" or "bytes=-SIZE" for a file of this size. Returns 206: send this part; 416:
// the file has no such part; 200: send the whole file, because the value is not understood or has several ranges.
int range_parse(struct text value, uint64_t file_size, struct range* range);

#ifdef __cplusplus
}
#endif

#endif
