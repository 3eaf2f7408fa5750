// Converts the target of a request to the path of a file below the root, and back. Pure functions.
#ifndef TARGET_H
#define TARGET_H

#include "http_request.h"

#ifdef __cplusplus
extern "C" {
#endif

// The largest sizes of a decoded path and of a target, with the 0 at the end.
enum { PATH_SIZE = 1024, TARGET_SIZE = 1 + 3 * PATH_SIZE };

// Takes a target such as "/a/b%20c?query" or "http://host/a/b%20c?query", and makes the path "a/b c" of it: decoded,
// without the query, without parts that are empty, "." or "..", and without a slash at its front. "" is the root. A
// slash at the end is kept if there is something before it. The path has room for one more slash. Returns 200, or the
// status to answer with: 400 if the target is malformed, has a 0 byte, or leads out of the root; 414 if it is too long.
int target_to_path(struct text target, char path[PATH_SIZE]);

// Encodes a path as a target.
void path_to_target(const char* path, char target[TARGET_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
