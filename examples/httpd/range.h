// Which part of a file a request asks for. Pure.
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

// Parses "bytes=FIRST-LAST", "bytes=FIRST-" or "bytes=-SIZE" for a file of that size. 206: this part; 416: no part of
// the file; 200: the whole file, as for what is not understood, several ranges among it.
int range_parse(struct text value, uint64_t file_size, struct range* range);

#ifdef __cplusplus
}
#endif

#endif
