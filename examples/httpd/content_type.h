// Finds the kind of a file's content by its name. Pure.
#ifndef CONTENT_TYPE_H
#define CONTENT_TYPE_H

#ifdef __cplusplus
extern "C" {
#endif

// The value for Content-Type; never NULL.
const char* content_type(const char* path);

#ifdef __cplusplus
}
#endif

#endif
