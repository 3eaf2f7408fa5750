// Determines the type of a file's content from its name. Pure function.
#ifndef CONTENT_TYPE_H
#define CONTENT_TYPE_H

#ifdef __cplusplus
extern "C" {
#endif

// Returns the value for Content-Type; never NULL.
const char* content_type(const char* path);

#ifdef __cplusplus
}
#endif

#endif
